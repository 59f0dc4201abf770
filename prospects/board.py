"""The open prospects as a board: a lane for each stage, cards with their age, next step and money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from leads.templatetags.staff_ui import stayed
from prospects.models import Deal, FollowUp, Pipeline, Prospect, Stage
from prospects.models.prospect import ProspectQuerySet

CARDS_A_LANE = 12


@dataclass(frozen=True)
class Card:
    """One prospect. `age_look` is late, soon or empty; without a next step `follow_up` is None."""

    prospect: Prospect
    age: str
    age_look: str
    follow_up: FollowUp | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Lane:
    """One open stage with its cards, the oldest first, and how many more there are."""

    stage: Stage
    cards: list[Card] = field(default_factory=list)
    total: int = 0
    amount: Decimal | None = None

    @property
    def more(self) -> int:
        return self.total - len(self.cards)


@dataclass(frozen=True)
class Board:
    lanes: list[Lane]
    open: int
    amount: Decimal | None
    won_this_month: int


def board(prospects: ProspectQuerySet, *, at: datetime, pipeline: Pipeline | None = None) -> Board:
    """The board of `prospects` (already narrowed to what the reader may see). Six queries, however many rows."""
    pipeline = pipeline or Pipeline.objects.filter(is_default=True).first()
    stages = list(Stage.objects.filter(pipeline=pipeline, kind=Stage.Kind.OPEN).order_by("order"))
    rows = list(prospects.open().filter(pipeline=pipeline).for_list().order_by("stage_since", "pk")[:2000])
    money, steps = _money(rows), _next_steps(rows)
    lanes = [
        _lane(stage, [row for row in rows if row.stage_id == stage.pk], money, steps, at) for stage in stages
    ]
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    won = prospects.filter(stage__kind=Stage.Kind.WON, closed_at__gte=month).count()
    return Board(lanes, len(rows), sum(money.values(), Decimal(0)) if money else None, won)


def _lane(stage: Stage, rows: list[Prospect], money: dict, steps: dict, at: datetime) -> Lane:
    cards = [_card(row, stage, money.get(row.pk), steps.get(row.pk), at) for row in rows[:CARDS_A_LANE]]
    sums = [money[row.pk] for row in rows if row.pk in money]
    return Lane(stage, cards, len(rows), sum(sums, Decimal(0)) if sums else None)


def _card(row: Prospect, stage: Stage, amount: Decimal | None, step: FollowUp | None, at: datetime) -> Card:
    waits_for_verdict = (
        not row.verdict and row.answer_by is not None and row.origin == Prospect.Origin.INBOUND
    )
    age, look = _clock(row, at) if waits_for_verdict else _age(row, stage, at)
    return Card(row, age, look, step, amount, "")


def _clock(row: Prospect, at: datetime) -> tuple[str, str]:
    """How much of the time for the first answer is left."""
    left = (row.answer_by or at) - at
    if left < timedelta(0):
        return _("%(time)s late") % {"time": stayed(-left)}, "late"
    return _("%(time)s left") % {"time": stayed(left)}, "soon" if left < timedelta(minutes=30) else ""


def _age(row: Prospect, stage: Stage, at: datetime) -> tuple[str, str]:
    days, usual = at - row.stage_since, stage.ageing_days
    if not usual:
        return stayed(days), ""
    look = "late" if days > timedelta(days=2 * usual) else "soon" if days > timedelta(days=usual) else ""
    return stayed(days), look


def _money(rows: list[Prospect]) -> dict[int, Decimal]:
    """Open deals of each prospect, in the base currency."""
    deals = Deal.objects.filter(prospect__in=[row.pk for row in rows], status=Deal.Status.OPEN)
    sums: Any = deals.order_by().values_list("prospect").annotate(total=Sum("base_amount"))
    return {pk: total for pk, total in sums if total is not None}


def _next_steps(rows: list[Prospect]) -> dict[int, FollowUp]:
    due = FollowUp.objects.filter(prospect__in=[row.pk for row in rows], done_at=None).order_by(
        "-due_at", "-pk"
    )
    return {step.prospect_id: step for step in due}
