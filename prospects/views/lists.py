"""/staff/prospects/: the list with its filters in the address, and one verb for the rows that are ticked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.keyset import keyset_page
from prospects import many, pipeline
from prospects.forms import StaffForm
from prospects.forms.listing import (
    ENDS,
    FORM_OF,
    SORTS,
    ManyForm,
    offered_reasons,
    offered_reps,
    offered_stages,
)
from prospects.models import Prospect
from prospects.views.answers import for_reps, rep_verb
from prospects.views.list_filter import Asked, without
from prospects.views.list_rows import as_drawn, list_rows


@for_reps
def prospect_list(request: HttpRequest) -> HttpResponse:
    """Whom I work on; for a manager everybody's, and for all reps those whom nobody owns yet."""
    now = timezone.now()
    asked = Asked(request, now)
    rows = asked.rows()
    page = keyset_page(as_drawn(rows, now), keys=asked.keys, cursor=request.GET.get("at", ""))
    may_open = asked.manages or not asked.unassigned
    context = {
        "asked": asked,
        "page": page,
        "rows": list_rows(page.rows, may_open=may_open, ended=bool(asked.end), at=now),
        "total": rows.count(),
        "chips": asked.chips(),
        "ends": ENDS,
        "sorts": [(key, words, key == asked.order) for key, (words, _keys) in SORTS.items()],
        "views": _views(request, asked),
        **(_choices(asked) if page.rows and not asked.end else {}),
    }
    return render(request, "prospects/list.html", context)


def _views(request: HttpRequest, asked: Asked) -> dict[str, str]:
    """The parts of the addresses of the tabs: all filters but the stage and the end; whose; nothing but whose."""
    return {
        "rest": without(request.GET, "stage", "end", "no_step", "too_long"),
        "order": without(request.GET, "sort"),
        "whose": "whose=team" if asked.team else "",
    }


def _choices(asked: Asked) -> dict[str, Any]:
    """What may be done with several rows."""
    return {
        "stages": offered_stages("all"),
        "reasons": offered_reasons("all"),
        "reps": offered_reps("all") if asked.manages else [],
        "may_tick": asked.manages or not asked.unassigned,
    }


@rep_verb
def many_prospects(request: HttpRequest) -> HttpResponse:
    """/staff/prospects/many/: move, assign or reject the ticked rows; a line for each says what became of it."""
    chosen = ManyForm(request.POST)
    if not chosen.is_valid():
        messages.error(request, _("Tick the rows first, then say what to do with them."))
        return redirect("staff-prospects")
    does = chosen.cleaned_data["do"]
    if does == "assign" and not request.user.has_perm("prospects.manage_prospects"):
        raise PermissionDenied
    form = FORM_OF[does](request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("staff-prospects")
    seen = Prospect.objects.visible_to(request.user)
    told = many.each(chosen.rows(), among=seen, verb=_verb(does, form, request.user))
    counts = Counter(one.what for one in told)
    return render(request, "prospects/many.html", {"told": told, "counts": counts, "does": does})


def _verb(does: str, form: StaffForm, by: Any) -> Callable[[Prospect], Prospect]:
    """What is done with each row."""
    asked, at = form.cleaned_data, timezone.now()
    if does == "assign":
        return lambda prospect: pipeline.assign(prospect=prospect, owner=asked["to_owner"], by=by, at=at)
    if does == "reject":
        return lambda prospect: pipeline.reject(prospect=prospect, by=by, at=at, **asked)
    return lambda prospect: pipeline.move(prospect=prospect, to=asked["to"], by=by, at=at)
