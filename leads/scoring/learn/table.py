"""A table of whole points learned from closed leads. Pure.

The points of a field count from its bin that gives none: not known, else the commonest. So "+22" says how much better
these leads are than those of whom it is not known. Points = weight · `points_per_logit`, rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leads.scoring.learn.bins import Bin, Binning, Value, binning_of
from leads.scoring.learn.examples import Examples
from leads.scoring.learn.regression import chance, fit

PENALTY = 2.0  # measured on 200 and on 6,500 leads: 1 to 5 are as good (docs/learned-points.md)
SPREAD = 100  # points between the weakest and the strongest leads, one in forty at each end left out
FEWEST, MOST = 5.0, 40.0  # points per logit


@dataclass(frozen=True, slots=True)
class Line:
    """One bin of a field: its weight beside the field's usual bin, and how many leads had it."""

    bin: Bin
    weight: float
    points: int
    leads: int
    won: int


@dataclass(frozen=True, slots=True)
class Field:
    field: str
    fact_name: str
    label: str
    binning: Binning
    lines: tuple[Line, ...]

    def points(self, value: Value) -> int:
        return self.lines[self.binning.code(value)].points

    def weight(self, value: Value) -> float:
        return self.lines[self.binning.code(value)].weight


@dataclass(frozen=True, slots=True)
class Table:
    """log(chance / (1 - chance)) = intercept + points / points_per_logit."""

    intercept: float
    points_per_logit: float
    fields: tuple[Field, ...]

    def points_of(self, examples: Examples) -> list[int]:
        """Of each lead. The columns are found by field, fact and label; one that is not there gives no points."""
        sums = [0] * len(examples)
        for field, values in self._columns(examples):
            points = [line.points for line in field.lines]
            sums = [
                sum_ + points[field.binning.code(value)] for sum_, value in zip(sums, values, strict=True)
            ]
        return sums

    def logits_of(self, examples: Examples) -> list[float]:
        """By the weights as they are, before they are rounded to points."""
        sums = [self.intercept] * len(examples)
        for field, values in self._columns(examples):
            sums = [sum_ + field.weight(value) for sum_, value in zip(sums, values, strict=True)]
        return sums

    def chance_at(self, points: float) -> float:
        return chance_at(points, self.intercept, self.points_per_logit)

    def _columns(self, examples: Examples) -> list[tuple[Field, Sequence[Value]]]:
        found = {(one.field, one.fact_name, one.label): one.values for one in examples.columns}
        keys = ((field, (field.field, field.fact_name, field.label)) for field in self.fields)
        return [(field, found[key]) for field, key in keys if key in found]


def chance_at(points: float, intercept: float, points_per_logit: float) -> float:
    """What the points say in words of chance, 0 … 1."""
    return chance(intercept + points / points_per_logit)


def learn(examples: Examples) -> Table:
    """Needs both outcomes. Fields that tell no two leads apart are not in the table."""
    least = examples.least()
    used = [
        (column, binning)
        for column in examples.columns
        if (binning := binning_of(column.values, least=least)) is not None
    ]
    codes = [[binning.code(value) for value in column.values] for column, binning in used]
    fitted = fit(codes, [len(binning.bins) for _, binning in used], examples.won, penalty=PENALTY)
    intercept = fitted.intercept
    beside: list[list[float]] = []
    for weights, (_, binning) in zip(fitted.weights, used, strict=True):
        intercept += weights[binning.usual]
        beside.append([weight - weights[binning.usual] for weight in weights])
    scale = _scale(codes, beside)
    fields = (
        Field(
            column.field,
            column.fact_name,
            column.label,
            binning,
            _lines(binning, weights, code, examples.won, scale),
        )
        for (column, binning), weights, code in zip(used, beside, codes, strict=True)
    )
    return Table(intercept, scale, tuple(fields))


def _scale(codes: Sequence[Sequence[int]], weights: Sequence[Sequence[float]]) -> float:
    """Points per logit, so that nearly all leads lie within `SPREAD` points; to one decimal."""
    if not codes:
        return FEWEST
    sums = sorted(
        map(sum, zip(*[[w[c] for c in code] for w, code in zip(weights, codes, strict=True)], strict=True))
    )
    edge = len(sums) // 40
    spread = sums[-1 - edge] - sums[edge]
    return round(min(MOST, max(FEWEST, SPREAD / spread)), 1) if spread else FEWEST


def _lines(
    binning: Binning, weights: Sequence[float], codes: Sequence[int], won: Sequence[bool], scale: float
) -> tuple[Line, ...]:
    leads, good = [0] * len(weights), [0] * len(weights)
    for code, one in zip(codes, won, strict=True):
        leads[code] += 1
        good[code] += one
    return tuple(
        Line(one, weight, round(weight * scale), number, wins)
        for one, weight, number, wins in zip(binning.bins, weights, leads, good, strict=True)
    )
