"""One press keeps the call, what was learnt, the meeting, the verdict and the next step, or nothing of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.errors import Refused
from prospects import follow_ups
from prospects.calls import calling
from prospects.models import BantAnswer, Call, FollowUp, Meeting, Prospect
from prospects.tests.conftest import GOOD_CARD, TUESDAY, later, make_cold, make_inbound, make_person, reason

pytestmark = pytest.mark.django_db

KEY = "3a7f0a3e-9f3a-4a54-8a53-1b2c3d4e5f61"
NEXT = {"kind": "call", "due_at": later(days=2), "text": "After the budget round"}
MEETING = {"starts_at": later(days=3), "minutes": 45, "place": "Hall 4"}


def finish(prospect: Prospect, by: Any, **more: Any) -> Call:
    return calling.finish_call(
        **({"prospect": prospect, "outcome": "conversation", "by": by, "at": TUESDAY} | more)
    )


def test_call_answers_verdict_and_next_step_go_in_by_one_press(inbound: Prospect, sam: Any) -> None:
    finish(inbound, sam, bant=GOOD_CARD, verdict="sales_qualified", follow_up=NEXT)
    inbound.refresh_from_db()
    assert (inbound.stage.slug, inbound.verdict, inbound.sales_qualified_at) == (
        "sales_qualified",
        "accepted",
        TUESDAY,
    )
    assert inbound.follow_ups.get(done_at=None).due_at == NEXT["due_at"]


def test_where_a_fact_is_missing_nothing_is_kept(inbound: Prospect, sam: Any) -> None:
    with pytest.raises(Refused) as no:
        finish(inbound, sam, bant={"need": {"state": "confirmed"}}, verdict="sales_qualified", follow_up=NEXT)
    assert no.value.missing
    assert not Call.objects.exists() and not BantAnswer.objects.exists() and not FollowUp.objects.exists()
    inbound.refresh_from_db()
    assert inbound.verdict == ""


def test_a_conversation_asks_for_what_comes_next(inbound: Prospect, sam: Any) -> None:
    with pytest.raises(Refused, match="Plan a step or a meeting that lies ahead, or end the cycle"):
        finish(inbound, sam, verdict="accept")
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "way",
    [{"follow_up": NEXT}, {"meeting": MEETING}, {"reason": "no-budget"}, {"outcome": "no_answer"}],
    ids=["a step", "a meeting", "an end", "the rule of tries"],
)
def test_each_of_these_is_an_answer_to_what_comes_next(
    inbound: Prospect, sam: Any, way: dict[str, Any]
) -> None:
    chosen = reason(way["reason"]) if "reason" in way else None
    finish(inbound, sam, **(way | {"reason": chosen}))
    assert not Prospect.objects.without_next_step(TUESDAY).exists()


def test_a_promise_that_lies_ahead_already_is_enough(accepted: Prospect, sam: Any) -> None:
    follow_ups.plan_follow_up(prospect=accepted, kind="mail", due_at=later(days=3), by=sam, at=TUESDAY)
    assert finish(accepted, sam).pk


def test_a_meeting_agreed_on_hangs_on_its_call(accepted: Prospect, sam: Any) -> None:
    call = finish(accepted, sam, meeting=MEETING)
    meeting = Meeting.objects.get()
    assert (meeting.call, meeting.at, meeting.place) == (call, MEETING["starts_at"], "Hall 4")


def test_a_reason_ends_the_cycle_with_the_words_of_the_call(inbound: Prospect, sam: Any) -> None:
    finish(inbound, sam, note="Nothing before 2028.", reason=reason("no-budget"))
    inbound.refresh_from_db()
    assert (inbound.verdict, inbound.stage.slug) == ("rejected", "returned")
    assert inbound.moves.order_by("-pk")[0].why == "Nothing before 2028."


def test_not_now_comes_back_on_its_day(inbound: Prospect, sam: Any) -> None:
    day = later(days=60).date()
    with pytest.raises(Refused, match="which day"):
        finish(inbound, sam, reason=reason("not-now"))
    finish(inbound, sam, reason=reason("not-now"), return_on=day)
    inbound.refresh_from_db()
    assert inbound.return_on == day


def test_a_second_press_finds_all_done(inbound: Prospect, sam: Any) -> None:
    once = {"bant": GOOD_CARD, "verdict": "sales_qualified", "meeting": MEETING, "submit_key": KEY}
    first = finish(inbound, sam, **once)
    assert finish(Prospect.objects.get(pk=inbound.pk), sam, **once) == first
    assert (Call.objects.count(), Meeting.objects.count(), inbound.moves.count()) == (1, 1, 3)


def test_a_key_of_another_persons_form_is_no_answer(accepted: Prospect, sam: Any) -> None:
    finish(accepted, sam, follow_up=NEXT, submit_key=KEY)
    with pytest.raises(Refused, match="somebody else"):
        finish(make_inbound(sam), sam, follow_up=NEXT, submit_key=KEY)


def test_a_verdict_that_was_given_meanwhile_stops_no_call(accepted: Prospect, sam: Any) -> None:
    assert finish(accepted, sam, verdict="accept", follow_up=NEXT).pk


def test_a_verdict_and_a_reason_at_once_are_refused(inbound: Prospect, sam: Any) -> None:
    with pytest.raises(Refused, match="not both"):
        finish(inbound, sam, verdict="accept", reason=reason("no-budget"))


def test_a_cold_contact_is_qualified_on_the_call(sam: Any) -> None:
    cold = make_cold(sam)
    finish(cold, sam, bant=GOOD_CARD, verdict="sales_qualified", follow_up=NEXT)
    cold.refresh_from_db()
    assert (cold.stage.slug, cold.marketing_qualified_at) == ("sales_qualified", None)


def test_ringing_outside_the_hours_by_choice_is_noted_on_the_call(sam: Any) -> None:
    prospect = make_inbound(sam, make_person(time_zone="Asia/Tokyo"))
    night = datetime(2026, 3, 3, 22, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    call = finish(prospect, sam, at=night, follow_up=NEXT, note="She was up.", anyway=True)
    assert call.note == (
        "She was up.\nRung outside the calling hours, by choice: It is 22:10 there, from 8:00."
    )
    assert finish(prospect, sam, follow_up=NEXT, note="By day.", anyway=True).note == "By day."


def test_a_stranger_finishes_nobodys_call(inbound: Prospect, maya: Any, nora: Any, sara: Any) -> None:
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            finish(inbound, stranger, follow_up=NEXT)
    assert not Call.objects.exists()
