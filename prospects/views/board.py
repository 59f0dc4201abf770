"""/staff/board/: the open prospects by stage; a move is a menu on the card, so it works without a script."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from campaigns.errors import Refused
from prospects.board import board
from prospects.models import Prospect, Stage
from prospects.views.answers import for_reps, in_place


@for_reps
def board_page(request: HttpRequest) -> HttpResponse:
    """Mine, or the team's for those who may see it."""
    return board_again(request)


def board_again(
    request: HttpRequest,
    *,
    prospect: Prospect | None = None,
    stage: Stage | None = None,
    no: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The board; after a blocked move with what is missing, in the lane it was meant for."""
    seen = Prospect.objects.visible_to(request.user)
    team = request.GET.get("whose") == "team" and request.user.has_perm("prospects.manage_prospects")
    context: dict[str, Any] = {
        "board": board(seen if team else seen.filter(owner=request.user), at=timezone.now()),
        "team": team,
        "currency": settings.CURRENCY,
        "blocked": no,
        "blocked_prospect": prospect,
        "blocked_stage": stage,
    }
    name = "prospects/_board_answer.html" if in_place(request) else "prospects/board.html"
    return render(request, name, context, status=status)
