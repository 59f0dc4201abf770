"""Many people begin at once: the same people whom the gate would take one by one, in one statement a time."""

from datetime import time
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Sequence
from leads.models import Enrolment, Entry, Lead, LeadStatus, Person
from leads.nurture.enrolment import enrol, enrol_many, exit_enrolments
from leads.sending.gate import audience_refuses
from leads.tests.walk_world import DAY, HOUR, WEDNESDAY, a_path

pytestmark = pytest.mark.django_db
NOON = WEDNESDAY


def people(number: int, **said) -> None:
    rows = [Person(email=f"p{one}@x.example", email_key=f"p{one}@x.example", **said) for one in range(number)]
    Lead.objects.bulk_create(Lead(person=person) for person in Person.objects.bulk_create(rows))


def all_on(sequence: Sequence, at=NOON, **more) -> int:
    return enrol_many(people=Person.objects.all(), sequence=sequence, at=at, entry=Entry.SEGMENT, **more)


def test_everybody_begins_once_with_the_row_that_enrolling_one_makes():
    path = a_path(("mail", {"delay_hours": 5}))
    people(3)
    alone = enrol(person=Person.objects.first(), sequence=path, at=NOON, entry=Entry.SEGMENT)
    assert (all_on(path), all_on(path)) == (2, 0)
    rows = Enrolment.objects.exclude(pk=alone.pk)
    for field in Enrolment._meta.concrete_fields:
        if field.name not in ("id", "person"):
            assert {getattr(row, field.attname) for row in rows} == {getattr(alone, field.attname)}


@pytest.mark.parametrize("audience", Sequence.Audience.values)
def test_it_takes_whom_the_gate_takes(audience):
    path = a_path("mail", audience=audience)
    for number, (status, with_sales) in enumerate(product([None, *LeadStatus.values], [False, True])):
        person = Person.objects.create(email_key=f"p{number}@x.example", sales_open=with_sales)
        if status:
            Lead.objects.create(person=person, status=status)
    Person.objects.create(email_key="gone@x.example", erased_at=NOON, sales_open=audience == "prospects")
    all_on(path)
    statuses = dict(Lead.objects.values_list("person_id", "status"))
    fit = {
        person.pk
        for person in Person.objects.filter(erased_at=None)
        if not audience_refuses(path, person, statuses.get(person.pk))
    }
    assert fit
    assert set(Enrolment.objects.values_list("person_id", flat=True)) == fit


def test_who_walked_it_before_begins_the_next_round():
    path = a_path("mail")
    people(2)
    first = Person.objects.first()
    for _ in range(2):
        enrol(person=first, sequence=path, at=NOON)
        exit_enrolments(person=first, reason="reply", at=NOON)
    assert all_on(path) == 2
    assert sorted(Enrolment.objects.filter(state="active").values_list("round", flat=True)) == [1, 3]


def test_the_time_is_worked_out_once_a_zone_and_written_by_one_statement_each():
    path = a_path(("mail", {"at_time": time(9)}))
    people(5, time_zone="America/New_York")
    Person.objects.filter(pk__in=Person.objects.values("pk")[:2]).update(time_zone="Europe/Brussels")
    Person.objects.create(email_key="n@x.example", time_zone="no/zone")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert all_on(path) == 5
    inserts = [one["sql"] for one in asked if "INSERT" in one["sql"]]
    assert len(inserts) == 2
    due = {row.person.time_zone: row.due_at.isoformat() for row in Enrolment.objects.select_related("person")}
    assert due == {
        "America/New_York": "2026-11-18T14:00:00+00:00",
        "Europe/Brussels": "2026-11-19T08:00:00+00:00",
    }


def test_a_mailing_says_itself_when_it_is_due_in_each_zone():
    path = a_path("mail")
    people(2, time_zone="Asia/Tokyo")
    Person.objects.filter(pk=Person.objects.first().pk).update(time_zone="")
    hours = {"Asia/Tokyo": HOUR}
    assert all_on(path, due_in_zone=lambda zone: NOON + hours.get(zone.key, DAY)) == 2
    assert set(Enrolment.objects.values_list("due_at", flat=True)) == {NOON + HOUR, NOON + DAY}


@pytest.mark.parametrize("state", ["draft", "ended"])
def test_a_sequence_that_is_not_open_takes_nobody(state):
    path = a_path("mail", state=state)
    people(1)
    assert (all_on(path), Enrolment.objects.count()) == (0, 0)
