"""A call goes in by one form: outcome, what was learnt, what comes next."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from prospects import follow_ups, meetings, notes
from prospects.calls import log
from prospects.models import Call, FollowUp, Prospect
from prospects.qualification import card
from prospects.tests.conftest import TUESDAY, later, make_inbound, talk

pytestmark = pytest.mark.django_db

KEY = "3a7f0a3e-9f3a-4a54-8a53-1b2c3d4e5f60"


def test_one_form_keeps_call_answers_and_next_step(accepted: Prospect, sam: Any) -> None:
    learnt = {
        "budget": {"state": "claimed", "quote": "About thirty", "amount": Decimal(30000), "currency": "CHF"},
        "timing": {"state": "confirmed", "quote": "Before the audit", "on": date(2026, 6, 1)},
    }
    next_step = {"kind": "call", "due_at": later(days=2), "text": "After the budget round"}
    call = talk(accepted, sam, bant=learnt, follow_up=next_step, minutes=12, note="They scrap a lot.")
    answers = card(accepted)
    assert (answers["budget"].amount, answers["timing"].on, answers["timing"].call) == (
        30000,
        date(2026, 6, 1),
        call,
    )
    promised = FollowUp.objects.get(done_at=None)
    assert (promised.text, promised.owner, promised.created_by) == ("After the budget round", sam, sam)


def test_a_call_stops_the_clock_once_and_is_no_verdict(inbound: Prospect, sam: Any) -> None:
    talk(inbound, sam, at=later(minutes=10))
    talk(inbound, sam, at=later(minutes=30))
    inbound.refresh_from_db()
    assert inbound.first_acted_at == later(minutes=10)
    assert (inbound.verdict, inbound.stage.slug) == ("", "to_contact")


def test_a_form_sent_twice_is_one_call(accepted: Prospect, sam: Any) -> None:
    first, second = (talk(accepted, sam, submit_key=KEY) for _ in range(2))
    assert first == second
    assert Call.objects.count() == 1 and accepted.bant.count() == 3


def test_calls_due_are_ticked_off_and_later_ones_stay(accepted: Prospect, sam: Any) -> None:
    for due in (later(hours=2), later(days=5)):
        follow_ups.plan_follow_up(prospect=accepted, kind="call", due_at=due, by=sam, at=TUESDAY)
    talk(accepted, sam)
    assert [row.due_at for row in FollowUp.objects.filter(done_at=None)] == [later(days=5)]


def test_do_not_call_ends_the_cycle_and_suppresses(accepted: Prospect, sam: Any) -> None:
    log.log_call(prospect=accepted, outcome="do_not_call", note="Never again", by=sam, at=TUESDAY)
    accepted.refresh_from_db()
    assert (accepted.stage.slug, accepted.reason.slug) == ("disqualified", "do-not-contact")
    assert accepted.person.suppressions.get().reason == "sales"


def test_a_closed_cycle_gives_the_words_back(accepted: Prospect, sam: Any) -> None:
    log.log_call(prospect=accepted, outcome="do_not_call", by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="closed"):
        talk(accepted, sam)
    assert notes.write(prospect=accepted, text="They rang us.", by=sam, at=TUESDAY).pk


def test_an_outcome_outside_the_list_is_refused(accepted: Prospect, sam: Any) -> None:
    with pytest.raises(Refused):
        log.log_call(prospect=accepted, outcome="fine", by=sam, at=TUESDAY)


def test_only_the_owner_or_a_manager_logs_calls(sam: Any, sara: Any, maya: Any, nora: Any) -> None:
    prospect = make_inbound(sam)
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            talk(prospect, stranger)
    assert not Call.objects.exists() and talk(prospect, sara).by == sara


def test_promises_and_notes_survive_a_second_press(accepted: Prospect, sam: Any) -> None:
    for _ in range(2):
        follow_ups.plan_follow_up(
            prospect=accepted, kind="mail", due_at=later(days=1), by=sam, at=TUESDAY, submit_key=KEY
        )
        notes.write(prospect=accepted, text="Likes bikes", by=sam, at=TUESDAY, submit_key=KEY)
    assert accepted.follow_ups.count() == 1 and accepted.notes.count() == 1


def test_a_promise_is_kept_once(accepted: Prospect, sam: Any, sara: Any) -> None:
    promise = follow_ups.plan_follow_up(
        prospect=accepted, kind="mail", due_at=later(days=1), by=sam, at=TUESDAY
    )
    follow_ups.finish_follow_up(follow_up=promise, by=sam, at=TUESDAY)
    follow_ups.finish_follow_up(follow_up=promise, by=sara, at=later(hours=1))
    assert (promise.done_by, promise.done_at) == (sam, TUESDAY)


def test_a_meeting_ends_once_and_a_second_press_books_nothing(accepted: Prospect, sam: Any) -> None:
    meeting, twin = (
        meetings.book_meeting(prospect=accepted, starts_at=later(days=1), by=sam, at=TUESDAY, submit_key=KEY)
        for _ in range(2)
    )
    assert meeting == twin
    meetings.close_meeting(meeting=meeting, outcome="no_show", by=sam, at=later(days=1))
    with pytest.raises(Conflict, match="no-show"):
        meetings.close_meeting(meeting=meeting, outcome="held", by=sam, at=later(days=1))
