"""Learned points on staff pages: asking for them, the table they make, and the draft that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Refused
from leads.models import ScoringModel
from leads.models.learned import LearnedModel, ReliabilityBin
from leads.scoring import learn
from leads.scoring.learn.enough import counted
from leads.scoring.learn.report import Report
from leads.views.backtest import ASKS, SEES

ROWS = 5
SIDE, EDGE = 240, 34  # of the drawing, in user units
SMALLEST, LARGEST = 3.0, 14.0  # radius of a dot


@dataclass(frozen=True)
class Dot:
    """Leads given much the same chance. `x`: what was expected, `y`: what came of them, `r`: how many they are."""

    x: float
    y: float
    r: float
    bin: ReliabilityBin


def overview(request: HttpRequest) -> dict[str, Any]:
    """What the part on the scoring page needs."""
    rows = list(LearnedModel.objects.select_related("asked_by")[:ROWS])
    live = LearnedModel.objects.filter(pk__in=_live_ids()).first()
    return {
        "learned_here": True,
        "learned_rows": rows,
        "learned_live": live,
        "learned_drifted": Report(live).drifted if live else False,
        "learned_may_ask": request.user.has_perms(ASKS),
        "learned_short": counted().shortage,
    }


def _live_ids() -> list[int]:
    rows = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).exclude(learned=None)
    return [pk for pk in rows.values_list("learned", flat=True) if pk is not None]


@login_required
@permission_required(ASKS, raise_exception=True)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """/staff/learned/ask/: learn from what is closed by now. A second press is the first one."""
    try:
        row = learn.ask(by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
        return redirect("staff-scoring")
    return redirect("staff-learned", pk=row.pk)


@login_required
@permission_required(SEES, raise_exception=True)
def learned(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/learned/<pk>/: progress while it works; then the table, what was left out, how far chances hold."""
    row = get_object_or_404(LearnedModel.objects.select_related("asked_by"), pk=pk)
    context: dict[str, Any] = {"row": row, "may_ask": request.user.has_perms(ASKS)}
    if row.state == LearnedModel.State.DONE:
        report = Report(row)
        context |= {"report": report, "dots": _dots(report.reliability), "side": SIDE, "edge": EDGE}
        context |= {"far": SIDE - EDGE, "wide": SIDE + 10, "high": SIDE + 4}
    return render(request, "leads/scoring/learned.html", context)


@login_required
@permission_required(ASKS, raise_exception=True)
@require_POST
def make_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/learned/<pk>/draft/: the points as a draft of the rules. Sent twice, it is one draft."""
    row = get_object_or_404(LearnedModel, pk=pk)
    try:
        draft = learn.make_draft(learned=row, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
        return redirect("staff-learned", pk=pk)
    messages.success(
        request,
        _("%(draft)s is a draft. Look at it, change what you know better, publish it.") % {"draft": draft},
    )
    return redirect("staff-scoring-model", pk=draft.pk)


def _dots(bins: list[ReliabilityBin]) -> list[Dot]:
    """Of a square whose sides are 0 to 100 per cent; the area of a dot says how many leads."""
    most = max((one.leads for one in bins), default=1)
    return [
        Dot(
            x=round(EDGE + (SIDE - EDGE) * one.expected / one.leads, 1),
            y=round((SIDE - EDGE) * (1 - one.won / one.leads), 1),
            r=round(SMALLEST + (LARGEST - SMALLEST) * (one.leads / most) ** 0.5, 1),
            bin=one,
        )
        for one in bins
    ]
