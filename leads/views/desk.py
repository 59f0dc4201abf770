"""Staff at the front door: what lies in quarantine, people checked in at an event, one person entered by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign
from leads.capture import Captured, capture, release
from leads.check_in import check_in
from leads.desk_forms import CheckInForm, EntryForm, moment
from leads.keyset import keyset_page
from leads.models import Door, Submission
from leads.tracking import VisitContext

EVENTS = "offline-event"  # the channel of campaigns that people are checked in at
QUARANTINED = Submission.State.QUARANTINED


@login_required
@permission_required("leads.change_lead", raise_exception=True)
def quarantine(request: HttpRequest) -> HttpResponse:
    """/staff/quarantine/: forms that look like a machine's, newest first, narrowed by reason."""
    waiting = Submission.objects.filter(state=QUARANTINED)
    counts: Counter[str] = Counter()
    for reasons, number in waiting.values_list("reasons").annotate(number=Count("pk")):
        counts.update(dict.fromkeys(reasons.split(", "), number))
    asked = request.GET.get("reason", "")
    rows = waiting.filter(reasons__contains=asked) if asked in counts else waiting
    rows = rows.select_related("page", "campaign")
    context = {
        "page": keyset_page(rows, keys=["-at", "-pk"], cursor=request.GET.get("at", "")),
        "reasons": sorted(counts.items()),
        "reason": asked,
        "total": waiting.count(),
        "days": settings.ADDRESS_DAYS,
    }
    return render(request, "leads/staff/quarantine.html", context)


@login_required
@permission_required("leads.change_lead", raise_exception=True)
@require_POST
def let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A person looked at it: through the front door after all."""
    row = get_object_or_404(Submission, pk=pk)
    try:
        captured = release(submission=row, by=request.user, at=timezone.now())
    except Conflict:
        messages.info(request, _("Somebody has let this form in already."))
    except Refused as no:
        messages.error(request, no.message)
    else:
        name = captured.person.name if captured.person else ""
        messages.success(request, _("%(name)s is in, as of the time the form was sent.") % {"name": name})
    return redirect("staff-quarantine")


@login_required
@permission_required("leads.enter_leads", raise_exception=True)
def check_in_page(request: HttpRequest, slug: str) -> HttpResponse:
    """/staff/check-in/<campaign>/: paste who was there; each line has its result."""
    campaign = get_object_or_404(Campaign, slug=slug)
    form = CheckInForm(request.POST or None, initial={"event": campaign.name})
    context: dict[str, Any] = {"campaign": campaign, "form": form}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        results = check_in(
            lines=form.lines, campaign=campaign, event=data["event"], at=moment(data["day"]), now=timezone.now(),
            by=request.user, consent=form.consent(),
        )  # fmt: skip
        context |= {"results": results, "counts": Counter(result.outcome for result in results)}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "leads/staff/check_in.html", context, status=status)


@login_required
@permission_required("leads.enter_leads", raise_exception=True)
def enter(request: HttpRequest) -> HttpResponse:
    """/staff/leads/new/: one person who called, wrote or came by."""
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        captured = _entered(request, form)
        messages.success(request, _words(captured))
        if captured.person and request.user.has_perm("leads.view_lead"):
            return redirect("staff-lead", pk=captured.person.pk)
        return redirect("staff-lead-new")
    status = 422 if form.is_bound else 200
    events = Campaign.objects.filter(channel__slug=EVENTS).order_by("-pk")[:12]
    return render(request, "leads/staff/enter.html", {"form": form, "events": events}, status=status)


def _entered(request: HttpRequest, form: EntryForm) -> Captured:
    data, now = form.cleaned_data, timezone.now()
    stated = form.consent()
    return capture(
        page=None, answers=form.answers(), consents=[stated] if stated else [], visit=VisitContext(),
        nonce=str(data["submit_key"] or ""), at=min(moment(data["day"]), now), now=now, door=Door.STAFF,
        campaign=data["campaign"], channel=data["channel"], label=data["source"], by=request.user,
        marks=[data["basis"]],
    )  # fmt: skip


def _words(captured: Captured) -> str:
    if captured.twin:
        return _("This had been entered already; nothing was added.")
    if captured.new_lead:
        return _("Entered as a new lead.")
    return _("We know this person already: the entry was added to their story.")
