"""Each value of a profile among customers beside leads, and values frequent among customers that no line names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.models import IdealValue, Seniority
from leads.ideal.figures import Beside, Share
from leads.ideal.lines import Field, Holds, Wish, in_words, parts_of, rule_of, span
from leads.ideal.people import Kind, Known, Population, population
from leads.scoring.matching import FitRule

MOST_SUGGESTED = 6
FEWEST_WITH_IT = 5  # customers who share a value before it is worth a line
LEAST_SHARE = 0.05
SIZES = ((1, 9), (10, 49), (50, 199), (200, 999), (1000, None))
AGES = ((0, 5), (6, 20), (21, None))


@dataclass(frozen=True)
class ValueShare:
    """One value; `words`, `minimum` and `maximum` are what a line of it would hold."""

    field: str
    said: str
    beside: Beside
    words: str = ""
    minimum: int | None = None
    maximum: int | None = None

    @property
    def heading(self) -> str:
        return str(Field(self.field).label)

    @property
    def as_sent(self) -> str:
        """For the button that makes a line of it: read back by `leads.ideal_forms.suggested`."""
        low, high = ("" if bound is None else str(bound) for bound in (self.minimum, self.maximum))
        return f"{self.field}:{low}:{high}:{self.words}"


@dataclass(frozen=True)
class LineShares:
    heading: str
    wish: str
    values: list[ValueShare]


def shares(lines: Sequence[IdealValue], *, year: int) -> list[LineShares]:
    """For each line its values."""
    return [
        LineShares(
            str(line.get_field_display()),
            str(line.get_wish_display()),
            [ValueShare(line.field, said, _beside(rule, year)) for said, rule in parts_of(line)],
        )
        for line in lines
    ]


def suggestions(lines: Sequence[IdealValue], *, year: int) -> list[ValueShare]:
    """Values more frequent among customers than chance would have it, which no line names; the widest gap first."""
    customers = population(Kind.CUSTOMERS)
    offered = [
        value
        for value in _candidates(lines, customers, year)
        if value.beside.customers.number >= FEWEST_WITH_IT
        and (value.beside.customers.share or 0.0) >= LEAST_SHARE
        and (value.beside.times or 0.0) > 1
        and not value.beside.may_be_chance
    ]
    offered.sort(key=lambda one: (_gap(one.beside), one.said), reverse=True)
    return offered[:MOST_SUGGESTED]


def _gap(beside: Beside) -> float:
    return (beside.customers.share or 0.0) - (beside.leads.share or 0.0)


def _candidates(lines: Sequence[IdealValue], customers: Population, year: int) -> Iterable[ValueShare]:
    for field in (Field.INDUSTRY, Field.COUNTRY):
        for word in _frequent(customers, field):
            yield from _value(lines, field, word, year)
    for level in Seniority.values:
        yield from _value(lines, Field.SENIORITY, level, year)
    asked = {line.field for line in lines if line.wish != Wish.EXCLUDED}
    for field, bins in ((Field.SIZE, SIZES), (Field.AGE, AGES)):
        if field not in asked:  # a line that is there says the span somebody chose
            for low, high in bins:
                rule = FitRule(field=field, minimum=float(low), maximum=None if high is None else float(high))
                yield ValueShare(field, span(low, high), _beside(rule, year), "", low, high)


def _frequent(customers: Population, field: str) -> list[str]:
    """Values that enough customers have; at most one over `LEAST_SHARE` of them, however many there are."""
    place = Known._fields.index(field)
    numbers: Counter[str] = Counter()
    for known, number in customers.by(place):
        numbers[" ".join(str(known[place]).casefold().split())] += number
    del numbers[""]
    least = max(FEWEST_WITH_IT, LEAST_SHARE * numbers.total())
    return sorted(word for word, number in numbers.items() if number >= least)


def _value(lines: Sequence[IdealValue], field: str, word: str, year: int) -> Iterable[ValueShare]:
    named = any(line.field == field and {word, "*"} & set(rule_of(line).words) for line in lines)
    if not named:
        words = f'"{word}"' if "," in word else word
        yield ValueShare(
            field, in_words(field, word), _beside(FitRule(field=field, words=(word,)), year), words
        )


def _beside(rule: FitRule, year: int) -> Beside:
    holds = Holds.of(rule, year)
    return Beside(_share(holds, population(Kind.CUSTOMERS)), _share(holds, population(Kind.LEADS)))


def _share(holds: Holds, there: Population) -> Share:
    """Of those of whom the value is known."""
    number = of = 0
    for known, people in there.by(holds.place):
        answer = holds(known)
        if answer is not None:
            of += people
            number += people if answer else 0
    return Share(number, of)
