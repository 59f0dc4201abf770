"""Working time: whose days and hours count, and how long lies between two instants.

Pure: no database, no "now". Whoever asks hands in the hours (`working_time` beside this reads them for a rep), or just
a zone, which means Monday to Friday, nine to five. A form sent on Friday night is not late on Saturday.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9), time(17)
DAY = 8 * 60  # working minutes
# Working minutes until the first answer; all others have a working day.
INQUIRY_MINUTES, GRADE_A_MINUTES = 15, 60
WEEK = frozenset({1, 2, 3, 4, 5})
FAR = 1000  # days: whoever is away longer than that has no clock to wait for
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Hours:
    """When somebody works: days of the week (1 is Monday), from and until, and the days they are off."""

    zone: tzinfo
    days: frozenset[int] = WEEK
    opens: time = OPENS
    closes: time = CLOSES
    holidays: frozenset[date] = frozenset()
    absences: tuple[tuple[date, date], ...] = field(default=())

    def works_on(self, day: date) -> bool:
        return day.isoweekday() in self.days and day not in self.holidays and not self.away_on(day)

    def away_on(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.absences)


def add_working_minutes(start: datetime, minutes: int, hours: tzinfo | Hours) -> datetime:
    """The instant at which `minutes` of working time have passed since `start`.

    From outside working hours the count begins at the next opening; a day that is used up ends at its closing.
    """
    return _after(start, timedelta(minutes=minutes), _hours(hours))


def working_minutes(start: datetime, end: datetime, hours: tzinfo | Hours) -> int:
    """Whole working minutes between two instants; 0 where `end` is not after `start`."""
    return _between(start, end, _hours(hours)) // _MINUTE


def carry_over(due: datetime, at: datetime, old: Hours, new: Hours) -> datetime:
    """A deadline that moves to somebody else at `at`: what was left of it goes on by the hours of the new one.

    A clock that is broken stays broken: the person has waited, whoever is to answer now.
    """
    left = _between(at, due, old)
    return _after(at, left, new) if due > at else due


def on_working_day(start: datetime, days: int, hours: tzinfo | Hours) -> datetime:
    """The same time of day `days` working days later, kept within working hours."""
    hours = _hours(hours)
    later = [opens for opens, _ in _next_days(start, hours, days)][-1]
    last = (datetime.combine(later.date(), hours.closes) - timedelta(minutes=30)).time()
    wanted = min(max(start.astimezone(hours.zone).time(), hours.opens), last)
    return later.replace(hour=wanted.hour, minute=wanted.minute)


def _after(start: datetime, left: timedelta, hours: Hours) -> datetime:
    for opens, closes in _days(start, hours):
        begins = max(start.astimezone(hours.zone), opens)
        if begins < closes and begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta(0))
    raise AssertionError("working days never end")


def _between(start: datetime, end: datetime, hours: Hours) -> timedelta:
    total = timedelta(0)
    for opens, closes in _days(start, hours):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta(0))
    return total


def _hours(hours: tzinfo | Hours) -> Hours:
    return hours if isinstance(hours, Hours) else Hours(hours)


def _days(start: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing of each working day, from the day of `start` on, without end."""
    day = start.astimezone(hours.zone).date()
    far = day + timedelta(days=FAR)
    while True:
        if hours.works_on(day) or (day > far and day.isoweekday() in WEEK):
            yield (
                datetime.combine(day, hours.opens, hours.zone),
                datetime.combine(day, hours.closes, hours.zone),
            )
        day += timedelta(days=1)


def _next_days(start: datetime, hours: Hours, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The first `days` working days after the day of `start`."""
    tomorrow = datetime.combine(start.astimezone(hours.zone).date() + timedelta(days=1), time(0), hours.zone)
    for _number, span in zip(range(days), _days(tomorrow, hours), strict=False):
        yield span
