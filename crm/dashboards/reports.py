"""/staff/reports/: the funnel with its numbers, and the rows behind each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from campaigns.models import Campaign, Channel
from crm.dashboards.funnel_picture import picture
from crm.dashboards.period import CREDITS, PERIODS, VIEWS, Asked, asked_for, query_of
from crm.dashboards.tiles import table_lines, tiles_of
from crm.reports.funnel import funnel
from crm.reports.rows import Part, rows
from crm.reports.scope import Scope
from leads.keyset import KeysetPage, keyset_page
from leads.models import Segment
from prospects.models import Deal, Prospect

ORDER = {
    "lead": ("-created_at", "-pk"),
    "prospect": ("-opened_at", "-pk"),
    "visitor": ("-last", "-visitor_key"),
    "spend": ("-on", "-pk"),
}


@dataclass(frozen=True)
class ShownPart:
    """One kind of rows, its page, for a rep the cycle behind each lead, for a prospect its money."""

    part: Part
    page: KeysetPage
    cycles: dict[int, int]
    amounts: dict[int, Any]


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def reports_home(request: HttpRequest) -> HttpResponse:
    """/staff/reports/ opens on the funnel."""
    return redirect("staff-funnel")


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def funnel_page(request: HttpRequest) -> HttpResponse:
    """Two mouths, one sale: the picture, the same in numbers, by channel, by campaign, why sales said no."""
    asked = _asked(request)
    report = _report(asked.scope)
    before = asked.scope.before()
    then = _report(before) if before else None
    context = {
        "asked": asked,
        "report": report,
        "picture": picture(report),
        "tiles": tiles_of(report, then, asked.query),
        "lines": table_lines(report, then),
        "before": before,
        "periods": PERIODS,
        "credits": CREDITS,
        "views": VIEWS,
        "channels": Channel.objects.in_use(),
        "campaigns": Campaign.objects.in_use().only("name", "slug"),
        "segments": _segments(request),
        "currency": settings.CURRENCY,
    }
    return render(request, "crm/funnel.html", context)


def _asked(request: HttpRequest) -> Asked:
    """Only who sees leads may narrow to a segment, which can be one person."""
    asked = asked_for(request.GET)
    if not asked.scope.segment or request.user.has_perm("leads.view_lead"):
        return asked
    scope = replace(asked.scope, segment=None)
    return replace(asked, scope=scope, query=query_of(scope, asked.period))


def _segments(request: HttpRequest) -> QuerySet[Segment]:
    """Those whose people are stored, to narrow a report to."""
    found = Segment.objects.in_use().exclude(evaluated_at=None)
    return found if request.user.has_perm("leads.view_lead") else found.none()


def _report(scope: Scope):
    return funnel(
        start=scope.start,
        end=scope.end,
        by=scope.by,
        view=scope.view,
        channel=scope.channel,
        campaign=scope.campaign,
        segment=scope.segment,
    )


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def rows_page(request: HttpRequest, key: str) -> HttpResponse:
    """The rows behind one number, as far as this reader may see them; they count up to the number shown."""
    asked = _asked(request)
    try:
        found = rows(key=key, scope=asked.scope, user=request.user, reason=request.GET.get("reason", ""))
    except KeyError:
        raise Http404(key) from None
    parts = [_shown(request, number, part) for number, part in enumerate(found.parts)]
    context = {"asked": asked, "rows": found, "parts": parts, "key": key, "currency": settings.CURRENCY}
    return render(request, "crm/rows.html", context)


def _shown(request: HttpRequest, number: int, part: Part) -> ShownPart:
    """A page of one part; with two parts on a page only the first one turns its pages by `at`."""
    cursor = request.GET.get("at", "") if number == 0 else ""
    page = keyset_page(part.queryset, keys=ORDER[part.kind], cursor=cursor)
    cycles, amounts = {}, {}
    if part.kind == "prospect":
        deals = Deal.objects.filter(prospect__in=[row.pk for row in page.rows]).order_by()
        amounts = dict(deals.values_list("prospect").annotate(total=Sum("base_amount")))
    if part.kind == "lead" and not request.user.has_perm("leads.view_lead"):
        mine = Prospect.objects.visible_to(request.user).filter(
            person__in=[row.person_id for row in page.rows]
        )
        cycles = dict(mine.order_by("opened_at").values_list("person", "pk"))
    return ShownPart(part, page, cycles, amounts)
