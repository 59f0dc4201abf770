"""The mails whose moment has come and that wait: the rows behind the tile."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from leads.keyset import keyset_page
from leads.models import Message


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def sends_waiting(request: HttpRequest) -> HttpResponse:
    """/staff/reports/sends-waiting/: due and not sent, the longest wait first."""
    now = timezone.now()
    due = Message.objects.filter(state=Message.State.SCHEDULED, due_at__lte=now).select_related(
        "person", "words"
    )
    page = keyset_page(due, keys=("due_at", "pk"), cursor=request.GET.get("at", ""))
    return render(request, "crm/sends_waiting.html", {"page": page, "total": due.count(), "now": now})
