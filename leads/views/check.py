"""/staff/sequences/<sequence>/check/: what speaks against starting it as it is written now."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns import preflight
from campaigns.models import Sequence
from leads.nurture import check


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(("campaigns.change_sequence", "leads.view_lead"), raise_exception=True)
def sequence_check(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows; POST forgets what the web answered before, so that links are asked anew."""
    sequence = get_object_or_404(Sequence, pk=pk)
    if request.method == "POST":
        preflight.forget_web()
        return redirect("staff-sequence-check", pk=pk)
    found = check.findings(sequence, at=timezone.now())
    context = {
        "sequence": sequence,
        "found": found,
        "errors": len(check.blocking(found)),
        "warnings": len(check.open_warnings(found, {})),
    }
    return render(request, "leads/sequences/check.html", context)
