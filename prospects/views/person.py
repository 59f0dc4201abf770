"""The person page of one cycle, and what a rep does there: verdict, call, move, next step, note."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects import activity, pipeline
from prospects.forms import CallForm, FollowUpForm, MeetingForm, MoveForm, NoteForm, RejectForm
from prospects.models import FollowUp, Prospect
from prospects.qualification import card
from prospects.views.answers import for_reps, go_on, in_place, own_prospect, rep_verb
from prospects.views.assign import reps
from prospects.views.board import board_again
from prospects.views.person_context import person_context
from prospects.views.today import today_again


@for_reps
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/prospects/<id>/: facts, call form and story, next step, BANT, score."""
    return show(request, own_prospect(request, pk))


def show(request: HttpRequest, prospect: Prospect, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, or only its inside when htmx asks."""
    if request.user.has_perm("prospects.manage_prospects"):
        forms["reps"] = reps()
    name = "prospects/_person_answer.html" if in_place(request) else "prospects/person.html"
    return render(
        request, name, person_context(prospect, show=request.GET.get("show", ""), **forms), status=status
    )


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
    said = {"name": prospect.person.name, "outcome": reason.get_outcome_display()}
    messages.success(request, _("%(name)s %(outcome)s.") % said)
    return go_on(request, prospect)


def _refused_verdict(request: HttpRequest, prospect: Prospect, form: RejectForm) -> HttpResponse:
    if request.POST.get("then") == "today":
        return today_again(request, reject_form=form, prospect=prospect, status=422)
    return show(request, prospect, status=422, reject_form=form)


@rep_verb
def log_call(request: HttpRequest, pk: int) -> HttpResponse:
    """The call with what was learnt and what comes next, in one go."""
    prospect = own_prospect(request, pk)
    form = CallForm(request.POST, card=card(prospect))
    if not form.is_valid():
        return show(request, prospect, status=422, call_form=form)
    asked = form.cleaned_data
    try:
        activity.log_call(
            prospect=prospect, outcome=asked["outcome"], direction=asked["direction"] or "out",
            minutes=asked["minutes"], note=asked["note"], bant=form.learnt(), follow_up=form.next_step(),
            by=request.user, at=timezone.now(), submit_key=asked["submit_key"],
        )  # fmt: skip
    except Refused as no:
        form.add_error(None, no.message)
        return show(request, prospect, status=422, call_form=form)
    messages.success(request, _("Call saved."))
    return go_on(request, prospect)


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


@rep_verb
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the next step."""
    prospect = own_prospect(request, pk)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return show(request, prospect, status=422, follow_up_form=form)
    try:
        key = form.cleaned_data["submit_key"]
        activity.plan_follow_up(
            prospect=prospect, **form.promise(), by=request.user, at=timezone.now(), submit_key=key
        )  # fmt: skip
    except Refused as no:
        form.add_error(None, no.message)
        return show(request, prospect, status=422, follow_up_form=form)
    messages.success(request, _("Next step planned."))
    return go_on(request, prospect)


@rep_verb
def follow_up_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick off a promise."""
    mine = Prospect.objects.visible_to(request.user)
    promise = get_object_or_404(FollowUp.objects.select_related("prospect"), pk=pk, prospect__in=mine)
    activity.finish_follow_up(follow_up=promise, by=request.user, at=timezone.now())
    messages.success(request, _("Done. What comes next?"))
    return go_on(request, promise.prospect)


@rep_verb
def book_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree on a meeting."""
    prospect = own_prospect(request, pk)
    form = MeetingForm(request.POST)
    if not form.is_valid():
        return show(request, prospect, status=422, meeting_form=form)
    try:
        activity.book_meeting(prospect=prospect, by=request.user, at=timezone.now(), **form.meeting())
    except Refused as no:
        form.add_error(None, no.message)
        return show(request, prospect, status=422, meeting_form=form)
    messages.success(request, _("Meeting booked."))
    return go_on(request, prospect)


@rep_verb
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note on the timeline."""
    prospect = own_prospect(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show(request, prospect, status=422, note_form=form)
    asked = form.cleaned_data
    activity.add_note(
        prospect=prospect,
        text=asked["text"],
        by=request.user,
        at=timezone.now(),
        submit_key=asked["submit_key"],
    )
    messages.success(request, _("Note kept."))
    return redirect("staff-person", pk=prospect.pk)
