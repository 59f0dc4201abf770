"""/staff/today/: the next person opened, then the queue by reason; taking somebody whom nobody owns; meetings."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.kept import Kept
from campaigns.models import Offer
from leads.models import Person
from leads.scoring.reading import engagements_at, score_of
from prospects import pipeline
from prospects.day.today import Row, today
from prospects.day.week import week
from prospects.forms import RejectForm
from prospects.models import Prospect
from prospects.qualification import card
from prospects.views.answers import for_reps, in_place, rep_verb
from prospects.views.today_rows import queues
from prospects.views.verdict import verdict_context


@for_reps
def today_page(request: HttpRequest) -> HttpResponse:
    """The rep's day; `?first=` opens this prospect instead of the most urgent one, `?all=` waits for the week too."""
    return today_again(request)


@for_reps
def week_panel(request: HttpRequest) -> HttpResponse:
    """/staff/today/week/: the rep's week in numbers, which comes a moment after the day."""
    return render(request, "prospects/_week.html", {"week": week(request.user, timezone.now())})


@for_reps
def next_person(request: HttpRequest) -> HttpResponse:
    """/staff/today/next/?after=<id>: on to the person page of whoever comes next; the day itself where nobody does."""
    row = today(request.user, timezone.now()).after(_number(request, "after"))
    return redirect("staff-person", pk=row.prospect.pk) if row else redirect("staff-today")


def _number(request: HttpRequest, name: str) -> int:
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0


def today_again(
    request: HttpRequest,
    *,
    reject_form: RejectForm | None = None,
    prospect: Prospect | None = None,
    status: int = 200,
) -> HttpResponse:
    """The day, or only its inside when htmx asks; `reject_form` is the refused verdict on `prospect`."""
    first = prospect.pk if prospect else _number(request, "first")
    day = today(request.user, timezone.now(), first=first)
    context: dict[str, Any] = {
        "day": day,
        "queues": queues(day.sections, day.at, whole=request.GET.get("show", "")),
        "week": week(request.user, day.at) if request.GET.get("all") else None,
        "meetings": next(section.rows for section in day.sections if section.key == "meetings"),
        "offers": _offers(timezone.localdate()),
        "dots": range(min(day.to_do + day.done, 24)),
        **(
            _next_context(day.next, day.at, reject_form if _is_next(day.next, prospect) else None)
            if day.next
            else {}
        ),
    }
    name = "prospects/_today_answer.html" if in_place(request) else "prospects/today.html"
    return render(request, name, context, status=status)


def _is_next(row: Row | None, prospect: Prospect | None) -> bool:
    return row is not None and prospect is not None and row.prospect.pk == prospect.pk


def _next_context(row: Row, at: datetime, reject_form: RejectForm | None) -> dict[str, Any]:
    """What stands beside the next person: where they came from, who else is known there, the reasons."""
    person = row.prospect.person
    there = Person.objects.filter(company=OuterRef("company")).order_by().values("company")
    touched = ("lead__first_touch__channel", "lead__first_touch__campaign")
    known = (
        Person.objects.select_related(*touched)
        .annotate(there=Subquery(there.annotate(n=Count("pk")).values("n")))
        .only("lead__first_touch__channel__name", "lead__first_touch__campaign__name")
        .get(pk=person.pk)
    )
    answers = card(row.prospect)
    return {
        "prospect": row.prospect,
        "person": person,
        "came_from": known.lead.first_touch if hasattr(known, "lead") else None,
        "also_there": (known.there or 1) - 1,
        "engagement": next(iter(engagements_at([score_of(person)], at).values()), None),
        **verdict_context(row.prospect, answers, reject_form),
    }


def _read_offers(day: Hashable) -> list[Offer]:
    """Offers that hold on this day."""
    return list(
        Offer.objects.in_use().filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_until=None) | Q(valid_until__gte=day)
        )[:3]
    )


_offers: Kept[list[Offer]] = Kept(_read_offers)


@rep_verb
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a prospect whom nobody owns."""
    prospect = get_object_or_404(Prospect.objects.open().select_related("person"), pk=pk)
    try:
        pipeline.take(prospect=prospect, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, _("%(name)s is yours now.") % {"name": prospect.person.name})
    return redirect("staff-today")
