"""/staff/disagreements/: the ten sharpest of a week, and how well each grade, source and rep is calibrated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from leads.keyset import keyset_page
from prospects import agreement
from prospects.feedback import disagreements
from prospects.models import Prospect, Review
from prospects.targets import FIRST_YEAR, LAST_YEAR, span_of_days
from prospects.views.answers import conflict

DAYS = 365
MAY = disagreements.MAY_REVIEW


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(choices=Review.Decision.choices)
    note = forms.CharField(required=False, max_length=1000)


@login_required
@permission_required(MAY, raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """The week asked for, this one at first; calibration over the last year."""
    monday = _monday(request)
    rows, users = _year(), get_user_model().objects
    names = {user.pk: str(user) for user in users.filter(pk__in=rows.values("owner"))}
    words: dict[str, Any] = {
        "grade": lambda grade: grade or _("no grade"),
        "source": lambda name: name or _("unknown"),
        "rep": lambda pk: names.get(pk, _("nobody")),
    }
    tables = [(by, disagreements.calibration(rows, by, words[by])) for by in disagreements.BY]
    shown = disagreements.sharpest(monday)
    context = {
        "monday": monday, "sunday": monday + timedelta(days=6), "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7), "today": timezone.localdate(), "shown": shown,
        "agreed": agreement.of_verdicts([one.prospect.pk for one in shown]),
        "reviewed": disagreements.reviewed(shown), "tables": tables, "decisions": Review.Decision.choices,
    }  # fmt: skip
    return render(request, "prospects/disagreements.html", context)


def _monday(request: HttpRequest) -> date:
    try:
        asked = parse_date(request.GET.get("week", ""))
    except ValueError:
        asked = None
    known = asked is not None and FIRST_YEAR <= asked.year <= LAST_YEAR
    return disagreements.monday_of(asked if asked and known else timezone.localdate())


def _year() -> Any:
    today = timezone.localdate()
    return disagreements.judged(*span_of_days(today - timedelta(days=DAYS), today + timedelta(days=1)))


@login_required
@permission_required(MAY, raise_exception=True)
def rows(request: HttpRequest, by: str) -> HttpResponse:
    """/staff/disagreements/<by>/: the handovers behind one line."""
    if by not in disagreements.BY:
        raise Http404(by)
    key = request.GET.get("key", "")
    if by == "rep" and key and not (key.isascii() and key.isdigit() and len(key) < 10):
        raise Http404(key)
    found = disagreements.behind(_year(), by, key).select_related(
        "person__company", "stage", "owner", "reason", "lead_move"
    )
    context = {
        "page": keyset_page(found, keys=("-opened_at", "-pk"), cursor=request.GET.get("at", "")),
        "total": found.count(),
    }
    return render(request, "prospects/disagreement_rows.html", context)


@login_required
@permission_required(MAY, raise_exception=True)
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was right, and what follows from it."""
    prospect = get_object_or_404(Prospect.objects.exclude(verdict="").exclude(lead_move=None), pk=pk)
    form = ReviewForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("Say who was right."))
        disagreements.decide(prospect=prospect, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as no:
        messages.error(request, no.message)
    except Conflict as lost:
        return conflict(request, lost)
    else:
        messages.success(request, _("Kept. Neither grade nor verdict changes by it."))
    week = request.GET.get("week", "")
    return redirect(reverse("staff-disagreements") + (f"?week={_monday(request)}" if week else ""))
