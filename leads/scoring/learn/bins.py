"""Every field in bins, so that each weight is a line a person can read. Pure.

A word has a bin where enough leads have it; the others share "any other". Numbers are cut where equal shares of the
leads lie. Not known is a bin of its own. A bin is what a fit rule can say: the words, or both limits included.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from leads.scoring.matching import number_in

ANY = "*"  # known, but none of the words that have a bin
MOST_WORDS = 24
MOST_CUTS = 12
LONGEST = 120  # characters; a longer answer is prose
NUMBERS = 0.95  # of the known values, for a field to be read as a number
FEW = 100  # one lead in so many is too few for "not known" to be what others are compared with

Value = str | float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Words equal (`*`: any other), a number from–to, or not known."""

    words: str = ""
    minimum: float | None = None
    maximum: float | None = None
    is_missing: bool = False

    @property
    def said(self) -> str:
        """The words as a rule writes them."""
        return f'"{self.words}"' if "," in self.words else self.words


class Binning:
    """The bins of one field, and which one a value falls into. `usual` is the bin that gives 0 points."""

    def __init__(self, bins: Sequence[Bin], *, usual: int, rest: int) -> None:
        self.bins, self.usual = tuple(bins), usual
        self._rest = rest  # where a value goes that no bin takes, and what is not known where that has no bin
        self._words = {one.words: place for place, one in enumerate(bins) if one.words not in ("", ANY)}
        self._any = next((place for place, one in enumerate(bins) if one.words == ANY), rest)
        self._missing = next((place for place, one in enumerate(bins) if one.is_missing), rest)
        limits = [(one.minimum, place) for place, one in enumerate(bins) if _is_number(one)]
        self._limits = [(-math.inf if low is None else low, place) for low, place in limits]
        self._lows = [low for low, _place in self._limits]

    def code(self, value: Value) -> int:
        if self._limits:
            return self._number(value)
        text = plain(value)
        return self._words.get(text, self._any) if text else self._missing

    def _number(self, value: Value) -> int:
        number = number_in(value) if isinstance(value, str) else value
        if number is None:
            return self._missing
        place = self._limits[bisect_right(self._lows, number) - 1][1]
        top = self.bins[place].maximum
        return place if top is None or number <= top else self._rest


def plain(value: Value) -> str:
    """As rules compare it: lower case, single spaces."""
    if value is None:
        return ""
    return " ".join(value.casefold().split()) if isinstance(value, str) else f"{value:.10g}"


def sayable(text: str) -> bool:
    """A rule quotes words with a comma, and takes `*` for any."""
    return '"' not in text and text != ANY and len(text) <= LONGEST


def binning_of(values: Sequence[Value], *, least: int) -> Binning | None:
    """Bins with at least `least` leads each; None where the field does not tell any two leads apart that way."""
    known = [value for value in values if plain(value)]
    missing = len(values) - len(known)
    numbers = [n for value in known if (n := _as_number(value)) is not None]
    if known and len(numbers) >= NUMBERS * len(known) and len(set(numbers)) > MOST_CUTS:
        bins = _cut(numbers, least)
        missing += len(known) - len(numbers)
    else:
        bins = _words(known, least)
    if missing >= max(least, len(values) / FEW) or not bins:
        bins = [Bin(is_missing=True), *bins]
    return _binning(bins, values) if len(bins) > 1 else None


def _binning(bins: list[Bin], values: Sequence[Value]) -> Binning:
    """No points where it is not known, for a rule cannot say that; else for the commonest bin, with the few unknown."""
    if bins[0].is_missing:
        return Binning(bins, usual=0, rest=0)
    first = Binning(bins, usual=0, rest=0)
    counts = Counter(first.code(value) for value in values if plain(value))
    usual = min(counts, key=lambda place: (-counts[place], place))
    return Binning(bins, usual=usual, rest=usual)


def _words(known: Sequence[Value], least: int) -> list[Bin]:
    counts = Counter(plain(value) for value in known)
    ranked = sorted((text for text in counts if sayable(text)), key=lambda text: (-counts[text], text))
    chosen = [text for text in ranked[:MOST_WORDS] if counts[text] >= least]
    others = len(known) - sum(counts[text] for text in chosen)
    bins = [Bin(words=text) for text in chosen]
    if others >= least:
        bins.append(Bin(words=ANY))
    return bins


def _cut(numbers: Sequence[float], least: int) -> list[Bin]:
    """Bins of equal shares; a number that many leads have is in one bin. Limits have two decimals at most."""
    ranked = sorted(numbers)
    whole = all(number == int(number) for number in ranked)
    share = max(least, math.ceil(len(ranked) / MOST_CUTS))
    cuts: list[float] = []
    begins = 0
    for place in range(1, len(ranked)):
        low = ranked[place] if whole else math.floor(ranked[place] * 100) / 100
        new = ranked[place] != ranked[place - 1] and low > ranked[place - 1]
        if new and place - begins >= share and len(ranked) - place >= max(least, share / 2):
            cuts.append(low)
            begins = place
    step = 1.0 if whole else 0.01
    tops = [round(cut - step, 2) for cut in cuts]
    limits = zip([None, *cuts], [*tops, None], strict=True)
    return [Bin(minimum=low, maximum=top) for low, top in limits] if cuts else []


def _as_number(value: Value) -> float | None:
    """A number said as one, not a text with a number in it; `51–200` has one, at its beginning."""
    if not isinstance(value, str):
        return value
    return number_in(value) if value.lstrip()[:1].isdigit() else None


def _is_number(one: Bin) -> bool:
    return one.minimum is not None or one.maximum is not None
