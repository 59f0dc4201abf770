"""The stored row of a lead by sums, and when its grade may change by itself. Pure.

Kept apart from the receipts: the row comes from sums to a fixed reference time, as a set-based statement would
make it, the receipts decay line by line. Tests hold the two equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from leads.scoring.days import local_midnight, midnight_from, next_midnight, next_new_year
from leads.scoring.graduation import again_from
from leads.scoring.matching import FactsSeen, fit_value
from leads.scoring.points import DAY, OPEN, Counted, Rules, TouchSeen, counted_touches, grade, shown, tenth

LONG_AGO = -500.0  # half-lives: nothing is left of a point, and no arithmetic runs out of digits
SOME_DAY = 36_500  # days: nobody waits for it
SMALL = 32_000  # the columns are small integers; rules this wild are refused when a model is published


@dataclass(frozen=True, slots=True)
class Score:
    """The columns of LeadScore. e1…e3: points of all counted touches, carried to the model's reference time."""

    fit: int
    e1: float
    e2: float
    e3: float
    engagement: int
    grade: str
    total: Decimal
    next_check_at: datetime | None


# Of somebody who objected to being scored (GDPR art. 21): nothing is added up, and nothing will change by itself.
UNSCORED = Score(
    fit=0, e1=0.0, e2=0.0, e3=0.0, engagement=0, grade="", total=Decimal(0), next_check_at=None
)  # fmt: skip


def score(touches: Sequence[TouchSeen], facts: FactsSeen, rules: Rules, at: datetime) -> Score:
    """The row at `at`: touches up to the last local midnight decayed to it, today's with full points."""
    midnight = local_midnight(at, rules.zone)
    counted = [one for one in counted_touches(touches, rules, at) if not one.note]
    before = carried((one for one in counted if one.touch.at < midnight), rules)
    today = [one for one in counted if one.touch.at >= midnight]
    e1, e2, e3 = (old + new for old, new in zip(before, carried(today, rules), strict=True))
    open_end = standing(before, midnight, rules) + sum(one.rule.points for one in today)
    engagement = min(open_end, float(rules.engagement_ceiling))
    fit = min(_fit(facts, rules, at), rules.fit_ceiling)
    return Score(
        fit=small(fit),
        e1=e1,
        e2=e2,
        e3=e3,
        engagement=small(shown(engagement)),
        grade=grade(fit, engagement, rules),
        total=tenth(small(fit) + max(-SMALL, min(SMALL, engagement))),
        next_check_at=next_check(counted, touches, facts, rules, at, shown(engagement)),
    )


def carried(counted: Iterable[Counted], rules: Rules) -> list[float]:
    """Σ points · 2^((touch − reference) / half-life) for each half-life of the model."""
    sums = [0.0, 0.0, 0.0]
    for one in counted:
        place = one.rule.half_life
        age = (one.touch.at - rules.reference_at).total_seconds()
        sums[place] += one.rule.points * _power(age / (rules.half_lives[place] * DAY))
    return sums


def carrying(at: datetime, rules: Rules, place: int) -> float:
    """What a point given at `at` adds to the sum of a half-life."""
    age = (at - rules.reference_at).total_seconds()
    return _power(max(age / (rules.half_lives[place] * DAY), LONG_AGO))


def standing(sums: Sequence[float], at: datetime, rules: Rules) -> float:
    """What carried sums are worth at `at`."""
    age = (at - rules.reference_at).total_seconds()
    return sum(
        value * _power(-age / (half_life * DAY))
        for value, half_life in zip(sums, rules.half_lives, strict=True)
    )


def next_check(
    counted: Sequence[Counted],
    touches: Sequence[TouchSeen],
    facts: FactsSeen,
    rules: Rules,
    at: datetime,
    engagement: int,
) -> datetime | None:
    """No grade changes by itself before this instant; None: never. It may be early, it is never late."""
    moments = [touch.at for touch in touches if touch.at > at and touch.kind != OPEN]
    if facts.founded_year is not None and any(rule.field == "company_age" for rule in rules.fit):
        moments.append(next_new_year(at, rules.zone))
    by_decay = _decay_check(counted, rules, at, engagement)
    return min([*moments, *([by_decay] if by_decay else [])], default=None)


def _decay_check(counted: Sequence[Counted], rules: Rules, at: datetime, engagement: int) -> datetime | None:
    """Gains and losses fade apart: the sum falls no faster than its gains, and rises no faster than its losses."""
    first = next_midnight(at, rules.zone)
    gains = standing(carried((one for one in counted if one.rule.points > 0), rules), first, rules)
    losses = -standing(carried((one for one in counted if one.rule.points < 0), rules), first, rules)
    then = shown(min(gains - losses, rules.engagement_ceiling))
    below = _bounds_reached(then, rules)
    if below != _bounds_reached(engagement, rules):
        return first
    days = [
        days
        for bound in bounds_of(rules)
        if (days := _fall(gains, losses, bound) if bound in below else _rise(gains, losses, bound))
        is not None
    ]
    if not days:
        return None
    soonest = min(days) * min(rules.half_lives)
    if soonest > SOME_DAY:
        return None
    instant = first + timedelta(days=max(0.0, soonest)) - timedelta(minutes=1)
    return max(next_midnight(first, rules.zone), midnight_from(instant, rules.zone))


def bounds_of(rules: Rules) -> tuple[int, ...]:
    """Where something happens: a digit changes, or a lead that sales gave back may qualify again."""
    return (*rules.engagement_from, again_from(rules))


def _bounds_reached(engagement: int, rules: Rules) -> set[int]:
    return {bound for bound in bounds_of(rules) if engagement >= bound}


def _fall(gains: float, losses: float, bound: int) -> float | None:
    """Half-lives until the sum can be under `bound` as shown, at the earliest; None: never."""
    least = bound - 0.5 + losses
    return math.log2(gains / least) if least > 0 and gains > 0 else None


def _rise(gains: float, losses: float, bound: int) -> float | None:
    """Half-lives until the sum can reach `bound` as shown, at the earliest; None: never."""
    room = gains - (bound - 0.5 - 1e-6)
    return math.log2(losses / room) if room > 0 and losses > 0 else None


def _fit(facts: FactsSeen, rules: Rules, at: datetime) -> int:
    year = at.astimezone(rules.zone).year
    return sum(rule.points for rule in rules.fit if fit_value(rule, facts, year) is not None)


def small(points: int) -> int:
    return max(-SMALL, min(SMALL, points))


def _power(exponent: float) -> float:
    return 2.0 ** min(exponent, 1000.0)
