"""Days off entered later move the clocks that run; who has waited too long has waited."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from prospects.clocks.days_off import delete_time_off, save_time_off
from prospects.models import Absence, Holiday, Notice, Prospect, Rep
from prospects.tests.conftest import TUESDAY, later, make_inbound, talk

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 3)
TOMORROW = TODAY + timedelta(days=1)


def due(prospect: Prospect) -> Any:
    prospect.refresh_from_db()
    return prospect.answer_by


def clock(owner: Any, **delta: float) -> Prospect:
    prospect = make_inbound(owner)
    Prospect.objects.filter(pk=prospect.pk).update(answer_by=later(**delta))
    return prospect


def test_an_absence_entered_later_moves_the_running_clocks_of_that_rep(sam: Any, sara: Any) -> None:
    mine, hers = clock(sam, days=1), clock(sara, days=1)
    away = Absence(user=sam, first_on=TOMORROW, last_on=TOMORROW)
    assert save_time_off(row=away, by=sara, at=TUESDAY) == 1
    assert (due(mine), due(hers)) == (later(days=2), later(days=1))
    told = Notice.objects.exclude(kind="assigned").get()
    assert (told.user, told.prospect, "1 prospect" in told.text) == (sam, None, True)


def test_taken_away_again_the_clock_is_as_it_was(sam: Any, sara: Any) -> None:
    mine = clock(sam, days=1)
    away = Absence(user=sam, first_on=TOMORROW, last_on=TOMORROW)
    save_time_off(row=away, by=sara, at=TUESDAY)
    assert delete_time_off(row=away, by=sara, at=later(minutes=1)) == 1
    assert due(mine) == later(days=1)


def test_a_shorter_absence_lets_the_clock_come_forward_but_not_before_now(sam: Any) -> None:
    mine = clock(sam, minutes=30)
    away = Absence(user=sam, first_on=TODAY, last_on=TODAY + timedelta(days=7))
    save_time_off(row=away, by=None, at=TUESDAY)
    assert due(mine) > later(days=7)
    away.last_on = TODAY
    save_time_off(row=away, by=None, at=later(minutes=5))
    assert later(hours=12) < due(mine) < later(days=2)


def test_a_holiday_moves_everybodys_and_nobodys_clocks(sam: Any, sara: Any) -> None:
    clocks = [clock(sam, days=1), clock(sara, days=1), clock(None, days=1)]
    assert save_time_off(row=Holiday(on=TOMORROW, name="Fair"), by=None, at=TUESDAY) == 3
    assert {due(one) for one in clocks} == {later(days=2)}


def test_other_working_hours_move_the_clock_too(sam: Any) -> None:
    mine = clock(sam, hours=4)  # 14:00
    rep, _made = Rep.objects.get_or_create(user=sam)
    rep.closes = time(12)
    save_time_off(row=rep, by=None, at=TUESDAY)
    assert due(mine) == later(days=1, hours=1)


def test_broken_answered_and_closed_clocks_stay(sam: Any) -> None:
    broken, answered, closed = clock(sam, hours=-1), clock(sam, days=1), clock(sam, days=1)
    talk(answered, sam)
    Prospect.objects.filter(pk=closed.pk).update(closed_at=TUESDAY)
    before = [due(one) for one in (broken, answered, closed)]
    assert save_time_off(row=Holiday(on=TOMORROW, name="Fair"), by=None, at=TUESDAY) == 0
    assert [due(one) for one in (broken, answered, closed)] == before
    assert not Notice.objects.exclude(kind="assigned").exists()


def test_days_off_that_change_nothing_move_nothing(sam: Any) -> None:
    mine = clock(sam, minutes=10)
    assert save_time_off(row=Holiday(on=TOMORROW, name="Fair"), by=None, at=TUESDAY) == 0
    assert due(mine) == later(minutes=10)


def test_the_managers_page_says_how_many_moved(client: Client, sara: Any, sam: Any) -> None:
    mine = make_inbound(sam)
    now = timezone.now()
    Prospect.objects.filter(pk=mine.pk).update(answer_by=now + timedelta(days=30))
    first, last = now.date() + timedelta(days=7), now.date() + timedelta(days=14)
    client.force_login(sara)
    form = {"user": sam.pk, "first_on": first.isoformat(), "last_on": last.isoformat()}
    answer = client.post("/admin/prospects/absence/add/", form, follow=True)
    assert "1 running clock has moved." in answer.content.decode()
    assert due(mine) > now + timedelta(days=30)
