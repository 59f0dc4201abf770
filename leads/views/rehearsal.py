"""Rehearsals on staff pages: asking for one, its result, and the walk of one person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from campaigns.errors import Refused
from campaigns.models import Sequence
from leads.models import Person, Rehearsal, Segment
from leads.nurture import rehearsal
from leads.nurture.rehearsal.audience import MOST, audience_of
from leads.nurture.rehearsal.cast import Bound
from leads.nurture.rehearsal.report import Report
from leads.nurture.rehearsal.trail import Trail

OFFERED = 8  # people a search offers


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def rehearse(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/sequences/<pk>/rehearse/: whom to walk, and what was rehearsed before. POST asks; twice is once."""
    sequence = get_object_or_404(Sequence, pk=pk)
    now = timezone.now()
    if request.method == "POST":
        chosen = request.POST.get("segment", "")
        segment = Segment.objects.filter(pk=int(chosen)).first() if _is_number(chosen) else None
        try:
            row = rehearsal.ask(sequence=sequence, by=request.user, at=now, segment=segment)
        except Refused as no:
            messages.error(request, no.message)
            return redirect("staff-sequence-rehearse", pk=pk)
        return redirect("staff-rehearsal", pk=row.pk)
    audience = audience_of(sequence=sequence, at=now)
    context = {
        "sequence": sequence,
        "audience": audience,
        "people": audience.people.count(),
        "segments": Segment.objects.filter(archived_at=None),
        "rows": Rehearsal.objects.filter(sequence=sequence).select_related("asked_by")[:10],
        "most": MOST,
    }
    return render(request, "leads/sequences/rehearse.html", context)


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/rehearsals/<pk>/: what would happen; `?bound=everybody` draws the other bound, `?person=` one walk."""
    row = get_object_or_404(Rehearsal.objects.select_related("sequence", "asked_by"), pk=pk)
    context: dict[str, Any] = {"row": row, "sequence": row.sequence}
    if row.state == Rehearsal.State.DONE:
        context["report"] = Report(row, bound=request.GET.get("bound", Bound.NOBODY))
        context |= {"hours": range(24), "TIME_ZONE": settings.TIME_ZONE} | _walk(request, row)
    return render(request, "leads/sequences/rehearsal.html", context)


def _walk(request: HttpRequest, row: Rehearsal) -> dict[str, Any]:
    """The person asked about, by number or as typed, and their walk as the draft is now."""
    asked, typed = request.GET.get("person", ""), request.GET.get("q", "").replace("\0", "").strip()
    found = _people(typed) if typed else []
    if _is_number(asked):
        found = list(_leads().filter(pk=int(asked)))
    if len(found) != 1:
        return {"typed": typed, "offered": found}
    person = found[0]
    return {"typed": typed, "person": person, "trails": _trails(row, person)}


def _people(typed: str) -> list[Person]:
    named = Q(email_key__startswith=typed.lower())
    for word in typed.split()[:3]:
        named |= Q(last_name__istartswith=word) | Q(first_name__istartswith=word)
    return list(_leads().filter(named).order_by("last_name", "first_name", "pk")[:OFFERED])


def _leads() -> QuerySet[Person]:
    """Cold contacts are in no sequence for leads, and not marketing's to see."""
    return Person.objects.filter(lead__isnull=False, erased_at=None, merged_into=None)


def _is_number(typed: str) -> bool:
    return typed.isdecimal() and len(typed) < 19


def _trails(row: Rehearsal, person: Person) -> list[Trail]:
    try:
        return rehearsal.trail(sequence=row.sequence, person=person, at=row.begins_at)
    except Refused:  # the steps are gone since
        return []
