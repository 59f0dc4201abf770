"""/staff/targets/rows/<measure>/: the rows behind a reached number, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from crm.reports.rows import leads_seen_by
from leads.keyset import keyset_page
from leads.models import Lead, LeadMove
from prospects import targets
from prospects.models import Deal, Prospect, Target
from prospects.money.deals import deals_of
from prospects.targets import FIRST_YEAR, LAST_YEAR, span_of
from prospects.targets_reached import rows_behind
from prospects.team_board import Span

WORKS, OUTCOMES = "prospects.work_prospects", "prospects.see_outcomes"
RELATED: dict[type, tuple[str, ...]] = {
    Lead: ("person__company",),
    LeadMove: ("lead__person__company",),
    Prospect: ("person__company", "stage", "owner"),
}
OF_A_PROSPECT = ("prospect__person__company", "prospect__stage", "prospect__owner")


@dataclass(frozen=True)
class RowLine:
    """A row behind a number. Without `url` the reader may not open it; without `name` not know who it is."""

    name: str
    company: str
    url: str
    what: str
    at: datetime
    who: Any
    amount: Decimal | None = None


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def target_rows(request: HttpRequest, measure: str) -> HttpResponse:
    """What was reached in `month` (YYYY-MM), or in the whole `year`, of `whose`."""
    whose = targets.asked_whose(request.user, request.GET.get("whose", targets.HOUSE))
    if whose is None or measure not in whose.measures:
        raise Http404
    month = _month(request.GET.get("month", ""))
    year = month.year if month else _year(request.GET.get("year", ""))
    start, end = span_of(month) if month else span_of(date(year, 1, 1), 12)
    rows, when = rows_behind(whose, measure, Span(end, start, end))
    seen = seen_by(request.user, rows)
    page = keyset_page(
        seen.select_related(*_related(rows.model)), keys=(f"-{when}", "-pk"), cursor=request.GET.get("at", "")
    )
    number = rows.count()
    context = {
        "measure": Target.Measure(measure), "whose": whose, "month": month, "year": year, "number": number,
        "hidden": number - seen.count(), "page": page, "lines": _lines(request.user, page.rows, when),
        "currency": settings.CURRENCY, "total": _total(rows),
    }  # fmt: skip
    return render(request, "crm/target_rows.html", context)


def _month(asked: str) -> date | None:
    try:
        month = parse_date(f"{asked}-01") if asked else None
    except ValueError:
        month = None
    return month if month and FIRST_YEAR <= month.year <= LAST_YEAR else None


def _year(asked: str) -> int:
    known = asked.isascii() and asked.isdigit() and FIRST_YEAR <= int(asked[:5]) <= LAST_YEAR
    return int(asked) if known else timezone.localdate().year


def seen_by(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of these rows those that this reader may see: as on the pages of leads, prospects and deals."""
    if rows.model is Lead:
        return leads_seen_by(user, rows)
    if rows.model is LeadMove:
        return rows.filter(lead__in=leads_seen_by(user, Lead.objects.all()).values("pk"))
    if not user.has_perm(WORKS):
        return rows if user.has_perm(OUTCOMES) else rows.none()
    if rows.model is Deal:
        return rows.filter(pk__in=deals_of(user).values("pk"))
    mine = Prospect.objects.visible_to(user).values("pk")
    return rows.filter(**{"pk__in" if rows.model is Prospect else "prospect__in": mine})


def _total(rows: QuerySet[Any]) -> Decimal | None:
    """The money behind a sum; None where rows are counted."""
    if rows.model is not Deal:
        return None
    found: Decimal | None = rows.order_by().aggregate(total=Sum("base_amount"))["total"]
    return found or Decimal(0)


def _related(model: type) -> tuple[str, ...]:
    return RELATED.get(model, OF_A_PROSPECT)


def _lines(user: Any, rows: Sequence[Any], when: str) -> list[RowLine]:
    if rows and isinstance(rows[0], Lead | LeadMove):
        return _lead_lines(user, rows, when)
    works = user.has_perm(WORKS)
    return [_sales_line(row, when, names=works) for row in rows]


def _lead_lines(user: Any, rows: Sequence[Lead | LeadMove], when: str) -> list[RowLine]:
    """To the lead's page; a rep goes to the own cycle with them."""
    leads = [row if isinstance(row, Lead) else row.lead for row in rows]
    cycles: Mapping[int, int] = {}
    if not user.has_perm("leads.view_lead"):
        own = Prospect.objects.filter(owner=user, person__in=[lead.person_id for lead in leads])
        cycles = dict(own.order_by("round").values_list("person", "pk"))
    lines = []
    for row, lead in zip(rows, leads, strict=True):
        person = lead.person
        cycle = cycles.get(person.pk)
        url = reverse("staff-person", args=[cycle]) if cycle else reverse("staff-lead", args=[person.pk])
        words = row.get_way_display() if isinstance(row, LeadMove) else row.get_status_display()
        lines.append(RowLine(person.name, _company(person), url, words, getattr(row, when), None))
    return lines


def _sales_line(row: Any, when: str, *, names: bool) -> RowLine:
    """A prospect, a stage move, a meeting or a deal. A deal of a company alone has nobody."""
    prospect = row if isinstance(row, Prospect) else row.prospect
    amount = row.base_amount if isinstance(row, Deal) else None
    what = row.title if isinstance(row, Deal) and row.title and names else ""
    who = prospect.owner if prospect else None
    if prospect is None or not names:
        stage = prospect.stage.name if prospect else ""
        return RowLine("", "", "", what or stage, getattr(row, when), who, amount)
    person = prospect.person
    url = reverse("staff-person", args=[prospect.pk])
    return RowLine(
        person.name, _company(person), url, what or prospect.stage.name, getattr(row, when), who, amount
    )


def _company(person: Any) -> str:
    return person.company.name if person.company else person.company_name
