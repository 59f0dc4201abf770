"""The score of one lead as it is shown: the lines that matter most, all lines, and what becomes of the grade."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.kept import Kept
from campaigns.models import Seniority
from leads.models import Lead, Touch
from leads.person_facts import FactLine
from leads.scoring.outlook import Change, Step, next_change, steps_up
from leads.scoring.panel import Receipts, chance
from leads.scoring.points import FIT, Receipt
from leads.scoring.rules import missing_facts
from leads.views.fact_sources import source_of

MOST = 5  # lines that stand in the open; the others are folded
LATELY = 2000  # touches that say what is usual


@dataclass(frozen=True)
class ShownLine:
    """One line as drawn: whole points, what it was worth when fresh, where it comes from. `weight` orders lines."""

    label: str
    source: str
    at: datetime | None
    points: int
    raw: int
    weight: float = 0.0


@dataclass(frozen=True)
class ScoreGroup:
    """Fit or engagement: its lines and their sum, from where a mark begins; `top` are those shown in the open.

    `left_out` touches did not count (cool-down, ceiling); `faded` ones are worth less than half a point by now.
    """

    name: str | Promise
    kind: str
    points: int
    mark_from: str
    lines: list[ShownLine] = field(default_factory=list)
    top: list[ShownLine] = field(default_factory=list)
    left_out: int = 0
    faded: int = 0

    @property
    def rest(self) -> int:
        return len(self.lines) - len(self.top)

    @property
    def rest_points(self) -> int:
        return self.points - sum(line.points for line in self.top)


@dataclass(frozen=True)
class Outlook:
    """What becomes of the grade. `change`: the next that comes by itself; `steps`: words and grade of what lifts it.

    `chance`: per cent of such leads that became customers, where the rules were learned; `missing`: the required facts
    that are not known, so that no grade qualifies the lead.
    """

    change: Change | None
    on: str
    steps: list[tuple[str, str]]
    missing: list[str]
    chance: int | None = None


@dataclass(frozen=True)
class ScorePanel:
    """What stands in the panel "Why A1". Without a score there are no groups."""

    grade: str = ""
    fit: int | None = None
    engagement: int | None = None
    model: Any = None
    computed_at: datetime | None = None
    groups: list[ScoreGroup] = field(default_factory=list)
    outlook: Outlook | None = None

    @property
    def lines(self) -> int:
        return sum(len(group.lines) for group in self.groups)

    @property
    def folded(self) -> bool:
        """Something is not in the open: more lines, or touches that count nothing."""
        return any(group.rest or group.left_out or group.faded for group in self.groups)


def score_panel(
    lead: Lead | None, receipts: Receipts, at: datetime, facts: Sequence[FactLine] = ()
) -> ScorePanel:
    """Sort the receipts into their groups; the sums are made of the lines, so they cannot differ.

    `facts` are the lines of the facts panel: they say where a fact of a fit line comes from.
    """
    score = getattr(lead, "score", None) if lead else None
    if score is None or receipts.model is None or lead is None:
        return ScorePanel()
    sides: dict[str, list[Receipt]] = {"fit": [], "engagement": []}
    for line in receipts:
        sides[line.group].append(line)
    known = _Known(receipts, facts, lead)
    groups = [
        _group(_("Fit"), "", receipts.fit, sides["fit"], _fit_from(receipts), known),
        _group(
            _("Engagement"),
            "eng",
            receipts.engagement,
            sides["engagement"],
            _engagement_from(receipts),
            known,
        ),
    ]
    return ScorePanel(
        grade=receipts.grade,
        fit=receipts.fit,
        engagement=receipts.engagement,
        model=receipts.model,
        computed_at=score.computed_at,
        groups=_strongest(groups),
        outlook=_outlook(receipts, at),
    )


class _Known:
    """Where the fact behind a fit line comes from, in words: `Form, 9 Oct`."""

    def __init__(self, receipts: Receipts, facts: Iterable[FactLine], lead: Lead) -> None:
        self.rules = {rule.id: rule for rule in receipts.rules.fit} if receipts.rules else {}
        self.facts = {fact.key: fact for fact in facts}
        self.lead = lead

    def words(self, line: Receipt) -> str:
        rule = self.rules.get(line.rule or 0) if line.group == FIT else None
        if rule is None:
            return line.source
        origin = source_of(rule, line.source, self.facts, self.lead.person.company)
        return " · ".join(filter(None, (self._value(rule.field, line.source), origin)))

    def _value(self, field: str, value: str) -> str:
        """Levels and channels by their names."""
        if field == "seniority" and value in Seniority.values:
            return str(Seniority(value).label)
        first = self.lead.first_touch
        return first.channel.name if field == "channel" and first and first.channel.slug == value else value


def _group(
    name: str, kind: str, points: int, lines: list[Receipt], mark_from: str, known: _Known
) -> ScoreGroup:
    counted = [line for line in lines if round(line.points, 6)]
    whole = whole_points([line.points for line in counted], points)
    drawn = [
        ShownLine(line.label, known.words(line), line.at, shown, round(line.raw_points), abs(line.points))
        for line, shown in zip(counted, whole, strict=True)
    ]
    visible = [line for line in drawn if line.points]
    left_out, faded = len(lines) - len(counted), len(drawn) - len(visible)
    return ScoreGroup(name, kind, points, mark_from, visible, left_out=left_out, faded=faded)


def _strongest(groups: list[ScoreGroup]) -> list[ScoreGroup]:
    """Each group with those of its lines that are among the strongest of both."""
    every = [line for group in groups for line in group.lines]
    strong = {id(line) for line in sorted(every, key=lambda line: -line.weight)[:MOST]}
    for group in groups:
        group.top.extend(
            sorted((line for line in group.lines if id(line) in strong), key=lambda line: -line.weight)
        )
    return groups


def whole_points(points: list[float], together: int) -> list[int]:
    """Whole numbers that sum to `together`, each less than one off its line: the largest remainders go up."""
    low = [math.floor(value) for value in points]
    by_remainder = sorted(range(len(points)), key=lambda n: low[n] - points[n])
    for n in by_remainder[: max(0, together - sum(low))]:
        low[n] += 1
    return low


def _outlook(receipts: Receipts, at: datetime) -> Outlook | None:
    seen, rules = receipts.seen, receipts.rules
    if seen is None or rules is None:
        return None
    share = chance(receipts)
    change = next_change(seen.touches, seen.facts, rules, at)
    steps = steps_up(seen.touches, seen.facts, rules, at, _usual(""))
    return Outlook(
        change,
        _day(change.at, at) if change else "",
        [(step_words(step), step.grade) for step in steps],
        missing_facts(seen.facts, rules),
        round(100 * share) if share is not None else None,
    )


def _count_lately(_key: object) -> Mapping[tuple[str, int | None], int]:
    rows = Touch.objects.order_by("-pk").values_list("kind", "asset__kind")[:LATELY]
    return Counter(rows)


_usual: Kept[Mapping[tuple[str, int | None], int]] = Kept(_count_lately)


def step_words(step: Step) -> str:
    """A sentence that the grade ends: `One “Demo request” lifts it to`."""
    if step.fact:
        return _("“%(fact)s”, once it is known, lifts it to") % {"fact": step.fact}
    if len(step.touches) == 1:
        return _("One “%(touch)s” lifts it to") % {"touch": step.touches[0]}
    one, other = step.touches
    if one == other:
        return _("Two “%(touch)s” lift it to") % {"touch": one}
    return _("“%(one)s” and “%(other)s” lift it to") % {"one": one, "other": other}


def _day(moment: datetime, at: datetime) -> str:
    local, today = timezone.localtime(moment), timezone.localtime(at)
    return formats.date_format(local, "D j M" if local.year == today.year else "D j M Y")


def _fit_from(receipts: Receipts) -> str:
    model = receipts.model
    return _next_mark(receipts.grade[:1], {"A": model.fit_a, "B": model.fit_b, "C": model.fit_c})


def _engagement_from(receipts: Receipts) -> str:
    model = receipts.model
    bounds = {"1": model.engagement_1, "2": model.engagement_2, "3": model.engagement_3}
    return _next_mark(receipts.grade[1:2], bounds)


def _next_mark(mark: str, bounds: dict[str, int]) -> str:
    """`A from 75`: the bound of the mark held, or of the lowest one for those who hold none."""
    name = mark if mark in bounds else list(bounds)[-1]
    return _("%(mark)s from %(points)d") % {"mark": name, "points": bounds[name]}
