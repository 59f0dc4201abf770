"""A backtest on staff pages: asked for on the page of a version, its progress, its result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Refused
from leads.models import Backtest, ScoringModel
from leads.scoring import backtest
from leads.views.backtest_report import Report

SEES = ["leads.view_scoringmodel", "leads.view_lead"]
ASKS = ["leads.change_scoringmodel", "leads.view_lead"]


@login_required
@permission_required(ASKS, raise_exception=True)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/scoring/<pk>/backtest/: try this version on the past. A second press is the first one."""
    model = get_object_or_404(ScoringModel, pk=pk)
    try:
        row = backtest.ask(
            model=model,
            by=request.user,
            at=timezone.now(),
            weeks=_number(request.POST.get("weeks", "26")),
            capacity=_number(request.POST.get("capacity", "20")),
        )
    except Refused as no:
        messages.error(request, no.message)
        return redirect("staff-scoring-model", pk=pk)
    return redirect("staff-backtest", pk=row.pk)


@login_required
@permission_required(SEES, raise_exception=True)
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/backtests/<pk>/: progress while it runs, then numbers, weeks and names; `?show=` a whole list."""
    row = get_object_or_404(Backtest.objects.select_related("model", "beside", "asked_by"), pk=pk)
    context: dict[str, Any] = {"row": row, "model": row.model}
    if row.state == Backtest.State.DONE:
        report = context["report"] = Report(row, show=request.GET.get("show", ""))
        if report.live is not None:
            context["lists"] = _lists(report)
    return render(request, "leads/scoring/backtest.html", context)


def _lists(report: Report) -> list[tuple[str, str, Any]]:
    """Heading, what it means, people; what decides comes first."""
    return [
        (_("Rejects it would have stopped"), _("sales gave them back or disqualified them"), report.stopped),
        (
            _("Customers it would have cost"),
            _("they bought, and would not have been handed over"),
            report.cost,
        ),
        (
            _("Customers it would have brought to sales"),
            _("handed over only by this version"),
            report.won_more,
        ),
        (_("Rejects it would have let in"), _("handed over only by this version"), report.let_in),
        (_("Moves in, outcome open"), _("no verdict yet: they were never handed over"), report.in_open),
        (_("Moves out, outcome open"), _("handed over, and nothing decided yet"), report.out_open),
    ]


def _number(typed: str) -> int:
    """What was typed as a whole number; 0, which is refused with words, for anything else."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0
