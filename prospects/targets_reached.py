"""What was reached beside each target: by the day it happened, in five queries at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from leads.models import Lead, LeadMove, LeadStatus
from prospects.models import Prospect, Target
from prospects.targets import Cell, Whose, reps_of, span_of
from prospects.team_board.figures import FIGURES, Span, rows_of

Measure = Target.Measure
OF_FIGURES = {Measure.SALES_QUALIFIED: "sales_qualified", Measure.MEETINGS: "held", Measure.REVENUE: "won"}
FIRST_CAMPAIGN = "first_touch__campaign"


def reached(whose: Whose, year: int) -> dict[Cell, Decimal]:
    """Month and measure → what was reached; a month without anything is missing."""
    found: dict[Cell, Decimal] = {}
    for measure in whose.measures:
        rows, when = rows_behind(whose, measure, _year(year))
        amount: Any = Sum("base_amount") if measure == Measure.REVENUE else Count("pk")
        months = rows.order_by().annotate(month=TruncMonth(when)).values_list("month").annotate(n=amount)
        for month, number in months:
            found[timezone.localdate(month), measure.value] = Decimal(number or 0)
    return found


def rows_behind(whose: Whose, measure: str, span: Span) -> tuple[QuerySet[Any], str]:
    """The rows of a number and the column it counts by: leads, moves of leads, prospects, meetings or deals."""
    if measure in BELOW:
        return BELOW[Measure(measure)](whose, span)
    reps = reps_of(whose)
    key = OF_FIGURES[Measure(measure)]
    rows = rows_of(key, Span(span.at, span.start, span.end, None if reps is None else tuple(reps)))
    if whose.kind == "campaign":
        rows = rows.filter(**{f"prospect__person__lead__{FIRST_CAMPAIGN}": whose.row})
    return rows, FIGURES[key].when


def _leads(whose: Whose, span: Span) -> tuple[QuerySet[Any], str]:
    rows = Lead.objects.filter(created_at__gte=span.start, created_at__lt=span.end)
    return rows.filter(**{FIRST_CAMPAIGN: whose.row}) if whose.kind == "campaign" else rows, "created_at"


def _marketing_qualified(whose: Whose, span: Span) -> tuple[QuerySet[Any], str]:
    """Of the house and of a campaign: who became it. Of a team or rep: who was handed to them."""
    reps = reps_of(whose)
    if reps is not None:
        handed = Prospect.objects.filter(lead_move__isnull=False, owner__in=reps)
        return handed.filter(opened_at__gte=span.start, opened_at__lt=span.end), "opened_at"
    rows = LeadMove.objects.filter(new=LeadStatus.MARKETING_QUALIFIED, at__gte=span.start, at__lt=span.end)
    return rows.filter(**{f"lead__{FIRST_CAMPAIGN}": whose.row}) if whose.kind == "campaign" else rows, "at"


BELOW: dict[str, Callable[[Whose, Span], tuple[QuerySet[Any], str]]] = {
    Measure.LEADS: _leads,
    Measure.MARKETING_QUALIFIED: _marketing_qualified,
}


def _year(year: int) -> Span:
    start, end = span_of(date(year, 1, 1), 12)
    return Span(end, start, end)
