"""The rows behind each number, as far as the reader may see them.

The conditions are those of crm/reports/reached.py, so rows and numbers cannot part ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from crm.reports.funnel import spend_in
from crm.reports.reached import (
    HUMAN_VISIT,
    INBOUND_STEPS,
    OUTBOUND_STEPS,
    cold_in,
    cycles,
    hits_in,
    lead_reached,
    leads_in,
    reached,
    refused_in,
    sales_ready_now,
)
from crm.reports.scope import NONE, Scope
from leads.models import Lead
from prospects.models import Prospect

LEAD_KEYS = (*INBOUND_STEPS, "decided")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows of one kind: lead, prospect, spend (model rows) or visitor (dicts: visitor_key, first, last, hits).

    `number` is what the report shows, `hidden` how many of them this reader may not see. Where `names` is False
    the page shows stage, owner, verdict, reason and amount only, never who it is.
    """

    kind: str
    queryset: QuerySet[Any]
    number: int
    hidden: int
    names: bool = True


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a number: one part, or an inbound and an outbound one for the steps after the join."""

    key: str
    parts: tuple[Part, ...]

    @property
    def number(self) -> int:
        return sum(part.number for part in self.parts)

    @property
    def hidden(self) -> int:
        return sum(part.hidden for part in self.parts)


def rows(*, key: str, scope: Scope, user: Any, reason: str = "") -> Rows:
    """Rows of the step, tile or line `key`; for a line of a table set the scope's channel or campaign, for a
    line of the reasons `reason` (its slug or NONE).

    Keys: the steps of the funnel, `decided`, `rejected`, `lost`, `open`, `out_of_order`, `spend`, `sales_ready`.
    Raises KeyError for any other.
    """
    if key in ("rejected", "lost"):
        return Rows(key=key, parts=(_prospects(_refused(key, scope, reason), user),))
    parts = []
    if key in LEAD_KEYS:
        parts.append(_leads(leads_in(scope).filter(lead_reached(key, scope)), user))
    if key in OUTBOUND_STEPS:
        parts.append(_prospects(cold_in(scope).filter(reached(key, scope)), user))
    return Rows(key=key, parts=tuple(parts) or (OTHERS[key](scope, user),))


def _part(kind: str, every: QuerySet[Any], seen: QuerySet[Any], *, names: bool = True) -> Part:
    number = every.count()
    return Part(kind=kind, queryset=seen, number=number, hidden=number - seen.count(), names=names)


def _leads(found: QuerySet[Lead], user: Any) -> Part:
    return _part("lead", found, leads_seen_by(user, found).for_list().order_by("-created_at", "-pk"))


def leads_seen_by(user: Any, leads: Any) -> Any:
    """Marketing and managers see all leads, a rep those behind their own prospects, others none."""
    if user.has_perm("leads.view_lead"):
        return leads
    if user.has_perm("prospects.work_prospects"):
        return leads.filter(Exists(Prospect.objects.filter(owner=user, person=OuterRef("person"))))
    return leads.none()


def _prospects(found: Any, user: Any) -> Part:
    names = user.has_perm("prospects.work_prospects")
    seen = found.visible_to(user)
    if not names and user.has_perm("prospects.see_outcomes"):
        seen = found
    return _part("prospect", found, seen.for_card().order_by("-opened_at", "-pk"), names=names)


def _refused(key: str, scope: Scope, reason: str) -> QuerySet[Prospect]:
    rejected = {"verdict": Prospect.Verdict.REJECTED}
    found = refused_in(scope)
    found = found.filter(**rejected) if key == "rejected" else found.exclude(**rejected)
    if reason == NONE:
        return found.filter(reason=None)
    return found.filter(reason__slug=reason) if reason else found


def _visitors(scope: Scope, user: Any) -> Part:
    hits = hits_in(scope).filter(HUMAN_VISIT).order_by().values("visitor_key")
    hits = (hits.none() if scope.channel else hits).annotate(
        first=Min("at"), last=Max("at"), hits=Count("pk")
    )
    seen = hits if user.has_perm("leads.view_lead") else hits.none()
    return _part("visitor", hits, seen.order_by("-last"))


def _spend(scope: Scope, user: Any) -> Part:
    found = spend_in(scope)
    seen = found if user.has_perm("campaigns.view_spend") else found.none()
    return _part("spend", found, seen.select_related("campaign__channel").order_by("-on", "-pk"))


def _open(scope: Scope, user: Any) -> Part:
    return _leads(still_open(scope), user)


def still_open(scope: Scope) -> QuerySet[Lead]:
    """Leads that sales accepted and neither won nor gave up yet."""
    going = cycles(Prospect.Origin.INBOUND).filter(accepted_on__isnull=False, closed_at=None)
    accepted = leads_in(scope).filter(lead_reached("accepted", scope)).exclude(lead_reached("won", scope))
    return accepted.filter(Exists(going.filter(person=OuterRef("person"))))


def _out_of_order(scope: Scope, user: Any) -> Part:
    won_before = cycles(Prospect.Origin.INBOUND).filter(
        won_on__lt=OuterRef("created_at"), person=OuterRef("person")
    )
    return _leads(leads_in(scope).filter(Exists(won_before)), user)


def _sales_ready(scope: Scope, user: Any) -> Part:
    return _prospects(sales_ready_now(), user)


OTHERS: dict[str, Callable[[Scope, Any], Part]] = {
    "visits": _visitors,
    "spend": _spend,
    "open": _open,
    "out_of_order": _out_of_order,
    "sales_ready": _sales_ready,
}
