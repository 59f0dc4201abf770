"""The clock of a first answer runs by the owner's working time; for nobody's prospect by the house's."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospects import pipeline
from prospects.clocks.clock import Hours, add_working_minutes, carry_over, on_working_day, working_minutes
from prospects.clocks.working_time import hours_of, hours_of_all, house_hours
from prospects.models import Absence, Holiday, Prospect, Rep
from prospects.tests.conftest import TUESDAY, make_move, talk

ZURICH = ZoneInfo("Europe/Zurich")
HOUSE = Hours(ZURICH)
MORNINGS = Hours(ZURICH, frozenset({1, 2, 3}), time(8), time(12))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZURICH)  # the 2nd is a Monday


def answer_by(at: datetime, **more: Any) -> datetime:
    return Prospect.objects.get(lead_move=make_move(at=at, **more)).answer_by.astimezone(ZURICH)


def test_days_off_and_half_days_are_skipped() -> None:
    hours = Hours(
        ZURICH, frozenset({1, 2, 3}), time(8), time(12), frozenset({date(2026, 3, 9)}),
        ((date(2026, 3, 4), date(2026, 3, 5)),),
    )  # fmt: skip
    assert add_working_minutes(local(3, 11, 30), 60, hours) == local(10, 8, 30)
    assert working_minutes(local(3, 11, 30), local(10, 8, 30), hours) == 60
    assert on_working_day(local(3, 10), 1, hours) == local(10, 10)


def test_somebody_who_never_works_has_a_clock_that_ends_all_the_same() -> None:
    gone = Hours(ZURICH, absences=((date(2026, 1, 1), date(9999, 12, 31)),))
    assert add_working_minutes(local(3, 10), 15, gone) > local(3, 10)
    assert add_working_minutes(local(3, 10), 15, Hours(ZURICH, frozenset())) > local(3, 10)


def test_what_is_left_goes_on_by_the_hours_of_the_new_owner() -> None:
    due = local(4, 12)
    assert carry_over(due, local(4, 10), HOUSE, HOUSE) == due
    assert carry_over(due, local(4, 10), HOUSE, MORNINGS) == local(4, 12)
    assert carry_over(local(4, 15), local(4, 10), HOUSE, MORNINGS) == local(9, 11)
    assert carry_over(due, local(5, 9), HOUSE, MORNINGS) == due, "a broken clock stays broken"


@given(st.integers(0, 5000), st.integers(1, 480))
def test_moving_there_and_back_leaves_the_clock_as_it_was(start: int, minutes: int) -> None:
    at = local(2, 9) + timedelta(minutes=start)
    due = add_working_minutes(at, minutes, HOUSE)
    there = carry_over(due, at, HOUSE, MORNINGS)
    assert carry_over(there, at, MORNINGS, HOUSE) == due
    assert working_minutes(at, there, MORNINGS) == minutes


@pytest.mark.django_db
def test_a_rep_works_their_own_days_and_others_the_houses(sam: Any, sara: Any) -> None:
    Rep.objects.create(user=sam, working_days="123", opens=time(8), closes=time(12))
    Absence.objects.create(user=sam, first_on=date(2026, 3, 4), last_on=date(2026, 3, 5))
    Holiday.objects.create(on=date(2026, 3, 9), name="A day")
    both = hours_of_all([sam.pk, sara.pk], TUESDAY)
    assert not both[sam.pk].works_on(date(2026, 3, 6)) and both[sara.pk].works_on(date(2026, 3, 6))
    assert not both[sam.pk].works_on(date(2026, 3, 4)) and both[sara.pk].works_on(date(2026, 3, 4))
    assert not both[sara.pk].works_on(date(2026, 3, 9)) and not house_hours(TUESDAY).works_on(
        date(2026, 3, 9)
    )
    assert both[sam.pk] == hours_of(sam, TUESDAY) and hours_of(None, TUESDAY) == house_hours(TUESDAY)


@pytest.mark.django_db
def test_working_hours_are_in_the_reps_own_zone(sam: Any) -> None:
    sam.time_zone = "America/New_York"
    sam.save()
    due = add_working_minutes(TUESDAY, 15, hours_of(sam, TUESDAY))
    assert due.astimezone(ZURICH) == local(3, 15, 15)


@pytest.mark.django_db
@pytest.mark.parametrize("days", ["", "x", "<b>\"'"])
def test_working_days_that_mean_nothing_are_the_usual_ones(days: str, sam: Any) -> None:
    Rep.objects.create(user=sam, working_days=days, opens=time(17), closes=time(9))
    assert hours_of(sam, TUESDAY) == house_hours(TUESDAY)


@pytest.mark.django_db
def test_a_handover_promises_by_the_owners_day(rule: Any, sam: Any) -> None:
    assert answer_by(TUESDAY) == local(3, 10, 15)
    rule(sam)
    Rep.objects.create(user=sam, opens=time(13), closes=time(17))
    assert answer_by(TUESDAY) == local(3, 13, 15)


@pytest.mark.django_db
def test_no_clock_runs_on_a_holiday(rule: Any, sam: Any) -> None:
    rule(sam)
    Holiday.objects.create(on=date(2026, 3, 3), name="A day")
    assert answer_by(TUESDAY) == local(4, 9, 15)


@pytest.mark.django_db
def test_a_new_owner_gets_the_rest_of_the_clock_until_somebody_acted(sam: Any, sara: Any) -> None:
    Rep.objects.create(user=sam, opens=time(13), closes=time(17))
    prospect = Prospect.objects.get(lead_move=make_move())
    at = TUESDAY + timedelta(minutes=5)
    pipeline.assign(prospect=prospect, owner=sam, by=sara, at=at)
    assert prospect.answer_by.astimezone(ZURICH) == local(3, 13, 10)
    talk(prospect, sam, at=at)
    prospect.refresh_from_db()
    pipeline.assign(prospect=prospect, owner=sara, by=sara, at=at)
    prospect.refresh_from_db()
    assert prospect.answer_by.astimezone(ZURICH) == local(3, 13, 10)
