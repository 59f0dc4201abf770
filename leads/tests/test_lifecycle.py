"""The life of a lead: one table of moves, one history (RELIABILITY S1, S2)."""

import pytest

from campaigns.errors import Conflict, Refused
from leads import lifecycle
from leads.models import Lead, LeadMove, LeadStatus, Person
from leads.nurture.enrolment import enrol
from leads.signals import lead_qualified
from leads.tests.builders import NOON, a_lead, a_sequence
from leads.transitions import ALLOWED, move

pytestmark = pytest.mark.django_db


def test_a_lead_is_made_once():
    lead = a_lead()
    assert lifecycle.make_lead(person=lead.person, at=NOON, way="capture") == lead
    assert LeadMove.objects.count() == 1


def test_qualifying_writes_history_and_tells_sales_once():
    heard = []
    lead_qualified.connect(lambda **kwargs: heard.append(kwargs["move_id"]), weak=False, dispatch_uid="test")
    try:
        row = lifecycle.qualify(lead=a_lead(), way="inquiry", at=NOON, why="demo")
    finally:
        lead_qualified.disconnect(dispatch_uid="test")
    lead = Lead.objects.get()
    assert (lead.status, lead.marketing_qualified_at, heard) == ("marketing_qualified", NOON, [row.pk])


def test_the_loser_of_a_race_is_told_how_it_stands():
    lead = a_lead()
    stale = Lead.objects.get(pk=lead.pk)
    lifecycle.disqualify(person=lead.person, at=NOON, why="student")
    with pytest.raises(Conflict) as lost:
        move(lead=stale, new=LeadStatus.NURTURING, way="staff", at=NOON)
    assert lost.value.now == "disqualified"


@pytest.mark.parametrize("old", LeadStatus.values)
@pytest.mark.parametrize("new", LeadStatus.values)
def test_only_the_moves_of_the_table_are_possible(old, new):
    lead = a_lead()
    Lead.objects.filter(pk=lead.pk).update(status=old)
    lead.refresh_from_db()
    if new in ALLOWED[old]:
        move(lead=lead, new=new, way="staff", at=NOON)
    else:
        with pytest.raises(Refused):
            move(lead=lead, new=new, way="staff", at=NOON)
    lead.refresh_from_db()
    assert lead.status == (new if new in ALLOWED[old] else old)


def test_somebody_sales_works_with_is_not_qualified_again():
    lead = a_lead()
    Person.objects.filter(pk=lead.person_id).update(sales_open=True)
    with pytest.raises(Refused):
        lifecycle.qualify(lead=lead, way="grade", at=NOON)


def test_an_excluded_lead_is_not_qualified():
    lead = a_lead()
    Lead.objects.filter(pk=lead.pk).update(exclusion="competitor")
    with pytest.raises(Refused):
        lifecycle.qualify(lead=lead, way="inquiry", at=NOON)


def test_qualifying_ends_the_nurture():
    lead = a_lead()
    enrolment = enrol(person=lead.person, sequence=a_sequence(), at=NOON)
    lifecycle.qualify(lead=lead, way="inquiry", at=NOON)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.exit_reason) == ("exited", "handed over")


def test_a_return_keeps_the_date_of_the_first_qualification():
    lead = a_lead()
    lifecycle.qualify(lead=lead, way="inquiry", at=NOON)
    lifecycle.return_to_nurture(person=lead.person, at=NOON, reason_name="Not now", why="budget in May")
    lead.refresh_from_db()
    assert (lead.status, lead.marketing_qualified_at) == ("nurturing", NOON)
    assert LeadMove.objects.last().why == "Not now: budget in May"


def test_a_lead_in_nurture_that_sales_gives_back_keeps_the_day_of_the_return():
    lead = a_lead()
    lifecycle.start_nurture(lead=lead, at=NOON)
    for _ in range(2):
        lifecycle.return_to_nurture(person=lead.person, at=NOON, reason_name="No need yet")
    rows = LeadMove.objects.filter(way="sales").values_list("old", "new", "why")
    assert list(rows) == [("nurturing", "nurturing", "No need yet")]


def test_a_cold_contact_who_says_not_now_becomes_a_lead():
    person = Person.objects.create(email_key="cold@x.example")
    lead = lifecycle.return_to_nurture(person=person, at=NOON, reason_name="Not now")
    assert lead.status == "nurturing" and lead.marketing_qualified_at is None


def test_a_customer_who_never_was_a_lead_stays_without_one():
    person = Person.objects.create(email_key="cold@x.example")
    assert lifecycle.become_customer(person=person, at=NOON) is None
    assert not Lead.objects.exists()
