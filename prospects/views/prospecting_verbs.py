"""What a manager does with a list: start people, set aside and take back, work out the fit again, put it away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import Refused
from prospects.forms.prospecting import StartForm
from prospects.models import ProspectingList
from prospects.prospecting import aside, fitting, listing, starting
from prospects.prospecting.seeing import rows_for
from prospects.views.answers import rep_verb
from prospects.views.prospecting import for_managers


@rep_verb
@for_managers
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticked rows, or the best so many; a line for each says what became of it."""
    of_list = get_object_or_404(ProspectingList, pk=pk)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _said_why(request, form, pk)
    given = form.cleaned_data
    asked = starting.Asked(of_list, given["owner"], request.user, timezone.now(), given["submit_key"])
    try:
        best = given["do"] == "best"
        told = (
            starting.start_best(asked, given["number"]) if best else starting.start_rows(asked, given["row"])
        )
    except Refused as no:
        messages.error(request, no.message)
        return redirect("staff-list", pk)
    counts = Counter(one.what for one in told)
    return render(
        request, "prospects/prospecting_started.html", {"list": of_list, "told": told, "counts": counts}
    )


def _said_why(request: HttpRequest, form: StartForm, pk: int) -> HttpResponse:
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return redirect("staff-list", pk)


@rep_verb
@for_managers
def row_verb(request: HttpRequest, pk: int, row_pk: int, verb: str) -> HttpResponse:
    """/staff/lists/<pk>/people/<row>/aside/ and …/back/."""
    rows = rows_for(request.user).select_related("list", "person")
    row = get_object_or_404(rows, pk=row_pk, list=pk)
    try:
        if verb == "aside":
            aside.set_aside(row=row, why=request.POST.get("why", ""), by=request.user)
            said = _("%(name)s is set aside.")
        elif verb == "back":
            aside.take_back(row=row, by=request.user, at=timezone.now())
            said = _("%(name)s waits again.")
        else:
            raise Http404(verb)
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, said % {"name": row.person.name})
    return redirect("staff-list", pk)


@rep_verb
@for_managers
def list_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """/staff/lists/<pk>/fit/, …/archive/ and …/restore/."""
    of_list = get_object_or_404(ProspectingList, pk=pk)
    verbs: dict[str, Callable[[ProspectingList], str]] = {
        "fit": _fit,
        "archive": _archive,
        "restore": _restore,
    }
    if verb not in verbs:
        raise Http404(verb)
    messages.success(request, verbs[verb](of_list))
    return redirect("staff-list", pk)


def _fit(of_list: ProspectingList) -> str:
    changed = fitting.fit_again(of_list=of_list, at=timezone.now())
    return ngettext("%(n)s fit has changed.", "%(n)s fits have changed.", changed) % {"n": changed}


def _archive(of_list: ProspectingList) -> str:
    listing.archive(of=of_list, at=timezone.now())
    return _("The list is put away; its numbers stay.")


def _restore(of_list: ProspectingList) -> str:
    listing.archive(of=of_list, at=None)
    return _("The list is in use again.")
