"""Where nobody was reached the next try is planned by rule; after five tries the end is offered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from prospects import activity, follow_ups, tries
from prospects.models import FollowUp, Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_person, talk

pytestmark = pytest.mark.django_db


def ring(
    prospect: Prospect, by: Any, at: datetime, outcome: str = "no_answer", **more: Any
) -> FollowUp | None:
    activity.log_call(prospect=prospect, outcome=outcome, by=by, at=at, **more)
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


def test_after_five_tries_in_two_weeks_the_form_offers_no_response(accepted: Prospect, sam: Any) -> None:
    for hour in range(5):
        assert not tries.used_up(accepted, later(hours=hour))
        step = ring(accepted, sam, later(hours=hour))
    assert tries.used_up(accepted, later(hours=5))
    assert (step.kind, step.text) == (
        "other",
        "5 tries without an answer: return to nurture, or try another way",
    )


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
