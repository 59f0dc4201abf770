"""/staff/steps/<published step>/test/: ending a test of two wordings."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import mail_tests
from campaigns.errors import Conflict, Refused
from campaigns.models import PublishedStep


@require_POST
@login_required
@permission_required("campaigns.change_sequence", raise_exception=True)
def end_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one wording for everybody who comes; back to the sequence."""
    step = get_object_or_404(PublishedStep.objects.select_related("version"), pk=pk)
    kept = request.POST.get("kept", "")
    try:
        mail_tests.end_test(step=step, kept=kept, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    except Conflict as conflict:
        messages.info(request, _("The test has ended already: %s.") % conflict.now)
    else:
        messages.success(request, _("The test has ended. Everybody gets %s now.") % kept.upper())
    return redirect("staff-sequence", pk=step.version.sequence_id)
