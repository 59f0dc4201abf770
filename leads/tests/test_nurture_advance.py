"""The job that lets people walk on: questions, wordings, days and hours, and what holds it up or does not."""

from datetime import time
from unittest.mock import patch

import pytest

from campaigns.models import Channel, Persona, PublishedStep, Sequence, StepTest
from leads.models import Enrolment, Fact, Lead, Message, Person, TouchKind, WorkRequest
from leads.nurture import one_by_one
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.tests.mail_world import a_reader
from leads.tests.walk_world import (
    DAY,
    HOUR,
    WEDNESDAY,
    a_path,
    a_round,
    fresh,
    held_for_good,
    mails,
    sent,
    words_of,
)
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
NOON = WEDNESDAY


def on(sequence: Sequence, email: str = "piet@maasland.example", at=NOON, **said) -> Enrolment:
    row = enrol(person=a_reader(email, **said), sequence=sequence, at=at)
    assert row is not None
    return row


def acts(row: Enrolment, kind: str, at=NOON + HOUR) -> None:
    record_touch(person=row.person, kind=kind, at=at, channel=Channel.objects.get(slug="email"))


def test_a_branch_goes_by_what_the_person_did():
    path = a_path(
        "mail",
        ("branch", {"looks_at": "download", "delay_hours": 24, "otherwise_position": 4}),
        "mail",
        "mail",
    )
    reader, other = on(path), on(path, "b@maasland.example")
    a_round(NOON)
    acts(reader, TouchKind.DOWNLOAD)
    advance(at=NOON + DAY)
    assert mails()[2:] == [(reader.pk, 3), (other.pk, 4)]
    assert (fresh(reader).went_first_way, fresh(other).went_first_way) == (4, 0)


def test_a_wait_ends_as_soon_as_it_happens_or_when_its_limit_is_over():
    path = a_path(
        ("wait_for", {"looks_at": "form", "limit_hours": 48, "otherwise_position": 3}), "mail", "mail"
    )
    reader, other = on(path), on(path, "b@maasland.example")
    advance(at=NOON)
    assert (fresh(reader).waits_since, fresh(reader).due_at) == (NOON, NOON + HOUR)
    acts(reader, TouchKind.FORM)
    advance(at=NOON + HOUR)
    advance(at=NOON + 47 * HOUR)
    assert mails() == [(reader.pk, 2)]
    advance(at=NOON + 48 * HOUR)
    assert mails() == [(reader.pk, 2), (other.pk, 3)]


def test_a_question_sees_what_the_change_before_it_wrote():
    asks = {"looks_at": "field", "field": "custom_heat", "value": "warm"}
    row = on(a_path(("change", {"field": "custom_heat", "value": "warm"}), ("branch", asks), "mail"))
    assert advance(at=NOON)["changes"] == 1
    assert Fact.objects.get(person=row.person, field="custom_heat").value == "warm"
    assert mails() == [(row.pk, 3)]


def test_a_persona_has_words_of_its_own_and_a_test_halves_the_others():
    path = a_path("mail")
    step = PublishedStep.objects.get()
    engineer = Persona.objects.create(name="Engineers", slug="engineers-only")
    own, second = words_of(step, persona=engineer), words_of(step, variant="b")
    rows = [on(path, f"r{one}@maasland.example") for one in range(12)]
    Lead.objects.filter(person=rows[0].person).update(persona=engineer)
    advance(at=NOON)
    got = dict(Message.objects.values_list("enrolment_id", "words_id"))
    assert got.pop(rows[0].pk) == own.pk
    assert set(got.values()) == {second.pk, step.words.get(persona=None, variant="a").pk}


def test_after_a_test_has_ended_everybody_gets_the_wording_that_was_kept():
    path = a_path("mail")
    step = PublishedStep.objects.get()
    second = words_of(step, variant="b")
    StepTest.objects.create(step=step, kept="b")
    for one in range(5):
        on(path, f"r{one}@maasland.example")
    advance(at=NOON)
    assert set(Message.objects.values_list("words_id", flat=True)) == {second.pk}


def test_a_step_kept_to_nine_o_clock_is_due_at_nine_where_each_person_is():
    path = a_path("mail", ("mail", {"at_time": time(9), "weekdays": "12345"}))
    here = on(path, time_zone="Europe/Brussels")
    there = on(path, "b@maasland.example", time_zone="America/New_York")
    a_round(NOON)
    assert fresh(there).due_at.isoformat() == "2026-11-18T14:00:00+00:00"
    assert fresh(here).due_at.isoformat() == "2026-11-19T08:00:00+00:00"


def test_whoever_moves_to_another_zone_keeps_their_step_and_gets_the_next_by_the_new_clock():
    nine = {"at_time": time(9)}
    path = a_path(("mail", nine), ("mail", nine), ("mail", nine))
    row = on(path, time_zone="Europe/Brussels")
    a_round(NOON + DAY)
    due = fresh(row).due_at
    Person.objects.filter(pk=row.person_id).update(time_zone="Pacific/Auckland")
    a_round(due)
    a_round(due)
    assert mails() == [(row.pk, 1), (row.pk, 2)]
    assert fresh(row).due_at.isoformat() == "2026-11-20T20:00:00+00:00"


