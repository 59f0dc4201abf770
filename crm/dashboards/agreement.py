"""/staff/agreement/: what both teams mean by their words, version by version, and who has acknowledged it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from prospects import agreement
from prospects.agreement.changes import compared
from prospects.models import Acknowledgement, Agreement
from prospects.views.answers import conflict

VERSIONS_LISTED = 20


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def agreement_page(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The agreement of today, or an older version as it stood."""
    now = agreement.current(at=timezone.now())
    shown = now if number is None else get_object_or_404(Agreement, number=number)
    before = Agreement.objects.filter(number__lt=shown.number).first()
    return render(
        request,
        "crm/agreement.html",
        {
            "agreement": shown,
            "now": now,
            "sections": compared(shown, before),
            "before": before,
            "sides": _sides(shown, request.user),
            "versions": Agreement.objects.prefetch_related("acknowledgements")[:VERSIONS_LISTED],
        },
    )


def _sides(shown: Agreement, user: Any) -> list[tuple[str, Any, Acknowledgement | None, bool]]:
    """Each side with its acknowledgement, or whether this user may give it."""
    given = {row.side: row for row in shown.acknowledgements.select_related("by")}
    mine = agreement.sides_of(user)
    return [
        (side.value, side.label, given.get(side.value), side.value in mine) for side in Acknowledgement.Side
    ]


@login_required
@permission_required("crm.view_reports", raise_exception=True)
@require_POST
def acknowledge(request: HttpRequest, number: int) -> HttpResponse:
    """A head acknowledges this version for a side. Rules that changed meanwhile are shown first."""
    shown = get_object_or_404(Agreement, number=number)
    side = request.POST.get("side", "")
    try:
        agreement.acknowledge(agreement=shown, side=side, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    except Conflict as lost:
        return conflict(request, lost)
    else:
        messages.success(request, _("Acknowledged."))
    return redirect("staff-agreement")
