"""/staff/: where each role's day begins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.dashboards.period import asked_for
from crm.dashboards.tiles import Tile, tiles_of
from crm.reports.funnel import funnel
from crm.reports.kpis import marketing_home
from leads.models import Lead
from leads.templatetags.staff_ui import count, percent, rows_of


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Marketing sees its numbers, a manager the team, a rep Today, an operator the status, a viewer the reports."""
    user = request.user
    if user.has_perm("campaigns.change_campaign"):
        return marketing(request)
    for permission, name in (
        ("prospects.manage_prospects", "staff-team"),
        ("prospects.work_prospects", "staff-today"),
        ("crm.view_status", "staff-status"),
        ("crm.view_reports", "staff-funnel"),
    ):
        if user.has_perm(permission):
            return redirect(name)
    raise PermissionDenied


def marketing(request: HttpRequest) -> HttpResponse:
    """Five tiles, each opening its rows; the funnel of 30 days; campaigns; who came last."""
    asked = asked_for(request.GET, default="30d")
    now = timezone.now()
    report = funnel(start=asked.scope.start, end=asked.scope.end, by=asked.scope.by, view=asked.scope.view)
    live = marketing_home(at=now)
    context: dict[str, Any] = {
        "asked": asked,
        "report": report,
        "live": live,
        "tiles": _marketing_tiles(report, live, asked.query),
        "newest": Lead.objects.for_list().order_by("-created_at", "-pk")[:8],
        "currency": settings.CURRENCY,
    }
    return render(request, "crm/home_marketing.html", context)


def _marketing_tiles(report, live, query: str) -> list[Tile]:
    by_key = {tile.key: tile for tile in tiles_of(report, None, query)}
    today = Tile(
        "leads",
        _("Leads today"),
        count(live.leads_today),
        _("since midnight"),
        rows_of("leads", "period=today"),
    )
    machine = Tile(
        "machine_share",
        _("Machine share"),
        percent(live.machine_share),
        _("of all hits, 30 days"),
        rows_of("visits", query),
    )
    waiting = Tile(
        "sends_waiting",
        _("Sends waiting"),
        count(live.sends_waiting),
        _("due now"),
        reverse("staff-sends-waiting"),
    )
    tiles = [today, by_key["cost_per_lead"], by_key["qualification_rate"], machine, waiting]
    if live.in_doubt:
        doubtful = reverse("admin:leads_message_changelist") + "?state__exact=unknown"
        words = _("sent or not: decide")
        tiles.append(Tile("in_doubt", _("Mails in doubt"), count(live.in_doubt), words, doubtful))
    return tiles
