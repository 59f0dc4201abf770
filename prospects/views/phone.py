"""Where a phone system tells of finished calls, and the page where people sort out those that fit nobody."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns.errors import Refused
from leads.feedback.providers import HEADWATER, PROVIDERS, NotTheirs
from prospects.calls import phone
from prospects.forms.phone import ToldForm
from prospects.models import PhoneEvent, Prospect
from prospects.views.answers import for_reps, own_prospect, rep_verb

log = logging.getLogger(__name__)
MOST = 100  # calls on the page
OFFERED = 30  # prospects to choose from


@csrf_exempt
@require_POST
def hook(request: HttpRequest, source: str) -> HttpResponse:
    """One finished call, signed as every hook of our own: 200 as soon as it is kept, also the second time."""
    try:
        PROVIDERS[HEADWATER].check(request, timezone.now())
    except NotTheirs as error:
        log.warning("A call to /hooks/phone/%s/ was refused: %s", source, error)
        return _no(403, "not_signed", "Not signed by who it says.")
    said = _object(request)
    if said is None:
        return _no(400, "not_json", "The body is no JSON object.")
    form = ToldForm(said)
    if not form.is_valid() or len(source) > 40:
        return _no(400, "invalid", "Some fields are missing or wrong.", _plain(form))
    event = phone.take(source=source, told=form.told(), agent=form.cleaned_data["agent"])
    return _said({"kept": True, "logged": event.call_id is not None})


def _object(request: HttpRequest) -> dict[str, Any] | None:
    """The body, with flat values only; null is the same as nothing."""
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or any(isinstance(value, dict | list) for value in said.values()):
        return None
    given = {name: value for name, value in said.items() if value is not None}
    return {name: value if isinstance(value, bool) else str(value) for name, value in given.items()}


def _plain(form: ToldForm) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


def _no(status: int, code: str, message: str, fields: dict[str, list[str]] | None = None) -> JsonResponse:
    return _said({"error": {"code": code, "message": message, "fields": fields or {}}}, status)


def _said(words: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(words, status=status, headers={"Cache-Control": "no-store"})


@for_reps
def calls_to_sort(request: HttpRequest) -> HttpResponse:
    """/staff/calls/: what the phone system told and nobody has claimed; one's own, for a manager all."""
    waiting = phone.to_sort(request.user).select_related("user", "person")
    rows = list(waiting.order_by("-at", "-pk")[:MOST])
    words = request.GET.get("q", "").strip()[:80]
    theirs = _prospects_of(request.user, rows)
    context = {
        "rows": [_row(row, theirs.get(row.person_id or 0, [])) for row in rows],
        "total": waiting.count(),
        "words": words,
        "offered": offered(request.user, words),
    }
    return render(request, "prospects/calls.html", context)


def _row(event: PhoneEvent, theirs: list[Prospect]) -> dict[str, Any]:
    return {"event": event, "theirs": theirs, "minutes": round(event.seconds / 60)}


def _prospects_of(user: Any, rows: list[PhoneEvent]) -> dict[int, list[Prospect]]:
    """Person of a number → the open prospects that this user may see."""
    seen = (
        Prospect.objects.visible_to(user)
        .open()
        .filter(person__in={row.person_id for row in rows if row.person_id})
    )
    found = defaultdict(list)
    for prospect in seen.select_related("person__company", "stage"):
        found[prospect.person_id].append(prospect)
    return found


def offered(user: Any, words: str) -> list[Prospect]:
    """Whom else it may have been: by a word of the search, else the ones that moved last."""
    seen = Prospect.objects.visible_to(user).open().select_related("person__company")
    for word in words.split()[:5]:
        named = Q(person__first_name__icontains=word) | Q(person__last_name__icontains=word)
        seen = seen.filter(named | Q(person__company__name__icontains=word) | Q(person__phone__contains=word))
    return list(seen.order_by("-stage_since", "-pk")[:OFFERED])


@rep_verb
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """To a prospect one may see."""
    event = get_object_or_404(_seen(request), pk=pk)
    chosen = request.POST.get("prospect", "")
    if not chosen.isascii() or not chosen.isdigit() or len(chosen) > 12:
        messages.error(request, _("Choose whose call it was."))
        return redirect("staff-calls")
    prospect = own_prospect(request, int(chosen))
    try:
        phone.attach(event=event, prospect=prospect, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(
            request, _("The call stands on %(name)s's page now.") % {"name": prospect.person.name}
        )
    return redirect("staff-calls")


@rep_verb
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """It was nobody's."""
    event = get_object_or_404(_seen(request), pk=pk)
    phone.set_aside(event=event, by=request.user, at=timezone.now())
    messages.success(request, _("Set aside."))
    return redirect("staff-calls")


def _seen(request: HttpRequest) -> Any:
    """One's own events, sorted out or not: a second press finds what it did."""
    if request.user.has_perm("prospects.manage_prospects"):
        return PhoneEvent.objects.all()
    return PhoneEvent.objects.filter(user=request.user)
