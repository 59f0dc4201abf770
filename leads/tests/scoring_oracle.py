"""A second opinion on scores, written from docs/scoring.md alone; it shares no code with leads.scoring."""

from __future__ import annotations

import math
from datetime import datetime, time
from zoneinfo import ZoneInfo


def engagement(touches, lines, half_lives, at: datetime, zone: ZoneInfo) -> float:
    """Touches are (number, kind, time); lines are (kind, points, half-life, hours, k, days)."""
    midnight = datetime.combine(at.astimezone(zone).date(), time(0), zone).timestamp()
    sum_of_lines = 0.0
    for kind, points, half_life, hours, most, days in lines:
        cool, full = set(), {}
        for when, _number in sorted(
            (t.timestamp(), n) for n, k, t in touches if k == kind and k != "open" and t <= at
        ):
            if hours and when // (hours * 3600) in cool:
                continue
            cool.add(when // (hours * 3600) if hours else None)
            span = when // (days * 86400) if most else None
            full[span] = full.get(span, 0) + 1
            if most and full[span] > most:
                continue
            age = max(0.0, midnight - when) / 86400
            sum_of_lines += points * 0.5 ** (age / half_lives[half_life])
    return sum_of_lines


def rounded(points: float) -> int:
    return math.floor(round(points, 6) + 0.5)


def mark(points: float, bounds, marks: str) -> str:
    for bound, letter in zip(bounds, marks, strict=False):
        if rounded(points) >= bound:
            return letter
    return marks[-1]
