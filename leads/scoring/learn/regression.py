"""Logistic regression with an L2 penalty over rows of bins, in plain Python. Pure; the same input, the same weights.

Every row falls into one bin of each field, so a row is a tuple of bins. Bins that most rows share cost nothing: a
row names only the bins in which it differs from the commonest of the field.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul

STEPS = 200
MEMORY = 12  # pairs of steps that stand for the curvature
CLOSE = 1e-5  # the largest slope left, per row


@dataclass(frozen=True, slots=True)
class Fitted:
    """log(chance / (1 - chance)) = intercept + the weight of the row's bin in each field."""

    intercept: float
    weights: tuple[tuple[float, ...], ...]  # field → bin → weight
    steps: int


def chance(logit: float) -> float:
    """0 … 1, without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    small = math.exp(logit)
    return small / (1.0 + small)


def fit(
    codes: Sequence[Sequence[int]], sizes: Sequence[int], won: Sequence[bool], *, penalty: float
) -> Fitted:
    """`codes`: field → row → bin; `sizes`: bins of each field; `penalty`: λ of ½·λ·Σ weight², the intercept left out.

    Converges from zero weights by L-BFGS with a line search; there is one optimum. Needs both outcomes.
    """
    rows = _Rows(codes, sizes, won, penalty)
    place = rows.start()
    value, slope = rows.look(place)
    steps: deque[tuple[list[float], list[float], float]] = deque(maxlen=MEMORY)
    done = 0
    while done < STEPS and max(map(abs, slope)) > CLOSE * len(won):
        way = _downhill(slope, steps, rows.curvature)
        length, falls = 1.0, _dot(way, slope)
        while True:
            there = [x + length * d for x, d in zip(place, way, strict=True)]
            new_value, new_slope = rows.look(there)
            if new_value <= value + 1e-4 * length * falls or length < 1e-8:
                break
            length /= 2
        moved = [a - b for a, b in zip(there, place, strict=True)]
        bent = [a - b for a, b in zip(new_slope, slope, strict=True)]
        if (curved := _dot(moved, bent)) > 1e-12:
            steps.append((moved, bent, curved))
        place, value, slope, done = there, new_value, new_slope, done + 1
    return Fitted(place[0], rows.by_field(place), done)


class _Rows:
    """The loss and its slope at a place: place[0] is the intercept, then the bins of field after field."""

    def __init__(
        self, codes: Sequence[Sequence[int]], sizes: Sequence[int], won: Sequence[bool], penalty: float
    ) -> None:
        self._sizes, self._penalty, self._number = sizes, penalty, len(won)
        self._starts = [1, *accumulate(sizes, initial=1)][1:-1]
        self._usual = [start + _commonest(codes[f], sizes[f]) for f, start in enumerate(self._starts)]
        self._members: list[list[int]] = [[] for _ in range(1 + sum(sizes))]
        listed: list[list[int]] = [[] for _ in won]
        for start, usual, column in zip(self._starts, self._usual, codes, strict=True):
            for row, code in enumerate(column):
                if (bin_at := start + code) != usual:
                    self._members[bin_at].append(row)
                    listed[row].append(bin_at)
        self._listed = [tuple(bins) for bins in listed]
        self._won = [float(one) for one in won]
        self._signs = [1.0 if one else -1.0 for one in won]
        share = sum(self._won) / self._number
        self._begin = math.log(share / (1 - share))
        spread = share * (1 - share)
        counts = self._sums([1.0] * self._number)
        self.curvature = [spread * self._number, *(spread * n + penalty for n in counts[1:])]

    def start(self) -> list[float]:
        return [self._begin, *([0.0] * sum(self._sizes))]

    def by_field(self, place: Sequence[float]) -> tuple[tuple[float, ...], ...]:
        return tuple(
            tuple(place[start : start + size]) for start, size in zip(self._starts, self._sizes, strict=True)
        )

    def look(self, place: Sequence[float]) -> tuple[float, list[float]]:
        """The loss (negative log-likelihood plus penalty) and its slope."""
        beside = list(place)  # each bin's weight beyond that of its field's commonest bin
        for start, size, usual in zip(self._starts, self._sizes, self._usual, strict=True):
            for at in range(start, start + size):
                beside[at] = place[at] - place[usual]
        base = place[0] + sum(place[usual] for usual in self._usual)
        weight = beside.__getitem__
        logits = [base + sum(map(weight, bins)) for bins in self._listed]
        loss = sum(map(_loss, map(mul, logits, self._signs)))
        sums = self._sums([chance(z) - y for z, y in zip(logits, self._won, strict=True)])
        loss += 0.5 * self._penalty * sum(w * w for w in place[1:])
        slope = [sums[0], *(s + self._penalty * w for s, w in zip(sums[1:], place[1:], strict=True))]
        return loss, slope

    def _sums(self, values: Sequence[float]) -> list[float]:
        """Σ of the rows' values for the intercept and for each bin."""
        value = values.__getitem__
        whole = sum(values)
        sums = [whole, *(sum(map(value, rows)) for rows in self._members[1:])]
        for start, size, usual in zip(self._starts, self._sizes, self._usual, strict=True):
            sums[usual] = whole - sum(sums[start : start + size])
        return sums


def _loss(margin: float) -> float:
    """log(1 + e^-margin)"""
    return math.log1p(math.exp(-margin)) if margin > -30 else -margin


def _commonest(column: Sequence[int], size: int) -> int:
    counts = [0] * size
    for code in column:
        counts[code] += 1
    return counts.index(max(counts))


def _downhill(
    slope: Sequence[float],
    steps: Sequence[tuple[list[float], list[float], float]],
    curvature: Sequence[float],
) -> list[float]:
    """The way down by the two-loop recursion, the bins' own curvature as the first guess."""
    way = [-s for s in slope]
    shares = []
    for moved, bent, curved in reversed(steps):
        share = _dot(moved, way) / curved
        shares.append(share)
        way = [w - share * b for w, b in zip(way, bent, strict=True)]
    way = [w / c for w, c in zip(way, curvature, strict=True)]
    for (moved, bent, curved), share in zip(steps, reversed(shares), strict=True):
        back = share - _dot(bent, way) / curved
        way = [w + back * m for w, m in zip(way, moved, strict=True)]
    return way


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(map(mul, a, b))
