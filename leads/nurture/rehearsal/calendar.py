"""Mails an hour as rows of days: how the load is drawn."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

LEVELS = 5
MOST_DAYS = 92  # rows; a longer sequence is cut, and the page says so


@dataclass(frozen=True)
class Hour:
    """A cell. `level` 0 (nothing) to 5 (the busiest hour of all); `over`: more than the server may send."""

    hour: int
    mails: int
    level: int
    over: bool


@dataclass(frozen=True)
class Day:
    """A row. `before`: days without any mail since the row above."""

    day: date
    hours: list[Hour]
    mails: int
    before: int


def calendar_of(load: Mapping[str, int], over: Collection[str] = ()) -> list[Day]:
    """`load`: ``2026-11-25T09`` → mails. Days without mail are left out and counted."""
    top = max(load.values(), default=0)
    days = sorted({key[:10] for key in load})[:MOST_DAYS]
    rows: list[Day] = []
    for text in days:
        hours = [_hour(f"{text}T{hour:02}", hour, load, top, over) for hour in range(24)]
        day = date.fromisoformat(text)
        before = (day - rows[-1].day).days - 1 if rows else 0
        rows.append(Day(day, hours, sum(hour.mails for hour in hours), before))
    return rows


def _hour(key: str, hour: int, load: Mapping[str, int], top: int, over: Collection[str]) -> Hour:
    mails = load.get(key, 0)
    return Hour(hour, mails, level_of(mails, top), key in over)


def level_of(mails: int, top: int) -> int:
    """0 for nothing, else 1 to `LEVELS`, by the root of the share: one great hour must not flatten all others."""
    return max(1, round(LEVELS * math.sqrt(mails / top))) if mails else 0


def days_left_out(load: Mapping[str, int]) -> int:
    """Days with mail that have no row."""
    return max(0, len({key[:10] for key in load}) - MOST_DAYS)


@dataclass(frozen=True)
class HourBar:
    """One hour of a small strip of 24."""

    x: int
    y: float
    tall: float
    mails: int


@dataclass(frozen=True)
class Strip:
    """Mails by the hour of day, drawn 120 by 26. `says` is the same in words."""

    bars: list[HourBar]
    says: str


STRIP = 24  # units high


def strip_of(hours: Sequence[int]) -> Strip:
    """`hours`: mails of 0 to 23 o'clock."""
    top = max(hours, default=0) or 1
    bars = [_strip_bar(hour, mails, top) for hour, mails in enumerate(hours)]
    said = [f"{hour:02}:00 {mails}" for hour, mails in enumerate(hours) if mails]
    return Strip(bars, ", ".join(said))


def _strip_bar(hour: int, mails: int, top: int) -> HourBar:
    tall = max(3.0, round(STRIP * mails / top, 1)) if mails else 1.0
    return HourBar(hour * 5, round(STRIP + 1 - tall, 1), tall, mails)
