"""Who gets into a sequence: its forms, its rules, and people let in by hand."""

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
from campaigns.models import LandingPage, Sequence
from leads.models import EntryRule
from leads.nurture import entries
from leads.ways_in_forms import ByHandForm, RuleForm

RIGHTS = ("campaigns.change_sequence", "leads.view_lead")


@login_required
@permission_required(RIGHTS, raise_exception=True)
def ways_in(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/sequences/<pk>/ways-in/: GET shows; POST adds a rule."""
    sequence = get_object_or_404(Sequence, pk=pk, kind=Sequence.Kind.SEQUENCE)
    form = RuleForm(request.POST or None, sequence=sequence)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The way in is open."))
        return redirect("staff-sequence-ways-in", pk=pk)
    return _page(request, sequence, rule_form=form, status=422 if form.errors else 200)


@login_required
@permission_required(RIGHTS, raise_exception=True)
@require_POST
def switch(request: HttpRequest, pk: int, to: str) -> HttpResponse:
    """Close or open one rule. Closed rules stay: they say how people came in."""
    rule = get_object_or_404(EntryRule, pk=pk)
    EntryRule.objects.filter(pk=pk).update(is_on=to == "open")
    messages.success(
        request, _("The way in is open.") if to == "open" else _("Nobody comes in this way any more.")
    )
    return redirect("staff-sequence-ways-in", pk=rule.sequence_id)


@login_required
@permission_required(RIGHTS, raise_exception=True)
@require_POST
def by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Let in people by their addresses; each has a result."""
    sequence = get_object_or_404(Sequence, pk=pk, kind=Sequence.Kind.SEQUENCE)
    form = ByHandForm(request.POST)
    if not form.is_valid():
        return _page(request, sequence, hand_form=form, status=422)
    try:
        people = form.cleaned_data["addresses"]
        results = entries.enrol_by_hand(people=people, sequence=sequence, by=request.user, at=timezone.now())
    except Refused as no:
        form.add_error("addresses", no.message)
        return _page(request, sequence, hand_form=form, status=422)
    return _page(request, sequence, results=results, strangers=form.strangers)


def _page(request: HttpRequest, sequence: Sequence, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    rules = EntryRule.objects.filter(sequence=sequence).select_related("segment").order_by("-is_on", "pk")
    lines = [(rule, entries.candidates(rule, at=now).count() if rule.is_on else 0) for rule in rules]
    context = {
        "sequence": sequence,
        "rules": lines,
        "pages": LandingPage.objects.filter(sequence=sequence).order_by("title"),
        "rule_form": RuleForm(sequence=sequence),
        "hand_form": ByHandForm(),
    }
    return render(request, "leads/sequences/ways_in.html", context | more, status=status)
