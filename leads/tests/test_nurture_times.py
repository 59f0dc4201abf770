"""When a step is due: delays, weekdays and hours in the person's zone, on every night of the year (N9)."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.nurture.times import SLACK, allowed, due_after

BRUSSELS, NEW_YORK, CHATHAM = (
    ZoneInfo("Europe/Brussels"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Pacific/Chatham"),
)
ZONES = [
    BRUSSELS,
    NEW_YORK,
    CHATHAM,
    ZoneInfo("UTC"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Africa/Casablanca"),
]


def rule(delay_hours: int = 0, weekdays: str = "", at_time: time | None = None) -> SimpleNamespace:
    return SimpleNamespace(delay_hours=delay_hours, weekdays=weekdays, at_time=at_time)


def due(ended: str, zone: ZoneInfo = BRUSSELS, **said) -> str:
    """From and to local wall time, with the offset that tells the two hours of a long night apart."""
    ended_at = datetime.fromisoformat(ended)
    ended_at = ended_at if ended_at.tzinfo else ended_at.replace(tzinfo=zone)
    return (
        due_after(ended_at=ended_at, rule=rule(**said), zone=zone).astimezone(zone).strftime("%a %d %H:%M %z")
    )


def test_without_day_or_hour_it_is_the_delay_and_nothing_else():
    assert due("2026-11-18 12:34", delay_hours=48) == "Fri 20 12:34 +0100"


def test_an_hour_of_day_is_the_next_one_to_come():
    assert due("2026-11-18 08:00", at_time=time(9)) == "Wed 18 09:00 +0100"
    assert due("2026-11-18 09:00", at_time=time(9)) == "Wed 18 09:00 +0100"
    assert due("2026-11-18 09:01", at_time=time(9)) == "Thu 19 09:00 +0100"


def test_the_weekend_is_passed_over_and_the_hour_of_day_stays():
    assert due("2026-11-21 14:20", weekdays="12345") == "Mon 23 14:20 +0100"
    assert due("2026-11-20 18:00", weekdays="12345", at_time=time(9)) == "Mon 23 09:00 +0100"


def test_the_only_day_is_today_but_its_hour_has_passed():
    assert due("2026-11-18 10:00", weekdays="3", at_time=time(9)) == "Wed 25 09:00 +0100"


def test_a_day_later_at_nine_is_tomorrow_though_the_mail_left_after_nine():
    assert due("2026-11-18 09:00:07", delay_hours=24, at_time=time(9)) == "Thu 19 09:00 +0100"
    assert due("2026-11-18 14:59", delay_hours=24, at_time=time(9)) == "Thu 19 09:00 +0100"
    assert due("2026-11-18 15:01", delay_hours=24, at_time=time(9)) == "Fri 20 09:00 +0100"


def test_an_hour_that_the_clocks_leave_out_comes_once_at_the_first_moment_after_it():
    assert due("2026-03-28 12:00", at_time=time(2, 30)) == "Sun 29 03:30 +0200"
    assert due("2026-03-29 03:30:01", at_time=time(2, 30)) == "Mon 30 02:30 +0200"


def test_an_hour_that_comes_twice_is_the_first_and_not_again():
    assert due("2026-10-24 12:00", at_time=time(2, 30)) == "Sun 25 02:30 +0200"
    assert due("2026-10-25 02:30:01+02:00", at_time=time(2, 30)) == "Mon 26 02:30 +0100"
    assert due("2026-10-25 02:30+01:00", at_time=time(2, 30)) == "Mon 26 02:30 +0100"


def test_a_day_later_at_nine_is_tomorrow_over_the_short_and_the_long_night():
    assert due("2026-03-28 09:00", delay_hours=24, at_time=time(9)) == "Sun 29 09:00 +0200"
    assert due("2026-10-24 09:00", delay_hours=24, at_time=time(9)) == "Sun 25 09:00 +0100"


def test_leap_day_and_year_end_are_days_like_others():
    assert due("2028-02-28 20:00", at_time=time(9)) == "Tue 29 09:00 +0100"
    assert due("2028-02-29 09:00", delay_hours=24, at_time=time(9)) == "Wed 01 09:00 +0100"
    assert due("2026-12-31 20:00", weekdays="5", at_time=time(0)) == "Fri 01 00:00 +0100"


def test_the_same_moment_is_another_hour_elsewhere():
    noon = "2026-11-18 12:00+00:00"
    assert due(noon, NEW_YORK, at_time=time(9)) == "Wed 18 09:00 -0500"
    assert due(noon, CHATHAM, at_time=time(9)) == "Thu 19 09:00 +1345"


moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
weekdays = st.sets(st.sampled_from("1234567")).map(lambda days: "".join(sorted(days)))
hours = st.none() | st.times().map(lambda hour: hour.replace(microsecond=0))


@given(moments, st.integers(0, 400), weekdays, hours, st.sampled_from(ZONES))
def test_it_is_never_early_never_a_week_late_and_always_on_an_allowed_day(ended_at, delay, days, hour, zone):
    at = due_after(ended_at=ended_at, rule=rule(delay, days, hour), zone=zone)
    slack = SLACK if hour and delay >= 24 else timedelta()
    earliest = ended_at + timedelta(hours=delay) - slack
    assert earliest <= at <= earliest + timedelta(days=8)
    assert allowed(at.astimezone(zone).date(), days)


@given(moments, st.times().map(lambda hour: hour.replace(microsecond=0)), st.sampled_from(ZONES))
def test_every_local_day_has_the_hour_exactly_once(start, hour, zone):
    """Day after day, each from the moment before: no day without, none with two."""
    seen = []
    at = start
    for _ in range(5):
        at = due_after(ended_at=at + timedelta(seconds=1), rule=rule(at_time=hour), zone=zone)
        seen.append(at.astimezone(zone).date())
    assert [day - seen[0] for day in seen] == [timedelta(days=one) for one in range(5)]


@pytest.mark.parametrize("days", ["", "1", "67", "1234567"])
def test_a_day_is_allowed_by_its_number(days):
    monday = datetime(2026, 11, 16, tzinfo=UTC).date()
    assert [allowed(monday + timedelta(days=one), days) for one in range(7)] == [
        not days or str(one + 1) in days for one in range(7)
    ]
