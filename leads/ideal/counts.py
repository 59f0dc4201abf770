"""Whom a profile fits as it stands: leads, cold contacts and companies, exactly or from a sample with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.models import IdealValue
from leads.ideal.figures import Estimate
from leads.ideal.lines import ABOUT_PEOPLE, Holds, Wish, excluding, of_wish, rule_of
from leads.ideal.people import Kind, Known, Population, population


@dataclass(frozen=True)
class Fitting:
    """`matching` meet all that is required; `unknown` fail nothing, but of them something required is not known.

    `preferred`: how many preferred lines those that match meet on average, of `wishes`. `reasons`: excluded as what.
    """

    kind: Kind
    total: int
    sample: int | None
    matching: Estimate
    unknown: Estimate
    preferred: float | None
    wishes: int
    excluded: Estimate
    reasons: list[tuple[str, Estimate]]


def fitting(lines: Sequence[IdealValue], *, year: int) -> list[Fitting]:
    """For leads, cold contacts and companies. Lines about a role are not asked of companies."""
    about_companies = [line for line in lines if line.field not in ABOUT_PEOPLE]
    return [
        _fitting(kind, about_companies if kind == Kind.COMPANIES else lines, population(kind), year)
        for kind in (Kind.LEADS, Kind.COLD, Kind.COMPANIES)
    ]


def _fitting(kind: Kind, lines: Sequence[IdealValue], there: Population, year: int) -> Fitting:
    required = [Holds.of(rule_of(line), year) for line in of_wish(lines, Wish.REQUIRED)]
    preferred = [Holds.of(rule_of(line), year) for line in of_wish(lines, Wish.PREFERRED)]
    against = [(Holds.of(rule_of(line), year), line.exclusion) for line in excluding(lines)]
    matching = unknown = met = 0
    reasons: Counter[str] = Counter()
    for known, number in there.groups.items():
        if reason := _excluded_as(known, against):
            reasons[reason] += number
        fits = _fits(known, required)
        if fits:
            matching += number
            met += number * sum(holds(known) is True for holds in preferred)
        elif fits is None:
            unknown += number
    read = there.read
    words = dict(IdealValue.Exclusion.choices)
    return Fitting(
        kind=kind,
        total=there.total,
        sample=read if there.is_sample else None,
        matching=Estimate.of(matching, read, there.total),
        unknown=Estimate.of(unknown, read, there.total),
        preferred=met / matching if matching and preferred else None,
        wishes=len(preferred),
        excluded=Estimate.of(sum(reasons.values()), read, there.total),
        reasons=[
            (str(words.get(reason, reason)), Estimate.of(number, read, there.total))
            for reason, number in reasons.most_common()
        ],
    )


def _fits(known: Known, required: Sequence[Holds]) -> bool | None:
    """None: nothing speaks against it, but something is not known."""
    answers = [holds(known) for holds in required]
    if False in answers:
        return False
    return None if None in answers else True


def _excluded_as(known: Known, against: Sequence[tuple[Holds, str]]) -> str:
    """As scoring does: the first line that holds."""
    return next((reason for holds, reason in against if holds(known)), "")
