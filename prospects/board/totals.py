"""What stands above the lanes: how many, how many red, how much money. One statement, however many rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, IntegerField, Q, Sum, Value
from django.db.models.functions import Cast

from prospects.models import Deal, Stage, StageMove
from prospects.models.prospect import ProspectQuerySet

NOTHING = Value(0, output_field=IntegerField())
# With its type: PostgreSQL asks for it.
NO_MONEY = Cast(Value(None), DecimalField(max_digits=16, decimal_places=2))


@dataclass(kw_only=True)
class Total:
    """Of one stage. `late` stand longer than the stage allows, `red` have no next step."""

    count: int = 0
    late: int = 0
    red: int = 0
    amount: Decimal | None = None


def totals(prospects: ProspectQuerySet, *, stages: list[Stage], at: datetime) -> tuple[dict[int, Total], int]:
    """Of each stage with open prospects; and how many were won since the first of the month."""
    open_ones = prospects.open().order_by()
    parts = [
        _part("count", open_ones.values("stage_id"), count=Count("pk"), late=Count("pk", filter=_late(stages, at))),
        _part("red", open_ones.without_next_step(at).values("stage_id"), count=Count("pk")),
        _part("money", _with_deals(open_ones).values("stage_id"), amount=Sum("deals__base_amount")),
        _part("won", _won(prospects, stages, at).values("new_id"), count=Count("prospect", distinct=True)),
    ]  # fmt: skip
    found: dict[int, Total] = {}
    won = 0
    for what, stage, count, late, amount in parts[0].union(*parts[1:], all=True):
        if what == "won":
            won += count
            continue
        total = found.setdefault(stage, Total())
        if what == "count":
            total.count, total.late = count, late
        elif what == "red":
            total.red = count
        else:
            total.amount = amount
    return found, won


def _part(what: str, rows: Any, *, count: Any = NOTHING, late: Any = NOTHING, amount: Any = NO_MONEY) -> Any:
    """One of the sums, in the columns that all of them share."""
    (stage,) = rows.query.values_select
    named = rows.annotate(what=Value(what), counted=count, lates=late, sums=amount)
    return named.values_list("what", stage, "counted", "lates", "sums")


def _late(stages: list[Stage], at: datetime) -> Q:
    """Beyond the limit of their stage; of no stage where none has a limit."""
    late = Q(pk=None)
    for stage in stages:
        if stage.limit_days:
            late |= Q(stage=stage.pk, stage_since__lt=at - timedelta(days=stage.limit_days))
    return late


def _with_deals(open_ones: ProspectQuerySet) -> Any:
    """A row for each open deal."""
    return open_ones.filter(deals__status=Deal.Status.OPEN)


def _won(prospects: ProspectQuerySet, stages: list[Stage], at: datetime) -> Any:
    """By the history, which has an index by stage and day."""
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = [stage.pk for stage in stages if stage.kind == Stage.Kind.WON]
    moves = StageMove.objects.filter(new__in=ends, at__gte=month, prospect__in=prospects.values("pk"))
    return moves.order_by()
