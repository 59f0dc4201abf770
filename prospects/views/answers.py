"""How the rep's pages answer: the page again in place for htmx, a redirect without it, 409 for a lost race."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict
from prospects.models import Prospect
from prospects.models.prospect import ProspectQuerySet
from prospects.transitions import state_in_words

View = Callable[..., HttpResponseBase]
Read = Callable[[ProspectQuerySet], ProspectQuerySet]


def for_reps(view: View) -> View:
    """Signed in and allowed to work prospects: else the login page, or 403. The loser of a race sees the new state."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Conflict as lost:
            return conflict(request, lost)

    return login_required(permission_required("prospects.work_prospects", raise_exception=True)(answered))


def rep_verb(view: View) -> View:
    """A changing address: reps only, POST only."""
    return for_reps(require_POST(view))


def in_place(request: HttpRequest) -> bool:
    """Whether htmx asks for the inside of a page, to put it where the button stands."""
    return request.headers.get("HX-Request") == "true"


def conflict(request: HttpRequest, lost: Conflict) -> HttpResponse:
    """Somebody else was faster: 409 with the new state and a way on."""
    name = "staff/_conflict.html" if in_place(request) else "staff/conflict.html"
    return render(request, name, {"now_state": lost.now, "back": _page_before(request)}, status=409)


def _page_before(request: HttpRequest) -> str:
    """The page the button stood on, if it is one of ours."""
    before = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    return before if before and ours else reverse("staff-today")


def own_prospect(request: HttpRequest, pk: int, *, read: Read | None = None) -> Prospect:
    """The prospect, if this user may see it; another rep's is not found. `read` adds columns to its row.

    A form may say in `seen` which stage stood on its screen. Raises Conflict where it is another one by now.
    """
    rows = Prospect.objects.visible_to(request.user).for_person_page()
    prospect = get_object_or_404(read(rows) if read else rows, pk=pk)
    refuse_stale(prospect, request.POST.get("seen", ""))
    return prospect


def refuse_stale(prospect: Prospect, seen: str) -> None:
    """Raises Conflict where `seen`, the slug of the stage on the screen of whoever asks, is no longer true."""
    if seen and seen != prospect.stage.slug:
        raise Conflict(now=state_in_words(prospect))


def go_on(request: HttpRequest, prospect: Prospect) -> HttpResponse:
    """Back to the page the button stood on. htmx follows the same redirect and takes the fragment."""
    then = request.POST.get("then", "")
    if then in ("today", "board"):
        return redirect(f"staff-{then}")
    return redirect("staff-person", pk=prospect.pk)
