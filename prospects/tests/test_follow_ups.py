"""Promises: put off without touching the clock of the first answer, and red where nothing lies ahead."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import Conflict, Refused
from prospects import follow_ups, meetings
from prospects.day.week import midnight
from prospects.models import FollowUp, Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def promise(accepted: Prospect, sam: Any) -> FollowUp:
    return follow_ups.plan_follow_up(
        prospect=accepted, kind="call", due_at=later(hours=1), by=sam, at=TUESDAY
    )


def red(*, at: Any = TUESDAY) -> list[Prospect]:
    return list(Prospect.objects.without_next_step(at).order_by("pk"))


def test_a_promise_is_put_off_and_that_is_counted(promise: FollowUp, sam: Any) -> None:
    follow_ups.snooze(follow_up=promise, until=later(days=1), by=sam, at=TUESDAY)
    promise.refresh_from_db()
    assert (promise.due_at, promise.snoozed, promise.done_at) == (later(days=1), 1, None)


def test_a_second_press_puts_off_once(promise: FollowUp, sam: Any) -> None:
    for _n in range(2):
        seen = FollowUp.objects.get(pk=promise.pk)
        seen.snoozed = 0
        follow_ups.snooze(follow_up=seen, until=later(days=_n + 1), by=sam, at=TUESDAY)
    promise.refresh_from_db()
    assert (promise.due_at, promise.snoozed) == (later(days=1), 1)


def test_what_was_kept_meanwhile_is_not_put_off(promise: FollowUp, sam: Any) -> None:
    follow_ups.finish_follow_up(follow_up=FollowUp.objects.get(pk=promise.pk), by=sam, at=TUESDAY)
    with pytest.raises(Conflict):
        follow_ups.snooze(follow_up=promise, until=later(days=1), by=sam, at=TUESDAY)


def test_nobody_puts_off_into_the_past_nor_for_a_colleague(promise: FollowUp, sam: Any, sara: Any) -> None:
    with pytest.raises(Refused, match="lies ahead"):
        follow_ups.snooze(follow_up=promise, until=TUESDAY, by=sam, at=TUESDAY)
    Prospect.objects.filter(pk=promise.prospect_id).update(owner=sara)
    with pytest.raises(Refused):
        follow_ups.snooze(follow_up=promise, until=later(days=1), by=sam, at=TUESDAY)
    assert not FollowUp.objects.exclude(snoozed=0).exists()


def test_the_clock_of_the_first_answer_never_moves(inbound: Prospect, sam: Any) -> None:
    before = inbound.answer_by
    asked = follow_ups.plan_follow_up(
        prospect=inbound, kind="answer", due_at=later(minutes=5), by=sam, at=TUESDAY
    )
    follow_ups.snooze(follow_up=asked, until=later(days=7), by=sam, at=TUESDAY)
    inbound.refresh_from_db()
    assert (inbound.answer_by, inbound.first_acted_at) == (before, None)


def test_tomorrow_and_next_week_are_mornings(sam: Any) -> None:
    when = {name: timezone.localtime(moment) for name, moment in follow_ups.moments(TUESDAY).items()}
    assert when["later"] == later(hours=3)
    assert [(when[name].strftime("%a"), when[name].hour) for name in ("tomorrow", "week")] == [
        ("Wed", 9), ("Mon", 9)
    ]  # fmt: skip


def test_red_is_who_has_nothing_ahead(accepted: Prospect, sam: Any) -> None:
    assert red() == [accepted]
    promise = follow_ups.plan_follow_up(
        prospect=accepted, kind="call", due_at=later(hours=1), by=sam, at=TUESDAY
    )
    assert red() == []
    assert red(at=later(hours=2)) == [accepted]  # the promise is overdue: nothing lies ahead
    follow_ups.finish_follow_up(follow_up=promise, by=sam, at=TUESDAY)
    assert red() == [accepted]


def test_a_meeting_ahead_or_a_running_clock_is_no_red(accepted: Prospect, sam: Any) -> None:
    meetings.book_meeting(prospect=accepted, starts_at=later(days=1), by=sam, at=TUESDAY)
    waiting = make_inbound(sam)
    assert red() == []
    assert red(at=later(hours=1)) == [waiting]  # its clock is over


def test_whoever_is_closed_is_never_red(accepted: Prospect, sam: Any) -> None:
    cold = make_cold(sam)
    cold.follow_ups.all().delete()
    assert red() == [accepted, cold]
    Prospect.objects.filter(pk=accepted.pk).update(closed_at=TUESDAY)
    assert red() == [cold]


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def test_the_sheet_puts_off_and_leads_back_to_the_day(rep: Client, promise: FollowUp) -> None:
    address = reverse("staff-snooze", args=[promise.pk])
    assert (
        "comes back" in rep.get(address, {"then": "today"}, headers={"HX-Request": "true"}).content.decode()
    )
    answer = rep.post(address, {"until": "tomorrow", "seen": "0", "then": "today"})
    assert answer["Location"] == reverse("staff-today")
    promise.refresh_from_db()
    days = (timezone.localdate(promise.due_at) - midnight(timezone.now()).date()).days
    assert (days, promise.snoozed) == (1, 1)


def test_a_day_that_is_over_is_refused_beside_the_field(rep: Client, promise: FollowUp) -> None:
    answer = rep.post(reverse("staff-snooze", args=[promise.pk]), {"day": "2020-01-01"})
    assert answer.status_code == 422 and "lies ahead" in answer.content.decode()
    assert rep.post(reverse("staff-snooze", args=[promise.pk]), {}).status_code == 422
    promise.refresh_from_db()
    assert promise.snoozed == 0


def test_only_who_may_see_the_prospect_may_put_off(
    client: Client, promise: FollowUp, sam: Any, sara: Any, vera: Any, maya: Any
) -> None:
    Prospect.objects.filter(pk=promise.prospect_id).update(owner=sara)
    address = reverse("staff-snooze", args=[promise.pk])
    answers = {}
    for who in (sam, sara, vera, maya):
        client.force_login(who)
        answers[who.username] = (client.get(address).status_code, client.post(address, {}).status_code)
    assert answers == {"sam": (404, 404), "sara": (200, 422), "vera": (403, 403), "maya": (403, 403)}


def test_a_step_chosen_by_how_soon(rep: Client, accepted: Prospect, sam: Any) -> None:
    rep.post(reverse("staff-follow-up", args=[accepted.pk]), {"next_kind": "mail", "next_in": "7"})
    step = FollowUp.objects.get(prospect=accepted)
    assert (timezone.localdate(step.due_at) - timezone.localdate()).days == 7
