"""The clock of the first answer counts working minutes: Monday to Friday, nine to five, in one zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospects.clocks.clock import DAY, add_working_minutes, on_working_day, working_minutes

ZURICH = ZoneInfo("Europe/Zurich")
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZURICH)  # the 2nd is a Monday


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (local(3, 10), 15, local(3, 10, 15)),
        (local(3, 16, 50), 15, local(4, 9, 5)),
        (local(6, 16), DAY, local(9, 16)),
        (local(7, 12), 15, local(9, 9, 15)),
        (local(3, 3), 60, local(3, 10)),
        (local(3, 9), DAY, local(3, 17)),
        (local(27, 16, 30), 60, local(30, 9, 30)),  # summer time begins on the 29th
    ],
)
def test_the_deadline_skips_nights_and_weekends(start: datetime, minutes: int, due: datetime) -> None:
    assert add_working_minutes(start, minutes, ZURICH) == due


def test_minutes_between_count_only_open_hours() -> None:
    assert working_minutes(local(6, 16, 30), local(9, 9, 45), ZURICH) == 75
    assert working_minutes(local(7, 10), local(8, 20), ZURICH) == 0
    assert working_minutes(local(3, 11), local(3, 10), ZURICH) == 0


@given(moments, st.integers(1, 5000))
def test_adding_and_counting_agree(start: datetime, minutes: int) -> None:
    due = add_working_minutes(start, minutes, ZURICH)
    assert working_minutes(start, due, ZURICH) == minutes
    assert due.weekday() < 5


@given(moments, st.integers(1, 4))
def test_a_later_working_day_lies_ahead_within_working_hours(start: datetime, days: int) -> None:
    due = on_working_day(start, days, ZURICH)
    assert due.weekday() < 5 and 9 <= due.hour < 17
    assert timedelta(0) < due - start < timedelta(days=days + 4)
