"""A version of the rules in words, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import JourneyStage, Seniority
from leads.models import ScoringModel, ScoringRule
from leads.person_facts import COLUMNS, FACT_WORDS
from leads.scoring.matching import words_of

# Columns of a version that people set, in the order in which they are told.
TOLD = (
    "qualify_fit",
    "qualify_engagement",
    "required_facts",
    "again_margin",
    "fit_a",
    "fit_b",
    "fit_c",
    "engagement_1",
    "engagement_2",
    "engagement_3",
    "fit_ceiling",
    "engagement_ceiling",
    "half_life_1",
    "half_life_2",
    "half_life_3",
)
ADDED, GONE, CHANGED = "added", "gone", "changed"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was. `kind`: added, gone or changed; `words` name it, `was` and `now` its values."""

    kind: str
    words: str
    was: str = ""
    now: str = ""


def condition(rule: ScoringRule) -> str:
    """When a line holds: `job title: head, director`, `downloaded (white paper)`."""
    return _fit(rule) if rule.group == ScoringRule.Group.FIT else _engagement(rule)


def limits(rule: ScoringRule, model: ScoringModel) -> str:
    """How an engagement line fades, and how often it counts; empty for fit."""
    if rule.group == ScoringRule.Group.FIT:
        return ""
    days = (model.half_life_1, model.half_life_2, model.half_life_3)[rule.half_life - 1]
    said = [ngettext("halves in %(n)d day", "halves in %(n)d days", days) % {"n": days}]
    if rule.cool_down_hours:
        hours = rule.cool_down_hours
        said.append(ngettext("once in %(n)d hour", "once in %(n)d hours", hours) % {"n": hours})
    if rule.ceiling_touches is not None:
        said.append(
            _("at most %(touches)d in %(days)d days")
            % {"touches": rule.ceiling_touches, "days": rule.ceiling_days or 0}
        )
    return ", ".join(said)


def differences(old: ScoringModel, new: ScoringModel) -> list[Difference]:
    """What `new` has that `old` has not, and the other way round: thresholds first, then lines. Two queries."""
    found = [
        Difference(CHANGED, _column(new, name), str(getattr(old, name)), str(getattr(new, name)))
        for name in TOLD
        if getattr(old, name) != getattr(new, name)
    ]
    return found + _lines(_said(old), _said(new))


def _said(model: ScoringModel) -> list[tuple[ScoringRule, str]]:
    rules = model.rules.select_related("asset_kind").order_by("group", "order", "pk")
    return [(rule, ", ".join(filter(None, [signed(rule.points), limits(rule, model)]))) for rule in rules]


def _lines(
    old: Sequence[tuple[ScoringRule, str]], new: Sequence[tuple[ScoringRule, str]]
) -> list[Difference]:
    """A line is the same if it has the same name and holds for the same; else one of both will do."""
    was, now, twins = list(old), list(new), []
    for same in (lambda one: (one.label, condition(one)), condition, lambda one: one.label):
        for line in list(now):
            twin = next((one for one in was if _alike(one[0], line[0], same)), None)
            if twin is not None:
                twins.append((twin, line))
                was.remove(twin)
                now.remove(line)
    told = [(line[0], _told(twin, line[0]), _told(line, twin[0])) for twin, line in twins]
    return [
        *(Difference(CHANGED, _line(rule), before, after) for rule, before, after in told if before != after),
        *(Difference(ADDED, _line(rule), now=worth) for rule, worth in now),
        *(Difference(GONE, _line(rule), was=worth) for rule, worth in was),
    ]


def _alike(one: ScoringRule, other: ScoringRule, of: Callable[[ScoringRule], object]) -> bool:
    return one.group == other.group and of(one) == of(other)


def _told(line: tuple[ScoringRule, str], other: ScoringRule) -> str:
    """What a line gives, with its condition where that is not the other's."""
    rule, worth = line
    return worth if condition(rule) == condition(other) else f"{condition(rule)}: {worth}"


def _line(rule: ScoringRule) -> str:
    said = condition(rule)
    return rule.label if said.casefold() == rule.label.casefold() else f"{rule.label} ({said})"


def _column(model: ScoringModel, name: str) -> str:
    words = str(model._meta.get_field(name).verbose_name)
    return words[:1].upper() + words[1:]


def _fit(rule: ScoringRule) -> str:
    name = rule.fact_name if rule.field == ScoringRule.Field.FACT else rule.get_field_display()
    low, high = _number(rule.minimum), _number(rule.maximum)
    if low and high:
        return _("%(field)s from %(low)s to %(high)s") % {"field": name, "low": low, "high": high}
    if low:
        return _("%(field)s from %(low)s") % {"field": name, "low": low}
    if high:
        return _("%(field)s up to %(high)s") % {"field": name, "high": high}
    if not rule.words or rule.words.strip() == "*":
        return _("%(field)s is known") % {"field": name}
    return f"{name}: {_words(rule)}"


def _words(rule: ScoringRule) -> str:
    """The values as they were typed; levels of seniority by their names."""
    if rule.field != ScoringRule.Field.SENIORITY:
        return rule.words
    levels = dict(Seniority.choices)
    return ", ".join(str(levels.get(word, word)) for word in words_of(rule.words))


def required(model: ScoringModel) -> str:
    """The required facts by their names."""
    names = {**FACT_WORDS, **COLUMNS}
    return ", ".join(str(names.get(name, name)) for name in words_of(model.required_facts))


def _engagement(rule: ScoringRule) -> str:
    what = rule.get_touch_kind_display() if rule.touch_kind else _("any touch")
    stages = dict(JourneyStage.choices)
    stage = rule.journey_stage and _("stage %(stage)s") % {"stage": stages.get(rule.journey_stage, "")}
    of = ", ".join(filter(None, [str(rule.asset_kind or ""), stage]))
    return f"{what} ({of})" if of else what


def _number(value: Decimal | None) -> str:
    return (
        "" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    )


def signed(points: int) -> str:
    return f"+{points}" if points >= 0 else f"−{-points}"
