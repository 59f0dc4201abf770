"""What is known of an account beside its people: visits, money, and the companies that belong to it. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from leads.models import Company, Touch
from prospects.accounts import Family, family_of
from prospects.models import Account, Deal
from prospects.money.value import Value, value_of_accounts

VISIT_DAYS = 90


@dataclass(frozen=True)
class Visits:
    """Human acts of the people one may see, in the last days."""

    acts: int
    people: int
    last_at: datetime | None
    days: int = VISIT_DAYS


@dataclass(frozen=True)
class Money:
    """Of the account with all companies below it, in the base currency."""

    open: int
    open_total: Decimal
    won: int
    won_total: Decimal
    value: Value | None


def visits_of(people: Collection[int], at: datetime) -> Visits:
    acts = Touch.objects.filter(person__in=people, at__gte=at - timedelta(days=VISIT_DAYS)).order_by()
    found = acts.aggregate(acts=Count("pk"), people=Count("person", distinct=True), last=Max("at"))
    return Visits(found["acts"], found["people"], found["last"])


def money_of(family: Family, at: datetime) -> Money:
    accounts = list(Account.objects.filter(company__in=family.ids).values_list("pk", flat=True))
    deals = Deal.objects.annotate(customer=Coalesce("account", "prospect__account")).filter(
        customer__in=accounts
    )
    is_open, is_won = Q(status=Deal.Status.OPEN), Q(status=Deal.Status.WON)
    found: dict[str, Any] = deals.order_by().aggregate(
        open=Count("pk", filter=is_open),
        open_total=Sum("base_amount", filter=is_open),
        won=Count("pk", filter=is_won),
        won_total=Sum("base_amount", filter=is_won),
    )
    value = value_of_accounts(accounts, at=at) if found["won"] else None
    return Money(
        found["open"],
        Decimal(found["open_total"] or 0),
        found["won"],
        Decimal(found["won_total"] or 0),
        value,
    )


def accounts_below(family: Family) -> list[tuple[Company, int | None]]:
    """Each company below with its account, None where it is none."""
    known = dict(
        Account.objects.filter(company__in=[row.pk for row in family.below]).values_list("company", "pk")
    )
    return [(company, known.get(company.pk)) for company in family.below]


__all__ = ["Money", "Visits", "accounts_below", "family_of", "money_of", "visits_of"]
