"""The post office: what goes out in the next hours and days, and where flows meet."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns import sending
from leads.nurture.planner import kept_forecast
from leads.nurture.rehearsal.report import Meetings, names_of
from leads.views.bars import bars_of


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def post_office(request: HttpRequest) -> HttpResponse:
    """/staff/post-office/: one queue per person over all flows, ahead of time."""
    ahead = kept_forecast()
    people = names_of(line["person"] for line in ahead.collisions["listed"])
    context = {
        "ahead": ahead,
        "policy": sending.policy(),
        "meetings": Meetings(ahead.collisions, people),
        "hours": bars_of(ahead.hours, wide=1080),
        "TIME_ZONE": settings.TIME_ZONE,
        "days": bars_of(ahead.days, wide=1080),
    }
    return render(request, "leads/sequences/post_office.html", context)
