"""Learned points as fit rules, and in words. What a lead gets by these rules is what it gets by the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Seniority
from leads.models import ScoringRule
from leads.models.learned import LearnedPoint
from leads.scoring.learn.bins import ANY

Looks = ScoringRule.Field


def rules_of(points: Iterable[LearnedPoint]) -> Iterator[ScoringRule]:
    """Unsaved fit rules, field by field in the order given.

    "Any other value" is said by a rule that holds for every known value; the values with a bin of their own then
    bring what is left. A rule cannot say "not known", so that bin has no points (see `table`).
    """
    order = 0
    for _key, group in groupby(points, key=lambda one: (one.field, one.fact_name, one.label)):
        lines = [one for one in group if not one.is_missing]
        rest = next((one.points for one in lines if one.words == ANY), 0)
        for line in lines:
            brings = line.points if line.words == ANY else line.points - rest
            if brings:
                order += 1
                yield _rule(line, brings, order)


def _rule(line: LearnedPoint, points: int, order: int) -> ScoringRule:
    value = _("known") if line.words == ANY else in_words(line, {})
    return ScoringRule(
        group=ScoringRule.Group.FIT,
        label=f"{heading(line)}: {value}"[:120],
        points=points,
        order=order,
        field=line.field,
        fact_name=line.fact_name,
        words=line.words,
        minimum=_decimal(line.minimum),
        maximum=_decimal(line.maximum),
    )


def heading(line: LearnedPoint) -> str:
    """What the lines of a field stand under; title words stand under the job title."""
    return str(Looks.TITLE.label) if line.field == Looks.TITLE else line.label


def in_words(line: LearnedPoint, channels: Mapping[str, str]) -> str:
    """The bin alone: `working professional`, `4 – 9`, `not known`. `channels`: slug → name."""
    if line.is_missing:
        return _("not known")
    if line.words == ANY:
        return _("any other")
    if line.words:
        return _value(line, channels)
    return _span(line.minimum, line.maximum)


def _value(line: LearnedPoint, channels: Mapping[str, str]) -> str:
    match line.field:
        case Looks.COUNTRY if len(line.words) == 2:
            return line.words.upper()
        case Looks.CHANNEL:
            return channels.get(line.words, line.words)
        case Looks.MAILBOX:
            return _("of a company") if line.words == "company" else _("free")
        case Looks.SENIORITY if line.words in Seniority.values:
            return str(Seniority(line.words).label)
    return line.words.strip('"')


def _span(low: float | None, high: float | None) -> str:
    if low is None and high == 0:
        return "0"  # numbers said in words are never below
    if low is None:
        return _("up to %(high)s") % {"high": _number(high)}
    if high is None:
        return _("%(low)s and more") % {"low": _number(low)}
    return _number(low) if low == high else pgettext("from – to", "%(low)s – %(high)s") % {
        "low": _number(low),
        "high": _number(high),
    }  # fmt: skip


def _number(number: float | None) -> str:
    if number is None:
        return ""
    decimals = 0 if number == int(number) else 2
    return formats.number_format(round(number, 2), decimals, use_l10n=True)


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(round(number, 2)))
