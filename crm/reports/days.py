"""Durations: medians, and medians that reckon with those who are still under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median


def days_between(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 86400


def median_days(values: Sequence[float]) -> float | None:
    """The middle of `values`, or None of none."""
    return median(values) if values else None


def step_days(times: Sequence[datetime | None]) -> list[float | None]:
    """Days that each step took since the last step before it that has a date; None where a date is missing.

    A step dated before the one it follows gives None too: it says nothing about how long the step takes.
    """
    result: list[float | None] = []
    last: datetime | None = None
    for time in times:
        known = last is not None and time is not None and time >= last
        result.append(days_between(last, time) if known else None)  # type: ignore[arg-type]
        last = time if time is not None else last
    return result


def through_by(part: float, *, done: Iterable[float], running: Iterable[float]) -> float | None:
    """Days after which `part` (0…1) of a group is through, by Kaplan and Meier's estimate.

    `done` holds the days of those who are through, `running` how long the others have been under way. None while
    the estimate has not come down to `1 − part`: too few are through to say.
    """
    events = sorted([(days, 0) for days in done] + [(days, 1) for days in running])
    at_risk, staying = len(events), 1.0
    for days, still_running in events:
        if not still_running:
            staying *= 1 - 1 / at_risk
            if staying <= 1 - part + 1e-12:
                return days
        at_risk -= 1
    return None
