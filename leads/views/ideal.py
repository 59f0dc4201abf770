"""/staff/ideal-profile/: whom we want, whom that is among those we know, and what customers have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from campaigns.models import IdealProfile, IdealValue
from leads.ideal import editing
from leads.ideal.counts import fitting
from leads.ideal.lines import sentence
from leads.ideal.personas import personas
from leads.ideal.shares import shares, suggestions
from leads.ideal_forms import HeadForm, LineForm, head_of, posted_rows, rows_of
from leads.segment_forms import untouched

SEES, CHANGES = "leads.view_scoringmodel", "campaigns.change_idealprofile"


@login_required
@permission_required(SEES, raise_exception=True)
def ideal_profile(request: HttpRequest) -> HttpResponse:
    """The editor. Who may not change it sees the lines in words, with the same counts."""
    profile = editing.active()
    if not request.user.has_perm(CHANGES):
        if request.method == "POST":
            raise PermissionDenied
        return _shown(request, looked_at(editing.lines_of(profile)))
    if request.method != "POST":
        return _shown(request, looked_at(editing.lines_of(profile)), head_of(profile), rows_of(profile))
    head, rows = HeadForm(request.POST), posted_rows(request.POST)
    if "save" not in request.POST:  # another line, one less, another field, or "Count"
        counts = "count" in request.POST
        found = look(rows)
        rows = rows if counts and found is None else untouched(rows)
        return _shown(request, found, head, rows, touched=counts)
    if head.is_valid() and _each_is_fine(rows):
        lines = [row.line() for row in rows]
        try:
            editing.save(name=head.cleaned_data["name"], lines=lines, seen=head.cleaned_data["seen"])
        except Refused as no:
            head.add_error(None, no.message)
        except Conflict as lost:
            messages.warning(request, _("Somebody was faster. It is now: %(now)s") % {"now": lost.now})
            return redirect("staff-ideal-profile")
        else:
            messages.success(request, _("Saved. Leads are looked at again within minutes."))
            return redirect("staff-ideal-profile")
    return _shown(request, None, head, rows, status=422)


@login_required
@permission_required(CHANGES, raise_exception=True)
@require_POST
def ideal_try(request: HttpRequest) -> HttpResponse:
    """The counts of the form as it stands: two fragments, the second out of its turn."""
    context = {"found": look(posted_rows(request.POST)), "head": True, "alone": True}
    return render(request, "leads/ideal/_found.html", context)


@login_required
@permission_required(CHANGES, raise_exception=True)
@require_POST
def ideal_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Another profile takes the place of the active one."""
    get_object_or_404(IdealProfile, pk=pk)
    try:
        chosen = editing.activate(pk)
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, _("“%(name)s” is the ideal profile now.") % {"name": chosen.name})
    return redirect("staff-ideal-profile")


def look(rows: list[LineForm]) -> dict[str, Any] | None:
    """What the lines find, unsaved; None while one is not finished."""
    return looked_at([row.line() for row in rows]) if _each_is_fine(rows) else None


def looked_at(lines: list[IdealValue]) -> dict[str, Any]:
    year = timezone.localdate().year
    return {
        "fitting": fitting(lines, year=year),
        "shares": shares(lines, year=year),
        "suggestions": suggestions(lines, year=year),
    }


def _each_is_fine(rows: list[LineForm]) -> bool:
    """All are asked, so that each says what is wrong with it."""
    fine = [row.is_bound and row.is_valid() for row in rows]
    return all(fine)


def _shown(
    request: HttpRequest,
    found: dict[str, Any] | None,
    head: HeadForm | None = None,
    rows: list[LineForm] | None = None,
    *,
    touched: bool = True,
    status: int = 200,
) -> HttpResponse:
    profile = editing.active()
    context = {
        "profile": profile,
        "others": editing.others(),
        "groups": _in_words(editing.lines_of(profile)),
        "head": head,
        "rows": rows,
        "touched": touched,
        "found": found,
        "personas": personas(),
    }
    return render(request, "leads/ideal/page.html", context, status=status)


def _in_words(lines: list[IdealValue]) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each wish the lines, each with what it excludes as."""
    return [
        (
            str(words),
            [
                (sentence(line), str(line.get_exclusion_display()) if line.exclusion else "")
                for line in lines
                if line.wish == wish
            ],
        )
        for wish, words in IdealValue.Wish.choices
    ]
