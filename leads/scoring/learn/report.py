"""Learned points as a page draws them: fields with their lines, what was left out, how far the chances hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _

from campaigns.models import Channel
from leads.models import ScoringModel
from leads.models.learned import DriftCheck, LearnedModel, LearnedPoint, LeftOut, ReliabilityBin
from leads.scoring.learn.publishing import draft_of
from leads.scoring.learn.saying import Looks, heading, in_words

WEEKS = 8  # of drift shown


@dataclass(frozen=True)
class Line:
    """One bin in words. `share`: 0 … 1 of its leads that were won; `x` and `wide`: its bar, of 100, zero at 50."""

    words: str
    points: int
    leads: int
    won: int
    is_usual: bool
    low: float | None = None  # where a number begins; of the first bin, far below all
    x: float = 50.0
    wide: float = 0.0

    @property
    def share(self) -> float:
        return self.won / self.leads if self.leads else 0.0


@dataclass
class FieldLines:
    """A field, its lines with the most points first; of numbers in their order, what is not known last."""

    heading: str
    lines: list[Line] = field(default_factory=list)

    @property
    def spread(self) -> int:
        points = [line.points for line in self.lines]
        return max(points, default=0) - min(0, *points)


@dataclass(frozen=True)
class Left:
    """Fields left out for one reason."""

    why: str
    fields: list[LeftOut]
    is_warning: bool


WORTH_IT = 0.6  # of 100 pairs of a customer and another lead, 60 told right


class Report:
    """What finished learned points say; the fields that matter most come first."""

    def __init__(self, row: LearnedModel) -> None:
        self.row = row

    @cached_property
    def fields(self) -> list[FieldLines]:
        names = dict(Channel.objects.values_list("slug", "name"))
        found: dict[tuple[str, str], FieldLines] = {}
        for one in self.row.points.order_by("pk"):
            if one.field == Looks.TITLE and one.is_missing:
                continue  # a title without that word: none of the words says it better
            group = found.setdefault((one.field, one.fact_name), FieldLines(heading(one)))
            group.lines.append(_line(one, names))
        most = max([1, *(abs(line.points) for group in found.values() for line in group.lines)])
        for group in found.values():
            group.lines = [_drawn(line, most) for line in _ordered(group.lines)]
        return sorted(found.values(), key=lambda group: (-group.spread, group.heading))

    @property
    def share(self) -> float:
        return self.row.won / self.row.closed if self.row.closed else 0.0

    @property
    def is_a_guess(self) -> bool:
        """True where the points tell customers hardly better than a coin: in five parts, or on newer leads."""
        tried = [auc for auc in (self.row.auc, self.row.auc_in_time) if auc is not None]
        return bool(tried) and min(tried) < WORTH_IT

    @property
    def doubling(self) -> int:
        """Points that double the odds of becoming a customer."""
        return max(1, round(self.row.points_per_logit * math.log(2)))

    @cached_property
    def left(self) -> list[Left]:
        by_why: dict[str, list[LeftOut]] = {}
        for one in self.row.left_out.order_by("pk"):
            by_why.setdefault(one.why, []).append(one)
        return [
            Left(str(why.label), by_why[why], why in (LeftOut.Why.TELLS, LeftOut.Why.LATE))
            for why in LeftOut.Why
            if why in by_why
        ]

    @cached_property
    def reliability(self) -> list[ReliabilityBin]:
        return list(self.row.reliability.all())

    @property
    def in_words(self) -> str:
        """The area under the curve in words."""
        return pairs(self.row.auc)

    @property
    def in_time(self) -> str:
        if self.row.auc_in_time is None:
            return _("The older or the newer leads have one outcome only, so it cannot be tried in time.")
        return pairs(self.row.auc_in_time)

    @cached_property
    def draft(self) -> ScoringModel | None:
        return draft_of(self.row)

    @cached_property
    def live(self) -> ScoringModel | None:
        return ScoringModel.objects.filter(learned=self.row, state=ScoringModel.State.LIVE).first()

    @cached_property
    def drift(self) -> list[DriftCheck]:
        """The latest weeks, the newest first."""
        return list(self.row.drift.all()[:WEEKS])

    @property
    def drifted(self) -> bool:
        return bool(self.drift) and self.drift[0].alarm


def pairs(auc: float | None) -> str:
    """`0.897` → "In 90 of 100 pairs …"."""
    words = _("In %(number)d of 100 pairs of a customer and another lead the customer has more points.")
    return words % {"number": round(100 * (auc or 0.0))}


def _line(one: LearnedPoint, channels: dict[str, str]) -> Line:
    usual = one.points == 0 and one.weight == 0
    is_number = one.minimum is not None or one.maximum is not None
    low = None if not is_number else -math.inf if one.minimum is None else one.minimum
    return Line(in_words(one, channels), one.points, one.leads, one.won, usual, low)


def _ordered(lines: list[Line]) -> list[Line]:
    if any(line.low is not None for line in lines):
        return sorted(lines, key=lambda line: math.inf if line.low is None else line.low)
    return sorted(lines, key=lambda line: -line.points)


def _drawn(line: Line, most: int) -> Line:
    wide = 50 * abs(line.points) / most
    return replace(line, x=round(50 - wide if line.points < 0 else 50.0, 1), wide=round(wide, 1))
