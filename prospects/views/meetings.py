"""Meetings: booked, moved, called off, told how they went; the invitation as a file, and a rep's own calendar."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.errors import Refused
from prospects import calendar, meetings
from prospects.correspondence import invitations
from prospects.forms import BigMeetingForm, MeetingForm, MoveMeetingForm
from prospects.models import Meeting, Prospect
from prospects.views.answers import for_reps, go_on, own_prospect, rep_verb
from prospects.views.person import show


@for_reps
def meetings_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The meetings of one prospect with the long form; the short one of the person page posts here as well."""
    prospect = own_prospect(request, pk)
    if request.method != "POST":
        return _page(request, prospect)
    long = "long" in request.POST
    form = (
        BigMeetingForm(request.POST, prospect=prospect, user=request.user)
        if long
        else MeetingForm(request.POST)
    )
    if not form.is_valid():
        return _again(request, prospect, form, long)
    asked = form.meeting()
    try:
        meeting = meetings.book_meeting(prospect=prospect, by=request.user, at=timezone.now(), **asked)
    except Refused as no:
        form.add_error(None, no.message)
        return _again(request, prospect, form, long)
    _say(request, meeting, _("Meeting booked."), invited=asked["invite"])
    return redirect("staff-meeting", pk=pk) if long else go_on(request, prospect)


def _again(request: HttpRequest, prospect: Prospect, form: Any, long: bool) -> HttpResponse:
    if long:
        return _page(request, prospect, status=422, form=form)
    return show(request, prospect, status=422, meeting_form=form)


def _page(request: HttpRequest, prospect: Prospect, status: int = 200, **forms: Any) -> HttpResponse:
    rows = prospect.meetings.select_related("by", "moved_to").prefetch_related(
        "guests__person", "guests__user"
    )
    found = list(rows.order_by("-at", "-pk"))
    context: dict[str, Any] = {
        "prospect": prospect,
        "person": prospect.person,
        "meetings": [(meeting, calendar.letter(meeting)) for meeting in found],
        "form": BigMeetingForm(prospect=prospect, user=request.user),
        "move_form": MoveMeetingForm(),
        "now": timezone.now(),
        **forms,
    }
    return render(request, "prospects/meetings.html", context, status=status)


@rep_verb
def meeting_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how a meeting went."""
    meeting = _own_meeting(request, pk)
    try:
        outcome = request.POST.get("outcome", "")
        meetings.close_meeting(meeting=meeting, outcome=outcome, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, _("Meeting: %(outcome)s.") % {"outcome": meeting.get_outcome_display()})
    return go_on(request, meeting.prospect)


@rep_verb
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another time, with the same guests."""
    meeting = _own_meeting(request, pk)
    form = MoveMeetingForm(request.POST)
    if not form.is_valid():
        return _page(request, meeting.prospect, status=422, move_form=form, moving=meeting.pk)
    asked = form.moved()
    try:
        moved = meetings.move_meeting(meeting=meeting, by=request.user, at=timezone.now(), **asked)
    except Refused as no:
        form.add_error(None, no.message)
        return _page(request, meeting.prospect, status=422, move_form=form, moving=meeting.pk)
    _say(request, moved, _("Meeting moved."), invited=asked["invite"])
    return redirect("staff-meeting", pk=meeting.prospect_id)


@rep_verb
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """No new time yet."""
    meeting = _own_meeting(request, pk)
    invite = bool(request.POST.get("invite"))
    off = meetings.move_meeting(
        meeting=meeting, starts_at=None, invite=invite, by=request.user, at=timezone.now()
    )
    _say(request, off, _("Meeting called off."), invited=invite)
    return redirect("staff-meeting", pk=meeting.prospect_id)


def _say(request: HttpRequest, meeting: Meeting, what: str, *, invited: bool) -> None:
    """What was done, to whom the mail goes, and who has to be told in another way."""
    if not invited:
        messages.success(request, f"{what} {_('No mail goes out: the file is for a mail of your own.')}")
        return
    missed = invitations.not_reached(meeting, timezone.now())
    reached = meeting.guests.filter(person__isnull=False, mail__isnull=False).exists()
    messages.success(request, f"{what} {_('The mail about it is on its way.')}" if reached else what)
    for person, why in missed:
        messages.warning(request, _("No mail to %(name)s: %(why)s") % {"name": person.name, "why": why})


@for_reps
@require_safe
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """The calendar file of a meeting that stands or was called off; one that was moved has a newer file."""
    meeting = _own_meeting(request, pk)
    if meeting.outcome != Meeting.Outcome.BOOKED and not meetings.is_called_off(meeting):
        raise Http404
    answer = _calendar_file(calendar.invitation(meeting, at=timezone.now()))
    answer["Content-Disposition"] = 'attachment; filename="invitation.ics"'
    return answer


@for_reps
@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The next two weeks, and the secret address of one's own calendar."""
    now, key = timezone.now(), calendar.address_key(request.user)
    context = {
        "meetings": list(calendar.upcoming(request.user, now)),
        "address": f"{settings.BASE_URL}{reverse('staff-calendar-feed', args=[key])}" if key else "",
        "now": now,
    }
    return render(request, "prospects/calendar.html", context)


@rep_verb
def new_address(request: HttpRequest) -> HttpResponse:
    """A fresh address; the one before answers 404 from now on."""
    calendar.new_address(request.user)
    messages.success(request, _("Here is your new calendar address. One from before no longer works."))
    return redirect("staff-addresses" if request.POST.get("then") == "addresses" else "staff-calendar")


@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """A rep's calendar, for whoever knows its address: calendars have no login."""
    user = calendar.reader(key)
    if user is None:
        raise Http404
    return _calendar_file(calendar.feed(user, at=timezone.now()))


def _calendar_file(content: bytes) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff"},
    )


def _own_meeting(request: HttpRequest, pk: int) -> Meeting:
    mine = Prospect.objects.visible_to(request.user)
    rows = Meeting.objects.select_related(
        "prospect__person__company", "prospect__stage", "prospect__owner", "by"
    )
    return get_object_or_404(rows, pk=pk, prospect__in=mine)
