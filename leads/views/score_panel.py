"""The score of one lead as it is shown: two groups, each with its lines and the sum they make."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.scoring.panel import Receipts
from leads.scoring.points import Receipt


@dataclass(frozen=True)
class ShownLine:
    """One line as drawn: whole points, what it was worth when fresh, where it comes from."""

    label: str
    source: str
    at: datetime | None
    points: int
    raw: int


@dataclass(frozen=True)
class ScoreGroup:
    """Fit or engagement: its lines and their sum, from where a mark begins.

    `left_out` touches did not count (cool-down, ceiling); `faded` ones are worth less than half a point by now.
    """

    name: str | Promise
    kind: str
    points: int
    mark_from: str
    lines: list[ShownLine] = field(default_factory=list)
    left_out: int = 0
    faded: int = 0


@dataclass(frozen=True)
class ScorePanel:
    """What stands in the panel "Why A1". Without a score there are no groups."""

    grade: str = ""
    fit: int | None = None
    engagement: int | None = None
    model: Any = None
    computed_at: datetime | None = None
    groups: list[ScoreGroup] = field(default_factory=list)


def score_panel(lead: Lead | None, receipts: Receipts) -> ScorePanel:
    """Sort the receipts into their groups; the sums are made of the lines, so they cannot differ."""
    score = getattr(lead, "score", None) if lead else None
    if score is None or receipts.model is None:
        return ScorePanel()
    lines: dict[str, list[Receipt]] = {"fit": [], "engagement": []}
    for line in receipts:
        lines[line.group].append(line)
    groups = [
        _group(_("Fit"), "", receipts.fit, lines["fit"], _fit_from(receipts)),
        _group(_("Engagement"), "eng", receipts.engagement, lines["engagement"], _engagement_from(receipts)),
    ]
    return ScorePanel(
        grade=receipts.grade,
        fit=receipts.fit,
        engagement=receipts.engagement,
        model=receipts.model,
        computed_at=score.computed_at,
        groups=groups,
    )


def _group(name: str, kind: str, points: int, lines: list[Receipt], mark_from: str) -> ScoreGroup:
    counted = [line for line in lines if round(line.points, 6)]
    whole = whole_points([line.points for line in counted], points)
    drawn = [
        ShownLine(line.label, line.source, line.at, shown, round(line.raw_points))
        for line, shown in zip(counted, whole, strict=True)
    ]
    visible = [line for line in drawn if line.points]
    left_out, faded = len(lines) - len(counted), len(drawn) - len(visible)
    return ScoreGroup(name, kind, points, mark_from, visible, left_out, faded)


def whole_points(points: list[float], together: int) -> list[int]:
    """Whole numbers that sum to `together`, each less than one off its line: the largest remainders go up."""
    low = [math.floor(value) for value in points]
    by_remainder = sorted(range(len(points)), key=lambda n: low[n] - points[n])
    for n in by_remainder[: max(0, together - sum(low))]:
        low[n] += 1
    return low


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
