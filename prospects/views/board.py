"""/staff/board/: the open prospects by stage. A card moves by dragging, and by a sheet that works without a script."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.errors import Refused
from prospects.board import asked_of, board, heads, lane_of, more_cards, narrowed
from prospects.models import Prospect, Stage
from prospects.views.answers import for_reps, in_place
from prospects.views.board_filters import chips, choices
from prospects.views.board_moves import answer_move, frame, move_sheet


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
    asked, now = asked_of(request.GET, request.user), timezone.now()
    rows = narrowed(asked, user=request.user, at=now)
    context = {
        "board": board(rows, at=now, pipeline=asked.pipeline),
        "chips": chips(asked),
        "blocked": no,
        "blocked_prospect": prospect,
        "blocked_stage": stage,
        **frame(asked),
    }
    name = "prospects/_board_answer.html" if in_place(request) else "prospects/board.html"
    return render(request, name, context, status=status)


@for_reps
@require_safe
def lane_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The cards of a lane that come after `at`, for the end of the lane; in a window of its own, the list."""
    asked, now = asked_of(request.GET, request.user), timezone.now()
    if not in_place(request):
        return redirect(f"{reverse('staff-prospects')}?{asked.query(stage=slug)}")
    rows = narrowed(asked, user=request.user, at=now)
    made = heads(rows, at=now, pipeline=asked.pipeline)
    lane = lane_of(made, slug)
    if lane is None:
        raise Http404
    cursor = request.GET.get("at", "")
    cards, older = more_cards(rows, lane.stage, cursor=cursor, at=now)
    context = {"lane": lane, "cards": cards, "older": older, **frame(asked)}
    return render(request, "prospects/_board_cards.html", context)


@for_reps
@require_safe
def filter_page(request: HttpRequest) -> HttpResponse:
    """The filters to choose; above the board in place, else as a page."""
    asked = asked_of(request.GET, request.user)
    context = {"asked": asked, "choices": choices(request.user), "query": asked.query()}
    name = "prospects/_board_filter.html" if in_place(request) else "prospects/board_filter.html"
    return render(request, name, context)


@for_reps
@require_http_methods(["GET", "HEAD", "POST"])
def card_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a card may go (GET), and the move itself (POST)."""
    mine = Prospect.objects.visible_to(request.user).for_person_page()
    prospect = get_object_or_404(mine, pk=pk)
    if request.method == "POST":
        return answer_move(request, prospect)
    return move_sheet(request, prospect)
