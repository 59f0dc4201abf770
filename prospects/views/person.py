"""The person page of one cycle, its parts that come later, and what a rep decides there: verdict and stage."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from campaigns.errors import Refused
from prospects import pipeline
from prospects.feedback.outcomes import became
from prospects.forms import MoveForm, RejectForm
from prospects.forms.listing import offered_reps
from prospects.models import Prospect, Reason
from prospects.views.answers import for_reps, go_on, in_place, own_prospect, rep_verb
from prospects.views.board import board_again
from prospects.views.person_context import for_page, person_context
from prospects.views.person_parts import PARTS
from prospects.views.today import today_again


@for_reps
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/prospects/<id>/: call form, next step and BANT at once; facts, story and score a moment later."""
    return show(request, own_prospect(request, pk, read=for_page), anyway="anyway" in request.GET)


@for_reps
def person_part(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """A part that the page fetches once it stands. Without a script its link leads to the page with all of it."""
    prospect = own_prospect(request, pk)
    if part not in PARTS:
        raise Http404
    if not in_place(request):
        return redirect(reverse("staff-person", args=[pk]) + "?all=1")
    context = {
        "prospect": prospect,
        "person": prospect.person,
        "company": prospect.person.company,
        "reps": reps_for(request.user),
        **PARTS[part](prospect, request.user, request.GET.get("show", "")),
    }
    return render(request, f"prospects/_part_{part}.html", context)


def show(request: HttpRequest, prospect: Prospect, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, or only its inside when htmx asks."""
    name = "prospects/_person_answer.html" if in_place(request) else "prospects/person.html"
    context = person_context(prospect, **forms)
    asked = request.GET.get("show", "")
    wanted = list(PARTS) if "all" in request.GET else ["story"] if asked else []
    for part in wanted:
        context |= PARTS[part](prospect, request.user, asked)
    return render(request, name, context | {"here": wanted, "reps": reps_for(request.user)}, status=status)


def reps_for(user: Any) -> list[Any]:
    """To whom the page offers to give the prospect: a manager's choice."""
    return offered_reps("all") if user.has_perm("prospects.manage_prospects") else []


@rep_verb
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner takes the handover. A second press finds it accepted and changes nothing."""
    prospect = own_prospect(request, pk)
    try:
        pipeline.accept(prospect=prospect, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, _("%(name)s is yours. Call next.") % {"name": prospect.person.name})
    return go_on(request, prospect)


@rep_verb
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """One choice of a reason; the reason says what becomes of the person."""
    prospect = own_prospect(request, pk)
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _refused_verdict(request, prospect, form)
    try:
        pipeline.reject(prospect=prospect, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as no:
        form.add_error(None, no.message)
        return _refused_verdict(request, prospect, form)
    reason = form.cleaned_data["reason"]
    said = {"name": prospect.person.name, "outcome": became(prospect, reason)}
    messages.success(request, _("%(name)s %(outcome)s.") % said)
    if reason.outcome == Reason.Outcome.WRONG_PERSON and request.POST.get("then") == "today":
        return _who_else(request, prospect)
    return go_on(request, prospect)


def _who_else(request: HttpRequest, prospect: Prospect) -> HttpResponse:
    """The page of the closed cycle asks for the right person; from Today as well, before the next one comes."""
    page = reverse("staff-person", args=[prospect.pk])
    return HttpResponseClientRedirect(page) if in_place(request) else redirect(page)


def _refused_verdict(request: HttpRequest, prospect: Prospect, form: RejectForm) -> HttpResponse:
    if request.POST.get("then") == "today":
        return today_again(request, reject_form=form, prospect=prospect, status=422)
    return show(request, prospect, status=422, reject_form=form)


@rep_verb
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another open stage; a blocked move names the facts that are missing."""
    prospect = own_prospect(request, pk)
    form = MoveForm(request.POST, prospect=prospect)
    if not form.is_valid():
        return show(request, prospect, status=422)
    stage = form.cleaned_data["to"]
    try:
        pipeline.move(prospect=prospect, to=stage, by=request.user, at=timezone.now())
    except Refused as no:
        return blocked_move(request, prospect, stage, no)
    said = {"name": prospect.person.name, "stage": stage.name.lower()}
    messages.success(request, _("%(name)s is now in %(stage)s.") % said)
    return go_on(request, prospect)


def blocked_move(request: HttpRequest, prospect: Prospect, stage: Any, no: Refused) -> HttpResponse:
    """The same page with what is missing, beside the button that was pressed."""
    if request.POST.get("then") == "board":
        return board_again(request, prospect=prospect, stage=stage, no=no, status=422)
    return show(request, prospect, status=422, blocked=no)
