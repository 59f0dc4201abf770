"""Where nobody was reached the next try is planned by rule; after five tries the cycle ends."""

from datetime import UTC, datetime
from typing import Any

import pytest

from prospects import follow_ups
from prospects.calls import calling, log
from prospects.clocks import tries
from prospects.models import FollowUp, Prospect, Reason
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, talk

pytestmark = pytest.mark.django_db


def ring(
    prospect: Prospect, by: Any, at: datetime, outcome: str = "no_answer", **more: Any
) -> FollowUp | None:
    log.log_call(prospect=prospect, outcome=outcome, by=by, at=at, **more)
    return prospect.follow_ups.filter(done_at=None).order_by("-pk").first()


def test_the_tries_get_more_air_between_them(accepted: Prospect, sam: Any) -> None:
    at, due = TUESDAY, []
    for _ in range(4):
        step = ring(accepted, sam, at)
        due.append(step.due_at)
        at = step.due_at
    assert due == [
        datetime(2026, 3, 3, 11, tzinfo=UTC),  # two hours later
        datetime(2026, 3, 4, 11, tzinfo=UTC),  # the next day
        datetime(2026, 3, 6, 11, tzinfo=UTC),  # two working days
        datetime(2026, 3, 11, 11, tzinfo=UTC),  # three, over a weekend
    ]


def test_five_calls_that_the_phone_system_told_end_nothing_but_ask_the_rep(
    accepted: Prospect, sam: Any
) -> None:
    for hour in range(5):
        assert not tries.used_up(accepted, later(hours=hour))
        step = ring(accepted, sam, later(hours=hour))
    assert tries.used_up(accepted, later(hours=5))
    assert (step.kind, step.text) == (
        "other",
        "5 tries without an answer: return to nurture, or try another way",
    )


def tried(prospect: Prospect, by: Any, times: int, **last: Any) -> None:
    """So many calls by the form that reach nobody, an hour between them."""
    for hour in range(times):
        more = last if hour == times - 1 else {}
        calling.finish_call(prospect=prospect, outcome="no_answer", by=by, at=later(hours=hour), **more)
    prospect.refresh_from_db()


def test_the_fifth_try_gives_them_back_to_nurture(accepted: Prospect, sam: Any) -> None:
    tried(accepted, sam, 4)
    assert accepted.is_open
    calling.finish_call(prospect=accepted, outcome="voicemail", note="Fifth", by=sam, at=later(hours=4))
    accepted.refresh_from_db()
    assert (accepted.stage.slug, accepted.reason.slug) == ("returned", "no-response")
    assert accepted.person.lead.status == "nurturing"
    assert not accepted.follow_ups.filter(done_at=None).exists()


def test_an_unjudged_handover_without_response_is_rejected(sam: Any) -> None:
    cycle = make_inbound(sam)
    tried(cycle, sam, 5)
    assert (cycle.stage.slug, cycle.verdict) == ("returned", "rejected")


def test_a_step_that_the_rep_plans_keeps_the_cycle_open(accepted: Prospect, sam: Any) -> None:
    tried(accepted, sam, 5, follow_up={"kind": "social", "due_at": later(days=3), "text": "Another way"})
    assert accepted.is_open


def test_whoever_was_sales_qualified_is_never_given_back_by_rule(accepted: Prospect, sam: Any) -> None:
    Prospect.objects.filter(pk=accepted.pk).update(sales_qualified_at=TUESDAY)
    accepted.refresh_from_db()
    tried(accepted, sam, 5)
    assert accepted.is_open and accepted.follow_ups.get(done_at=None).kind == "other"


def test_without_the_reason_the_rep_is_asked(accepted: Prospect, sam: Any) -> None:
    Reason.objects.filter(slug="no-response").update(archived_at=TUESDAY)
    tried(accepted, sam, 5)
    assert accepted.is_open and "5 tries" in accepted.follow_ups.get(done_at=None).text


def test_a_conversation_starts_the_count_again(accepted: Prospect, sam: Any) -> None:
    for hour in range(4):
        ring(accepted, sam, later(hours=hour))
    talk(accepted, sam, at=later(hours=5))
    ring(accepted, sam, later(hours=6))
    assert tries.count(accepted, later(hours=7)) == 1


def test_tries_of_last_month_do_not_count(accepted: Prospect, sam: Any) -> None:
    ring(accepted, sam, TUESDAY)
    assert tries.count(accepted, later(days=15)) == 0


def test_the_hours_are_those_of_the_person(sam: Any) -> None:
    prospect = make_cold(sam, make_person(time_zone="America/New_York"))
    step = ring(prospect, sam, TUESDAY)  # four in the morning in New York
    assert step.due_at == datetime(2026, 3, 3, 16, tzinfo=UTC)


def test_a_zone_that_does_not_exist_is_ours(sam: Any) -> None:
    assert str(tries.zone_of(make_person(time_zone="Mars/Olympus"))) == "Europe/Zurich"


def test_what_the_rep_plans_comes_before_the_rule(accepted: Prospect, sam: Any) -> None:
    step = ring(accepted, sam, TUESDAY, follow_up={"kind": "mail", "due_at": later(days=3), "text": "Write"})
    assert (step.kind, accepted.follow_ups.filter(done_at=None).count()) == ("mail", 1)


def test_a_promise_that_lies_ahead_is_enough(accepted: Prospect, sam: Any) -> None:
    follow_ups.plan_follow_up(prospect=accepted, kind="mail", due_at=later(days=3), by=sam, at=TUESDAY)
    ring(accepted, sam, TUESDAY)
    assert accepted.follow_ups.filter(done_at=None).count() == 1


def test_a_wrong_number_asks_for_the_right_one(accepted: Prospect, sam: Any) -> None:
    assert ring(accepted, sam, TUESDAY, "wrong_number").text == "Find the right number"


def test_a_conversation_plans_nothing_by_itself(accepted: Prospect, sam: Any) -> None:
    assert ring(accepted, sam, TUESDAY, "conversation") is None
