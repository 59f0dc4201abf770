"""Which leads are learned from and which are tried on. Pure, and the same for the same leads."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

FOLDS = 5
NEWER = 0.3  # of the leads, for the trial in time

Parts = tuple[list[int], list[int]]


def folds_of(won: Sequence[bool], *, number: int = FOLDS) -> Iterator[Parts]:
    """Places to learn from and places to try on: every place is tried once, both outcomes spread evenly."""
    draw = random.Random(20)
    fold = [0] * len(won)
    begin = 0
    for outcome in (True, False):
        places = [place for place, one in enumerate(won) if one == outcome]
        draw.shuffle(places)
        for turn, place in enumerate(places):
            fold[place] = (begin + turn) % number
        begin += len(places)
    for one in range(number):
        yield (
            [place for place, of in enumerate(fold) if of != one],
            [place for place, of in enumerate(fold) if of == one],
        )


def in_time(won: Sequence[bool]) -> Parts | None:
    """The older leads and the newer ones; None where one part lacks an outcome."""
    cut = len(won) - max(1, round(len(won) * NEWER))
    if len({*won[:cut]}) < 2 or len({*won[cut:]}) < 2:
        return None
    return list(range(cut)), list(range(cut, len(won)))
