"""The time of a backtest: local days that make whole weeks, up to the last midnight. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.scoring.days import local_midnight

WEEK = 7  # days


@dataclass(frozen=True, slots=True)
class Span:
    """Day 0 is the one before it begins. `begins` and `ends`: the midnights around each day, seconds since 1970."""

    days: tuple[date, ...]
    begins: tuple[float, ...]
    ends: tuple[float, ...]
    until: datetime

    @property
    def last(self) -> int:
        return len(self.days) - 1

    @property
    def weeks(self) -> int:
        return self.week_of(self.last)

    def known_on(self, at: datetime, recorded_at: datetime) -> int:
        """The first day at whose end both have passed; one more than the last where none has."""
        return self.of_second(max(at, recorded_at).timestamp())

    def of_second(self, second: float) -> int:
        return bisect_right(self.ends, second)

    @staticmethod
    def week_of(day: int) -> int:
        """Days 1 to 7 are week 1; week 0 is how things stood before."""
        return -(-day // WEEK)

    def week_ends(self) -> list[date]:
        """The last day of each week."""
        return list(self.days[::WEEK])


def span_until(until: datetime, *, weeks: int, zone: ZoneInfo) -> Span:
    """The last `weeks` full weeks before `until`."""
    today = local_midnight(until, zone).astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(weeks * WEEK + 1, 0, -1)]
    midnights = [_midnight(day, zone) for day in [*days, today]]
    seconds = tuple(midnight.timestamp() for midnight in midnights)
    return Span(tuple(days), seconds[:-1], seconds[1:], midnights[-1])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
