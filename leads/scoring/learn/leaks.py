"""Fields that are not learned from: those that give the outcome away, and those that say nothing. Pure.

What sales or another system wrote when the outcome was known already ("will revert", "worst", "closed by …") tells it
far better than anything known beforehand. A field is named where it alone, tried on leads it was not counted from,
tells won from not won so well that chance cannot explain it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leads.models.learned import LeftOut
from leads.scoring.learn.bins import Value, binning_of, plain
from leads.scoring.learn.examples import Column, Examples
from leads.scoring.learn.figures import auc
from leads.scoring.learn.folds import folds_of

# Measured: honest fields of a real export alone reach 0.76, what was written afterwards 0.80 and 0.92.
TELLS = 0.77
ERRORS = 2  # standard errors by which the area must lie above it
DISTINCT = 0.5  # of the known values
SMOOTH = 5  # leads of the mean rate that every bin is given

Why = LeftOut.Why


@dataclass(frozen=True, slots=True)
class Left:
    column: Column
    why: str
    auc: float | None = None


def left_out(examples: Examples) -> list[Left]:
    """In the order of the columns. Needs at least two leads of each outcome."""
    found = (_judge(column, examples) for column in examples.columns)
    return [one for one in found if one is not None]


def _judge(column: Column, examples: Examples) -> Left | None:
    if binning_of(column.values, least=examples.least()) is None:
        return Left(column, Why.NAMES if _are_names(column.values) else Why.SAME)
    area = alone(column, examples)
    good = sum(examples.won)
    if area - ERRORS * standard_error(area, good, len(examples) - good) > TELLS:
        return Left(column, Why.TELLS, round(area, 4))
    return None


def alone(column: Column, examples: Examples) -> float:
    """The area under the curve of this field alone: each lead by the share won among the others of its bin."""
    rates = [0.0] * len(examples)
    for train, test in folds_of(examples.won):
        values = [column.values[place] for place in train]
        won = [examples.won[place] for place in train]
        binning = binning_of(values, least=examples.least())
        mean = sum(won) / len(won)
        sums: dict[int, tuple[float, float]] = {}
        for value, one in zip(values, won, strict=True):
            code = binning.code(value) if binning else 0
            leads, good = sums.get(code, (SMOOTH, SMOOTH * mean))
            sums[code] = (leads + 1, good + one)
        for place in test:
            leads, good = sums.get(binning.code(column.values[place]) if binning else 0, (1, mean))
            rates[place] = good / leads
    return auc(rates, examples.won)


def standard_error(area: float, good: int, bad: int) -> float:
    """Of an area under the curve (Hanley and McNeil 1982)."""
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (good - 1) * (one - area * area) + (bad - 1) * (two - area * area)
    return math.sqrt(max(0.0, variance) / (good * bad))


def _are_names(values: Sequence[Value]) -> bool:
    known = [text for value in values if (text := plain(value))]
    return len(known) > 1 and len(set(known)) > DISTINCT * len(known)
