"""My week: from Monday to now, each number by its own rule."""

from datetime import time
from typing import Any

import pytest

from prospects import meetings, pipeline
from prospects.calls import log
from prospects.day.week import week
from prospects.models import Absence, Rep
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, reason, talk

pytestmark = pytest.mark.django_db


def test_calls_and_conversations_of_this_week_only(sam: Any, sara: Any) -> None:
    prospect = make_cold(sam)
    talk(prospect, sam, at=later(days=-7))
    talk(prospect, sam)
    log.log_call(prospect=prospect, outcome="no_answer", by=sam, at=later(hours=1))
    talk(prospect, sara)
    mine = week(sam, later(hours=2))
    assert (mine.calls, mine.conversations, mine.conversation_share) == (2, 1, 50)


def test_answered_in_time_counts_clocks_that_are_over(sam: Any) -> None:
    in_time, too_late, missed, running = (make_inbound(sam) for _ in range(4))
    type(running).objects.filter(pk=running.pk).update(answer_by=later(days=1))
    talk(in_time, sam, at=later(minutes=10))
    talk(too_late, sam, at=later(minutes=40))
    mine = week(sam, later(hours=1))
    assert (mine.answered, mine.answerable, missed.answer_by) == (1, 3, later(minutes=15))
    assert mine.first_touch == 25


def test_verdicts_and_what_came_of_them(sam: Any) -> None:
    for slug in (None, None, "student"):
        prospect = make_inbound(sam)
        if slug:
            pipeline.reject(prospect=prospect, reason=reason(slug), by=sam, at=TUESDAY)
        else:
            pipeline.accept(prospect=prospect, by=sam, at=TUESDAY)
    qualified = make_inbound(sam)
    talk(qualified, sam)
    pipeline.move(prospect=qualified, to="sales_qualified", by=sam, at=TUESDAY)
    mine = week(sam, later(hours=1))
    assert (mine.accepted, mine.verdicts, mine.acceptance_share, mine.sales_qualified) == (3, 4, 75, 1)


def test_meetings_count_once_they_were_held(sam: Any) -> None:
    prospect = make_cold(sam)
    for outcome in ("held", "no_show"):
        meeting = meetings.book_meeting(prospect=prospect, starts_at=TUESDAY, by=sam, at=TUESDAY)
        meetings.close_meeting(meeting=meeting, outcome=outcome, by=sam, at=TUESDAY)
    assert week(sam, later(hours=1)).meetings_held == 1


def test_a_quiet_week_has_no_shares(sam: Any) -> None:
    mine = week(sam, TUESDAY)
    assert (mine.conversation_share, mine.acceptance_share, mine.first_touch) == (None, None, None)


def test_the_first_touch_is_counted_in_the_hours_of_the_rep(sam: Any) -> None:
    Rep.objects.update_or_create(user=sam, defaults={"opens": time(9), "closes": time(12)})
    talk(make_inbound(sam), sam, at=later(days=1))
    assert week(sam, later(days=1, hours=1)).first_touch == 180
    Absence.objects.create(user=sam, first_on=later(days=1).date(), last_on=later(days=1).date())
    assert week(sam, later(days=1, hours=1)).first_touch == 120
