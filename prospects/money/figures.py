"""What became of deals, counted: how many were won, how long it took, and how much it was, by whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import QuerySet

from prospects.models import Deal

Status = Deal.Status
DAY = 86_400
COLUMNS = (
    "status", "opened_at", "closed_at", "base_amount", "prospect__owner__first_name", "prospect__owner__last_name",
    "prospect__owner__username", "custom",
)  # fmt: skip
AGENT = "agent"  # the key under which an import keeps whose a deal was there


@dataclass
class Figures:
    """Counts of some deals. Rates are of the closed ones, the value is of the won ones, in the base currency."""

    open: int = 0
    won: int = 0
    lost: int = 0
    value: Decimal = Decimal(0)
    closed_days: list[float] = field(default_factory=list)

    @property
    def closed(self) -> int:
        return self.won + self.lost

    @property
    def win_rate(self) -> float | None:
        """Share of the closed ones that were won; None where none is closed."""
        return self.won / self.closed if self.closed else None

    @property
    def days_to_close(self) -> float | None:
        """Won and lost together."""
        return median(self.closed_days) if self.closed_days else None

    def add(
        self, status: str, opened_at: datetime, closed_at: datetime | None, amount: Decimal | None
    ) -> None:
        if closed_at is None:
            self.open += 1
            return
        days = (closed_at - opened_at).total_seconds() / DAY
        self.closed_days.append(days)
        if status != Status.WON:
            self.lost += 1
            return
        self.won += 1
        self.value += amount or Decimal(0)


@dataclass(frozen=True)
class Counted:
    """All together, and by name, the highest value first."""

    together: Figures
    lines: dict[str, Figures]


def whose(row: dict[str, Any]) -> str:
    """The owner's name; of a deal that an import brought without a person the agent it names."""
    names = (row["prospect__owner__first_name"], row["prospect__owner__last_name"])
    full = " ".join(name for name in names if name)
    return full or row["prospect__owner__username"] or str((row["custom"] or {}).get(AGENT, ""))


def deal_figures(deals: QuerySet[Deal], *, by: Callable[[dict[str, Any]], str] = whose) -> Counted:
    """Read the deals once, in one query; the caller bounds them by a period."""
    together, lines = Figures(), dict[str, Figures]()
    rows: Iterable[dict[str, Any]] = deals.order_by().values(*COLUMNS).iterator(chunk_size=5000)
    for row in rows:
        told = (row["status"], row["opened_at"], row["closed_at"], row["base_amount"])
        together.add(*told)
        lines.setdefault(by(row), Figures()).add(*told)
    return Counted(together, dict(sorted(lines.items(), key=lambda line: (-line[1].value, line[0]))))