def test_a_follow_up_is_asked_once():
    row = on(a_path(("follow_up", {"note": "Call them"}), "mail"))
    assert advance(at=NOON)["follow_ups"] == 1
    Enrolment.objects.filter(pk=row.pk).update(next_position=1, due_at=NOON)  # as if that half were undone
    advance(at=NOON)
    assert WorkRequest.objects.get().note == "Call them"
    assert len(mails()) == 1


def test_people_of_a_paused_sequence_stay_where_they_are_and_go_on_when_it_does():
    row = on(a_path("follow_up", "mail"))
    Sequence.objects.update(state="paused")
    assert not any(advance(at=NOON + DAY).values())
    assert (fresh(row).position, fresh(row).due_at, WorkRequest.objects.count()) == (0, NOON, 0)
    Sequence.objects.update(state="live")
    advance(at=NOON + 2 * DAY)
    assert mails() == [(row.pk, 2)]


def test_people_of_an_ended_sequence_leave_when_they_would_have_gone_on():
    row = on(a_path("follow_up", "mail"))
    Sequence.objects.update(state="ended")
    assert advance(at=NOON)["left"] == 1
    assert (fresh(row).exit_reason, fresh(row).ended_at) == ("the sequence has ended", NOON)
    assert (len(mails()), WorkRequest.objects.count()) == (0, 0)


def test_a_mail_held_for_good_ends_the_walk_and_one_that_is_passed_over_does_not():
    path = a_path("mail", ("mail", {"delay_hours": 24}))
    held, late, sent_one = on(path), on(path, "b@maasland.example"), on(path, "c@maasland.example")
    advance(at=NOON)
    held_for_good(NOON, enrolment=held)
    held_for_good(NOON, reason="too late", enrolment=late)
    sent(NOON)
    counts = advance(at=NOON)
    assert (counts["settled"], counts["left"]) == (3, 1)
    assert [(fresh(row).state, fresh(row).due_at) for row in (held, late, sent_one)] == [
        ("exited", None), ("active", NOON + DAY), ("active", NOON + DAY),
    ]  # fmt: skip


def test_a_walk_that_cannot_go_on_is_put_off_and_holds_up_nobody(caplog):
    path = a_path("wait", "mail", ("mail", {"delay_hours": 1}))
    rows = [on(path, f"r{one}@maasland.example") for one in range(4)]
    Person.objects.filter(pk=rows[1].person_id).update(time_zone="\x01")
    broken = rows[1].person_id
    real = one_by_one.zone_of

    def zone_of(person):
        if person.pk == broken:
            raise ValueError("no such zone")
        return real(person)

    with patch.object(one_by_one, "zone_of", zone_of):
        counts = advance(at=NOON)
    assert (counts["mails"], counts["failed"]) == (3, 1)
    assert (fresh(rows[1]).due_at, fresh(rows[1]).position) == (NOON + HOUR, 0)
    assert "could not go on" in caplog.text
    advance(at=NOON + HOUR)
    assert len(mails()) == 4


def test_every_mail_has_a_message_id_of_its_own_under_our_domain():
    path = a_path("mail")
    for one in range(6):
        on(path, f"r{one}@maasland.example")
    advance(at=NOON)
    ids = set(Message.objects.values_list("message_id", flat=True))
    assert len(ids) == 6
    assert all(one.startswith("<") and one.endswith("@averdahl.example>") and len(one) > 30 for one in ids)


def test_a_mail_row_made_by_the_statement_is_the_row_made_in_python():
    path = a_path("mail", slug="plain")
    one, two = on(path), on(path, "b@maasland.example")
    advance(at=NOON, limit=1)
    with patch("leads.nurture.advance._plain", return_value=[]):
        advance(at=NOON)
    rows = [
        {f.attname: getattr(row, f.attname) for f in Message._meta.concrete_fields}
        for row in Message.objects.order_by("pk")
    ]
    own = ("id", "key", "message_id", "person_id", "enrolment_id")
    first, second = ({name: value for name, value in row.items() if name not in own} for row in rows)
    assert first == second
    assert [row["key"] for row in rows] == [
        f"seq:{walk.pk}:{PublishedStep.objects.get().pk}" for walk in (one, two)
    ]


def test_a_walk_that_cannot_be_settled_is_tried_again_and_holds_up_nobody(caplog):
    path = a_path("mail", ("mail", {"at_time": time(9)}))
    rows = [on(path, f"r{one}@maasland.example") for one in range(3)]
    advance(at=NOON)
    sent(NOON)
    real = one_by_one.zone_of

    def zone_of(person: Person):
        if person.pk == rows[1].person_id:
            raise ValueError("no such zone")
        return real(person)

    with patch.object(one_by_one, "zone_of", zone_of):
        assert advance(at=NOON)["failed"] == 1
    assert [fresh(row).position for row in rows] == [1, 0, 1]
    advance(at=NOON + HOUR)
    assert [fresh(row).position for row in rows] == [1, 1, 1]
    assert fresh(rows[1]).due_at == fresh(rows[0]).due_at
