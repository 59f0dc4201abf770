"""What sales do is heard by sequences: whose prospect somebody is, a meeting, a deal won, a person given back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import Sequence
from leads.models import Enrolment, EntryRule, Person
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_sequence
from prospects.meetings import book_meeting
from prospects.models import Prospect
from prospects.pipeline import assign, lose, reject, win
from prospects.tests.conftest import make_cold, make_inbound, reason

pytestmark = pytest.mark.django_db


def whose(prospect: Prospect) -> Any:
    return Person.objects.get(pk=prospect.person_id).sales_owner


def walking(prospect: Prospect, **columns: Any) -> Enrolment:
    sequence = a_sequence("for-prospects", audience="prospects")
    Sequence.objects.filter(pk=sequence.pk).update(**columns)
    person = Person.objects.get(pk=prospect.person_id)
    row = enrol(person=person, sequence=Sequence.objects.get(pk=sequence.pk), at=NOON)
    assert row is not None
    return row


def how(row: Enrolment) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.exit_reason


def test_whose_prospect_somebody_is_follows_the_owner(sam: Any, sara: Any) -> None:
    prospect = make_cold(sam)
    assert whose(prospect) == sam
    assign(prospect=prospect, owner=sara, by=sara, at=NOON)
    assert whose(prospect) == sara
    reject(prospect=prospect, reason=reason("no-need"), by=sara, at=NOON)
    assert whose(prospect) is None


def test_a_new_owner_ends_no_sequence_for_prospects(sam: Any, sara: Any) -> None:
    prospect = make_cold(sam)
    row = walking(prospect)
    assign(prospect=prospect, owner=sara, by=sara, at=NOON)
    assert how(row) == ("active", "")


def test_a_booked_meeting_ends_what_stops_on_it(accepted: Prospect, sam: Any) -> None:
    row = walking(accepted)
    book_meeting(prospect=accepted, starts_at=NOON, by=sam, at=NOON)
    assert how(row) == ("exited", "a meeting was booked")


def test_a_booked_meeting_is_the_goal(accepted: Prospect, sam: Any) -> None:
    row = walking(accepted, goal="meeting")
    book_meeting(prospect=accepted, starts_at=NOON, by=sam, at=NOON)
    assert how(row) == ("exited", "goal: meeting")


def test_a_won_deal_is_the_goal_before_the_cycle_closes(cold: Prospect, sam: Any, monkeypatch: Any) -> None:
    row = walking(cold, goal="customer")
    monkeypatch.setattr("prospects.pipeline.missing_for", lambda *_args, **_more: [])
    win(prospect=cold, amount=Decimal(10), by=sam, at=NOON)
    assert how(row) == ("exited", "goal: customer")


def test_a_lost_cycle_ends_sequences_for_prospects(accepted: Prospect, sam: Any) -> None:
    row = walking(accepted)
    lose(prospect=accepted, reason=reason("price"), by=sam, at=NOON)
    assert how(row) == ("exited", "no longer with sales")


def test_who_is_given_back_enters_what_takes_such_people(sam: Any) -> None:
    back = a_sequence("welcome-back")
    EntryRule.objects.create(sequence=back, kind="returned")
    prospect = make_inbound(sam)
    reject(prospect=prospect, reason=reason("no-need"), by=sam, at=NOON)
    row = Enrolment.objects.get()
    assert (row.sequence, row.person_id, row.entry) == (back, prospect.person_id, "returned")
