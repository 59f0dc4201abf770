"""How good chances are: how well they tell won from not won, and how far each can be taken at its word. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """Leads with a chance from `lower` to below `upper`: how many, the sum of their chances, how many were won."""

    lower: float
    upper: float
    leads: int
    expected: float
    won: int


def auc(scores: Sequence[float], won: Sequence[bool]) -> float:
    """Of all pairs of a won and another lead, the share in which the won one scores higher; a tie counts half.

    Needs both outcomes.
    """
    order = sorted(range(len(scores)), key=scores.__getitem__)
    number, ranks, first = len(order), 0.0, 0
    while first < number:
        after = first + 1
        while after < number and scores[order[after]] == scores[order[first]]:
            after += 1
        winners = sum(won[place] for place in order[first:after])
        ranks += winners * (first + 1 + after) / 2
        first = after
    good = sum(won)
    return (ranks - good * (good + 1) / 2) / (good * (number - good))


def reliability(chances: Sequence[float], won: Sequence[bool]) -> list[Reliability]:
    """Ten bins of equal width; empty ones are left out."""
    places: list[list[int]] = [[] for _ in range(BINS)]
    for place, chance in enumerate(chances):
        places[min(BINS - 1, int(chance * BINS))].append(place)
    return [
        Reliability(
            number / BINS,
            (number + 1) / BINS,
            len(inside),
            sum(chances[place] for place in inside),
            sum(won[place] for place in inside),
        )
        for number, inside in enumerate(places)
        if inside
    ]


def calibration_error(bins: Sequence[Reliability]) -> float:
    """The mean distance between expected and won share, each bin by its leads."""
    return sum(abs(one.expected - one.won) for one in bins) / sum(one.leads for one in bins)
