"""One card's move: the sheet with its stages, the verb, and an answer that changes only what moved.

The script has moved the card already. It puts it back on 409 and 422; the answer brings what the card and the lanes
say now, each by its id, so that lanes that were read further stay as they are.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from campaigns.errors import Conflict, Refused
from prospects import pipeline
from prospects.board import Asked, asked_of, heads, lane_of, narrowed, one_card
from prospects.forms import MoveForm
from prospects.models import Prospect, Stage, StageMove
from prospects.stages import TO_CONTACT
from prospects.views.answers import conflict, in_place, refuse_stale


def frame(asked: Asked) -> dict[str, Any]:
    """What the board, a lane and a single card are drawn with. Addresses are worked out once, not once a card."""
    return {
        "asked": asked,
        "query": asked.query(),
        "team": asked.whose == "team",
        "currency": settings.CURRENCY,
        "person_url": reverse("staff-person", args=[0]).removesuffix("0/"),
        "move_url": reverse("staff-board-card", args=[0]).removesuffix("0/"),
    }


def move_sheet(request: HttpRequest, prospect: Prospect, *, no: Refused | None = None) -> HttpResponse:
    """The open stages it may go to, and its ends. A closed cycle goes nowhere."""
    if not prospect.is_open:
        person = reverse("staff-person", args=[prospect.pk])
        return HttpResponseClientRedirect(person) if in_place(request) else redirect(person)
    ways = Stage.objects.in_use().filter(pipeline=prospect.pipeline, kind=Stage.Kind.OPEN).order_by("order")
    context = {
        "prospect": prospect,
        "ways": ways.exclude(pk=prospect.stage_id).exclude(slug=TO_CONTACT),
        "query": asked_of(request.GET, request.user).query(),
        "blocked": no,
    }
    name = "prospects/_board_move.html" if in_place(request) else "prospects/board_move.html"
    return render(request, name, context, status=422 if no else 200)


def answer_move(request: HttpRequest, prospect: Prospect) -> HttpResponse:
    """The move, and what became of it: 200, 422 with the missing facts, 409 with the state as it is."""
    form, seen = MoveForm(request.POST, prospect=prospect), request.POST.get("seen", "")
    if not form.is_valid():
        return move_sheet(request, prospect, no=Refused(_("Choose a stage of the list.")))
    stage, old = form.cleaned_data["to"], prospect.stage
    try:
        if not _pressed_twice(prospect, stage, seen, request.user):
            refuse_stale(prospect, seen)
            pipeline.move(prospect=prospect, to=stage, by=request.user, at=timezone.now())
    except Refused as no:
        return _refused(request, prospect, stage, no)
    except Conflict as lost:
        return _lost(request, prospect, lost)
    said = {"name": prospect.person.name, "stage": stage.name.lower()}
    messages.success(request, _("%(name)s is now in %(stage)s.") % said)
    return _moved(request, prospect, old)


def _pressed_twice(prospect: Prospect, stage: Stage, seen: str, user: Any) -> bool:
    """Whether this very move was made by this user a moment ago: the second press changes nothing."""
    if prospect.stage_id != stage.pk or seen in ("", stage.slug):
        return False
    last = StageMove.objects.filter(prospect=prospect).order_by("-at", "-pk").first()
    return last is not None and last.new_id == stage.pk and last.by_id == user.pk


def _moved(request: HttpRequest, prospect: Prospect, old: Stage) -> HttpResponse:
    asked = asked_of(request.GET, request.user)
    if not in_place(request):
        return redirect(f"{reverse('staff-board')}?{asked.query()}".removesuffix("?"))
    return _in_place(request, prospect, asked)


def _refused(request: HttpRequest, prospect: Prospect, stage: Stage, no: Refused) -> HttpResponse:
    """What is missing, in the lane it was meant for; the card goes back."""
    if not in_place(request):
        return move_sheet(request, prospect, no=no)
    context = {"blocked": no, "blocked_prospect": prospect, "stage": stage}
    return render(request, "prospects/_board_refused.html", context, status=422)


def _lost(request: HttpRequest, prospect: Prospect, lost: Conflict) -> HttpResponse:
    """Somebody was faster: the card goes where it is now, or away."""
    if not in_place(request):
        return conflict(request, lost)
    now_there = Prospect.objects.visible_to(request.user).for_person_page().filter(pk=prospect.pk).first()
    return _in_place(request, now_there or prospect, asked_of(request.GET, request.user), lost=lost)


def _in_place(
    request: HttpRequest, prospect: Prospect, asked: Asked, *, lost: Conflict | None = None
) -> HttpResponse:
    """The card as it is now, and what stands above the lanes."""
    now = timezone.now()
    rows = narrowed(asked, user=request.user, at=now)
    made = heads(rows, at=now, pipeline=asked.pipeline)
    still_here = rows.open().filter(pk=prospect.pk).exists()
    card = one_card(prospect, at=now) if still_here else None
    context = {
        "board": made,
        "prospect": prospect,
        "card": card,
        "cards": [card],
        "lane": lane_of(made, prospect.stage.slug),
        "lost": lost,
        **frame(asked),
    }
    return render(request, "prospects/_board_moved.html", context, status=409 if lost else 200)
