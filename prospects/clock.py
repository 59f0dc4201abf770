"""Working time: Monday to Friday, nine to five. Pure: no database, no "now"; the zone is handed in.

The clock of a first answer counts working minutes, so a form sent on Friday night is not late on Saturday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9), time(17)
DAY = 8 * 60  # working minutes
_MINUTE = timedelta(minutes=1)


def add_working_minutes(start: datetime, minutes: int, zone: tzinfo) -> datetime:
    """The instant at which `minutes` of working time have passed since `start`; in `zone`.

    From outside working hours the count begins at the next opening; a day that is used up ends at its closing.
    """
    left = timedelta(minutes=minutes)
    for opens, closes in _days(start, zone):
        begins = max(start.astimezone(zone), opens)
        if begins < closes and begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta(0))
    raise AssertionError("working days never end")


def working_minutes(start: datetime, end: datetime, zone: tzinfo) -> int:
    """Whole working minutes between two instants; 0 where `end` is not after `start`."""
    total = timedelta(0)
    for opens, closes in _days(start, zone):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta(0))
    return total // _MINUTE


def on_working_day(start: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of day `days` working days later, kept within working hours."""
    later = [opens for opens, _ in _next_days(start, zone, days)][-1]
    wanted = min(max(start.astimezone(zone).time(), OPENS), time(16, 30))
    return later.replace(hour=wanted.hour, minute=wanted.minute)


def _days(start: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing of each working day, from the day of `start` on, without end."""
    day = start.astimezone(zone).date()
    while True:
        if day.weekday() < 5:
            yield datetime.combine(day, OPENS, zone), datetime.combine(day, CLOSES, zone)
        day += timedelta(days=1)


def _next_days(start: datetime, zone: tzinfo, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The first `days` working days after the day of `start`."""
    tomorrow = datetime.combine(start.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    for _number, span in zip(range(days), _days(tomorrow, zone), strict=False):
        yield span
