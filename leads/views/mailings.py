"""One-off mailings: the list, the one screen, the look before sending, and the live view."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from campaigns.sequence_rules import problems
from campaigns.sequences import working_steps
from campaigns.version_changes import signature
from leads import segments
from leads.keyset import keyset_page
from leads.mailing_forms import MailingForm, as_typed
from leads.models import Mailing, Segment
from leads.nurture import check, mailings, overview
from leads.nurture.mailing_forecast import forecast
from leads.views.publish import reasons_of
from leads.views.sequences import live_context
from leads.views.ways_in import RIGHTS


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def mailing_list(request: HttpRequest) -> HttpResponse:
    """/staff/mailings/: the newest first, with what became of each."""
    rows = Mailing.objects.select_related("sequence", "segment").filter(sequence__archived_at=None)
    page = keyset_page(rows, keys=("-created_at", "-pk"), cursor=request.GET.get("at", ""))
    now = timezone.now()
    lines = {
        line.sequence.pk: line
        for line in overview.lines([one.sequence for one in page.rows], at=now, sent_in=None)
    }
    told = [
        (mailing, lines[mailing.sequence_id], standing(mailing, lines[mailing.sequence_id]))
        for mailing in page.rows
    ]
    return render(request, "leads/mailings/list.html", {"page": page, "mailings": told, "now": now})


def standing(mailing: Mailing, line: overview.Line) -> tuple[str, str]:
    """How it stands: a word for the chip's colour, and the words on it."""
    if mailing.started_at is None:
        return "info", _("draft")
    if line.sequence.state == "ended":
        return "", _("cancelled")
    if line.inside:
        return "accent", _("on its way")
    return "good", _("sent")


@login_required
@permission_required(RIGHTS, raise_exception=True)
def mailing_new(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """/staff/mailings/new/ and …/<pk>/change/: what, to whom, when. Saved, it is looked at; nothing goes out yet."""
    mailing = get_object_or_404(Mailing.objects.select_related("sequence"), pk=pk) if pk else None
    if mailing and mailing.started_at:
        return redirect("staff-mailing", pk=mailing.pk)
    form = MailingForm(request.POST or None, initial=as_typed(mailing) if mailing else _asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("staff-mailing", pk=_kept(form, mailing, request.user).pk)
        except Refused as no:
            form.add_error("send_on", no.message)
        except Conflict as lost:
            messages.warning(request, _("Somebody was faster. It is now: %(now)s") % {"now": lost.now})
            return redirect("staff-mailings")
    status = 422 if form.errors else 200
    return render(
        request,
        "leads/mailings/form.html",
        {"form": form, "mailing": mailing, "zone": settings.TIME_ZONE},
        status=status,
    )


def _asked(request: HttpRequest) -> dict[str, Any]:
    """`?segment=` comes from a segment's page."""
    return {"segment": request.GET.get("segment", "")}


def _kept(form: MailingForm, mailing: Mailing | None, by: Any) -> Mailing:
    data, now = form.cleaned_data, timezone.now()
    if mailing:
        return mailings.change(mailing=mailing, by=by, at=now, template=data["template"], **form.columns())
    key = data["submit_key"]
    return mailings.create(template=data["template"], submit_key=key, by=by, at=now, **form.columns())


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def segment_count(request: HttpRequest) -> HttpResponse:
    """How many are in the chosen segment now, for the form: a few words."""
    asked = request.GET.get("segment", "")
    segment = Segment.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    number = segments.count(segment) if segment else None
    return render(request, "leads/mailings/_count.html", {"number": number, "segment": segment})


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def mailing_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/mailings/<pk>/: before it is sent what would happen, afterwards what did."""
    mailing = get_object_or_404(Mailing.objects.select_related("sequence", "segment", "started_by"), pk=pk)
    if mailing.started_at:
        context = live_context(request, mailing.sequence)
        context |= {"mailing": mailing, "standing": standing(mailing, context["line"])}
        return render(request, "leads/mailings/live.html", context)
    return _before(request, mailing)


def _before(request: HttpRequest, mailing: Mailing, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    steps = working_steps(mailing.sequence)
    wrong = problems(mailing.sequence, steps) + [one for one in [mailings.problem_of(mailing, at=now)] if one]
    found = more.pop("found", None)
    if found is None:
        found = [] if wrong else check.findings(mailing.sequence, at=now)
    context = {
        "mailing": mailing,
        "sequence": mailing.sequence,
        "template": steps[0].template if steps else None,
        "forecast": forecast(mailing, at=now),
        "wrong": wrong,
        "found": found,
        "blocked": bool(wrong or check.blocking(found)),
        "reasons": {},
        "seen": _seen(mailing),
    }
    return render(request, "leads/mailings/before.html", context | more, status=status)


def _seen(mailing: Mailing) -> str:
    """What the page shows of it: the mail, for whom, and when. In another tab it may have become another."""
    about = (mailing.segment_id, mailing.sequence.audience, mailing.sequence.topic_id)
    when = (mailing.send_on, mailing.send_at, mailing.in_each_zone)
    return " ".join([signature(mailing.sequence), *map(str, (*about, *when))])


@login_required
@permission_required(RIGHTS, raise_exception=True)
@require_POST
def mailing_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it, once, however often this is pressed."""
    mailing = get_object_or_404(Mailing.objects.select_related("sequence", "segment"), pk=pk)
    now, reasons = timezone.now(), reasons_of(request)
    if mailing.started_at:
        return redirect("staff-mailing", pk=pk)
    if request.POST.get("seen") != _seen(mailing):
        words = _("The mail, its people or its time have changed since you looked.")
        return _before(request, mailing, 409, refused=[words])
    found = check.findings(mailing.sequence, at=now)
    if check.blocking(found) or check.open_warnings(found, reasons):
        return _before(request, mailing, 422, found=found, reasons=reasons, unanswered=True)
    try:
        mailings.start(mailing=mailing, by=request.user, at=now, findings=check.rows(found, reasons))
    except Refused as no:
        return _before(request, mailing, 422, found=found, reasons=reasons, refused=[no.message, *no.missing])
    except Conflict as lost:
        messages.warning(request, _("Somebody was faster. It is now: %(now)s") % {"now": lost.now})
        return redirect("staff-mailings")
    messages.success(request, _("It is on its way. Here you see what becomes of it."))
    return redirect("staff-mailing", pk=pk)


@login_required
@permission_required(RIGHTS, raise_exception=True)
@require_POST
def mailing_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Send no more of it. Who has it, has it."""
    mailing = get_object_or_404(Mailing, pk=pk)
    number = mailings.cancel(mailing=mailing, by=request.user, at=timezone.now())
    mailing.refresh_from_db(fields=["started_at"])  # somebody may have sent it in between
    if mailing.started_at is None:
        messages.success(request, _("Thrown away. Nobody got it."))
        return redirect("staff-mailings")
    words = ngettext(
        "Cancelled: %(n)d person who had not got it will not.",
        "Cancelled: %(n)d people who had not got it will not.",
        number,
    )
    messages.success(request, words % {"n": number})
    return redirect("staff-mailing", pk=pk)
