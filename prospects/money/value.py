"""What a customer is worth: revenue within a stated time from the first purchase (docs/deals.md).

A customer is an account; a person without one is a customer alone. A horizon that has not passed yet is shown as
running and is in no mean: a customer of last month would make every other one look better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from prospects.models import Deal
from prospects.months import moment_months_later

HORIZONS = (12, 24)  # months


@dataclass(frozen=True)
class Horizon:
    """Revenue of the first months. Until `ends_at` more may come."""

    months: int
    amount: Decimal
    ends_at: datetime
    is_whole: bool


@dataclass(frozen=True)
class Value:
    """What one customer brought, in the base currency."""

    first_at: datetime
    purchases: int
    ever: Decimal
    horizons: list[Horizon]


@dataclass
class Cohort:
    """Customers by where the first of them came from; means over those whose horizon has passed."""

    source: str
    customers: int = 0
    repeat: int = 0
    sums: dict[int, list[Decimal]] = field(default_factory=lambda: {months: [] for months in HORIZONS})

    @property
    def means(self) -> list[tuple[int, Decimal | None, int]]:
        """Months, mean, and of how many customers."""
        return [
            (months, sum(sums, Decimal(0)) / len(sums) if sums else None, len(sums))
            for months, sums in self.sums.items()
        ]


def won_deals() -> QuerySet[Deal]:
    """Sales with an amount. One without (an import that names none) says nothing of value."""
    return Deal.objects.filter(status=Deal.Status.WON, closed_at__isnull=False, amount__isnull=False)


def value_of(deals: QuerySet[Deal], *, at: datetime) -> Value | None:
    """Of one customer: give their won deals. None where nothing was bought."""
    return _value(list(deals.order_by("closed_at").values_list("closed_at", "base_amount")), at)


def value_of_accounts(accounts: Collection[int], *, at: datetime) -> Value | None:
    """Of an account, or of a family of companies together."""
    at_them = won_deals().annotate(customer=Coalesce("account", "prospect__account"))
    return value_of(at_them.filter(customer__in=accounts), at=at)


def value_of_person(person_id: int, *, at: datetime) -> Value | None:
    return value_of(won_deals().filter(prospect__person=person_id), at=at)


def cohorts(*, at: datetime) -> list[Cohort]:
    """Every customer by the channel of the first touch of who bought first; most customers first. One query."""
    bought: dict[tuple[str, int], list[tuple[datetime, Decimal]]] = defaultdict(list)
    source: dict[tuple[str, int], str] = {}
    for row in _purchases():
        key = ("account", row["customer"]) if row["customer"] else ("person", row["prospect__person"])
        bought[key].append((row["closed_at"], row["base_amount"]))
        source.setdefault(key, row["prospect__person__lead__first_touch__channel__name"] or "")
    found: dict[str, Cohort] = {}
    for key, sales in bought.items():
        cohort = found.setdefault(source[key], Cohort(source[key]))
        cohort.customers += 1
        cohort.repeat += len(sales) > 1
        value = _value(sales, at)
        for horizon in value.horizons if value else []:
            if horizon.is_whole:
                cohort.sums[horizon.months].append(horizon.amount)
    return sorted(found.values(), key=lambda cohort: (-cohort.customers, cohort.source))


def _purchases() -> Iterable[Any]:
    named = won_deals().annotate(customer=Coalesce("account", "prospect__account"))
    known = named.exclude(customer=None, prospect=None).order_by("closed_at", "pk")
    return known.values(
        "customer", "prospect__person", "closed_at", "base_amount",
        "prospect__person__lead__first_touch__channel__name",
    ).iterator(chunk_size=5000)  # fmt: skip


def _value(sales: list[tuple[Any, Any]], at: datetime) -> Value | None:
    """`sales` in the order of their days."""
    if not sales:
        return None
    first = sales[0][0]
    horizons = []
    for months in HORIZONS:
        ends = moment_months_later(first, months)
        amount = sum((Decimal(amount) for when, amount in sales if when < ends), Decimal(0))
        horizons.append(Horizon(months, amount, ends, ends <= at))
    return Value(first, len(sales), sum((Decimal(amount) for _when, amount in sales), Decimal(0)), horizons)
