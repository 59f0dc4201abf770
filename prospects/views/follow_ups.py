"""Promises on a rep's pages: plan one, tick it off, put it off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.templatetags.staff_ui import relative
from prospects import follow_ups
from prospects.forms import FollowUpForm, SnoozeForm
from prospects.models import FollowUp, Prospect
from prospects.views.answers import for_reps, go_on, in_place, own_prospect, rep_verb
from prospects.views.person import show
from prospects.views.today import today_again


@rep_verb
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the next step."""
    prospect = own_prospect(request, pk)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return _refused_plan(request, prospect, form)
    key = form.cleaned_data["submit_key"]
    try:
        follow_ups.plan_follow_up(
            prospect=prospect, **form.promise(), by=request.user, at=timezone.now(), submit_key=key
        )  # fmt: skip
    except Refused as no:
        form.add_error(None, no.message)
        return _refused_plan(request, prospect, form)
    messages.success(request, _("Next step planned."))
    return go_on(request, prospect)


def _refused_plan(request: HttpRequest, prospect: Prospect, form: FollowUpForm) -> HttpResponse:
    if request.POST.get("then") == "today":
        for said in form.errors.values():
            messages.error(request, str(said[0]))
        return today_again(request, status=422)
    return show(request, prospect, status=422, follow_up_form=form)


def _own_promise(request: HttpRequest, pk: int) -> FollowUp:
    """A promise on a prospect that this user may see; others are not found."""
    mine = Prospect.objects.visible_to(request.user)
    rows = FollowUp.objects.select_related("prospect__person", "prospect__stage")
    return get_object_or_404(rows, pk=pk, prospect__in=mine)


@rep_verb
def follow_up_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick off a promise."""
    promise = _own_promise(request, pk)
    follow_ups.finish_follow_up(follow_up=promise, by=request.user, at=timezone.now())
    messages.success(request, _("Done. What comes next?"))
    return go_on(request, promise.prospect)


@for_reps
def snooze(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The small sheet that asks until when; its answer puts the promise off."""
    if request.method == "POST":
        return put_off(request, pk)
    return _sheet(request, _own_promise(request, pk), SnoozeForm(initial={"until": "tomorrow"}))


@rep_verb
def put_off(request: HttpRequest, pk: int) -> HttpResponse:
    promise = _own_promise(request, pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return _sheet(request, promise, form, status=422)
    at = timezone.now()
    if form.cleaned_data["seen"] is not None:
        promise.snoozed = form.cleaned_data["seen"]
    try:
        follow_ups.snooze(follow_up=promise, until=form.moment(at), by=request.user, at=at)
    except Refused as no:
        form.add_error("day", no.message)
        return _sheet(request, promise, form, status=422)
    said = {"name": promise.prospect.person.name, "time": relative(promise.due_at, at)}
    messages.success(request, _("%(name)s comes back: %(time)s.") % said)
    return go_on(request, promise.prospect)


def _sheet(request: HttpRequest, promise: FollowUp, form: SnoozeForm, status: int = 200) -> HttpResponse:
    """In a cell of the day for htmx; else a page of its own."""
    then = request.POST.get("then") or request.GET.get("then", "")
    context = {"promise": promise, "snooze_form": form, "then": then if then == "today" else "person"}
    name = "prospects/_snooze.html" if in_place(request) else "prospects/snooze.html"
    answer = render(request, name, context, status=status)
    if status == 422 and in_place(request):
        # the form aims at the whole page; what is wrong belongs beside the field
        answer["HX-Retarget"], answer["HX-Reswap"] = f"#snooze-{promise.pk}", "outerHTML"
    return answer
