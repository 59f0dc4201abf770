"""How the load lies on the reps: open prospects, late answers, missing next steps, money, what was won."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Q, Sum

from prospects.models import Deal, FollowUp, Prospect


@dataclass(frozen=True)
class RepLine:
    """One rep; the line without a rep is the unassigned queue."""

    rep: Any
    open: int
    late: int
    idle: int
    won: int
    money: Decimal | None


def team_table(*, at: datetime) -> list[RepLine]:
    """One line a rep with open work or a win this month, most work first. Three queries."""
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    planned = FollowUp.objects.filter(prospect=OuterRef("pk"), done_at=None)
    open_now = Q(closed_at=None)
    counts = (
        Prospect.objects.filter(open_now | Q(closed_at__gte=month))
        .annotate(planned=Exists(planned))
        .order_by()
        .values("owner")
        .annotate(
            open=Count("pk", filter=open_now),
            late=Count("pk", filter=open_now & Q(answer_by__lt=at, first_acted_at=None, verdict="")),
            idle=Count("pk", filter=open_now & Q(planned=False) & ~Q(verdict="", origin="inbound")),
            won=Count("pk", filter=Q(stage__kind="won", closed_at__gte=month)),
        )
    )
    money = _open_money()
    reps = get_user_model().objects.in_bulk([row["owner"] for row in counts if row["owner"]])
    lines = [
        RepLine(
            reps.get(row["owner"]), row["open"], row["late"], row["idle"], row["won"], money.get(row["owner"])
        )
        for row in counts
    ]
    return sorted(lines, key=lambda line: (-line.open, str(line.rep or "")))


def _open_money() -> dict[Any, Decimal | None]:
    """Open deals of each rep, in the base currency."""
    deals = Deal.objects.filter(status=Deal.Status.OPEN, prospect__isnull=False).order_by()
    return dict(deals.values_list("prospect__owner").annotate(total=Sum("base_amount")))
