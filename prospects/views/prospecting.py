"""/staff/lists/: lists of cold contacts, one of them with its people, and the words of a list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import F, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.keyset import keyset_page
from prospects.forms.listing import reps
from prospects.forms.prospecting import ListForm
from prospects.models import ListedPerson, ProspectingList
from prospects.prospecting import figures, listing
from prospects.prospecting.seeing import MAY_START, free, perhaps_known, rows_for
from prospects.prospecting.starting import MOST
from prospects.views.answers import for_reps

State = ListedPerson.State
CHIPS: dict[str, str | Promise] = {
    "waiting": gettext_lazy("Waiting"),
    "perhaps": gettext_lazy("Perhaps known"),
    "started": gettext_lazy("Started"),
    "known": gettext_lazy("Known already"),
    "set_aside": gettext_lazy("Set aside"),
}
FOR_REPS = ("waiting", "perhaps", "started")
BEST_FIRST, LATEST_FIRST = ("-by_fit", "pk"), ("-started_at", "-pk")
for_managers = permission_required(MAY_START, raise_exception=True)


@for_reps
def lists(request: HttpRequest) -> HttpResponse:
    """All lists with their numbers; those put away on request."""
    away = request.GET.get("show") == "archived"
    found = ProspectingList.objects.filter(archived_at__isnull=not away).select_related(
        "cadence", "created_by"
    )
    page = keyset_page(found, keys=("-created_at", "-pk"), cursor=request.GET.get("at", ""))
    context = {
        "page": page,
        "away": away,
        "numbers": figures.of_lists(page.rows, rows_for(request.user)),
        "manages": request.user.has_perm(MAY_START),
    }
    return render(request, "prospects/prospecting.html", context)


@for_reps
@for_managers
def new_list(request: HttpRequest) -> HttpResponse:
    """Name, source, ground and cadence; then its page, to bring people in."""
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["submit_key"]
        made = listing.make_list(said=form.said, by=request.user, at=timezone.now(), submit_key=key)
        messages.success(request, _("The list is there. Bring people in from a file."))
        return redirect("staff-list", made.pk)
    context = {"form": form, "title": _("New list"), "button": _("Make the list")}
    context["lead"] = _(
        "Cold contacts are no leads, and get no marketing mail. The list says why we may call them."
    )
    return render(request, "prospects/prospecting_form.html", context, status=422 if form.is_bound else 200)


@for_reps
@for_managers
def change_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of a list. Evidence that was written stays as it was."""
    one = get_object_or_404(ProspectingList, pk=pk)
    now = {name: getattr(one, name) for name in ("name", "source", "basis", "basis_note", "cadence")}
    form = ListForm(request.POST or None, initial=now, cadence_now=one.cadence_id)
    if request.method == "POST" and form.is_valid():
        listing.change_list(of=one, said=form.said)
        messages.success(request, _("Kept. Whoever was brought in before keeps the ground stated then."))
        return redirect("staff-list", pk)
    context = {"form": form, "list": one, "title": one.name, "button": _("Keep the changes")}
    context["lead"] = _("What is changed holds for whoever comes in or is started from now on.")
    return render(request, "prospects/prospecting_form.html", context, status=422 if form.is_bound else 200)


@for_reps
def one_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of a list, best first; what became of them; and for a manager what may be done."""
    one = get_object_or_404(ProspectingList.objects.select_related("cadence", "created_by"), pk=pk)
    asked = Asked(request, one)
    page = keyset_page(asked.rows(), keys=asked.keys, cursor=request.GET.get("at", ""))
    context = {
        "list": one,
        "asked": asked,
        "page": page,
        "table": figures.table(asked.seen),
        "steps": [(key, words) for key, (words, _condition) in figures.STEPS.items()],
        "reps": list(reps()) if asked.manages else [],
        "submit_key": uuid.uuid4(),
        "most": MOST,
        "back": request.get_full_path(),
    }
    return render(request, "prospects/prospecting_list.html", context)


@dataclass
class Asked:
    """What the address asks for: which state, and behind which number. What makes no sense is left out."""

    request: HttpRequest
    of: ProspectingList

    @cached_property
    def manages(self) -> bool:
        return self.request.user.has_perm(MAY_START)

    @cached_property
    def seen(self) -> QuerySet[ListedPerson]:
        return rows_for(self.request.user).filter(list=self.of)

    @cached_property
    def step(self) -> str:
        step = self.request.GET.get("step", "")
        return step if step in figures.STEPS else ""

    @cached_property
    def rep(self) -> str:
        rep = self.request.GET.get("rep", "")
        return rep if rep == "none" or (rep.isascii() and rep.isdigit() and len(rep) < 10) else ""

    @cached_property
    def state(self) -> str:
        state = self.request.GET.get("state", "")
        if self.step:
            return "started"
        return state if state in dict(self.chip_words) else "waiting"

    @property
    def step_words(self) -> str:
        return str(figures.STEPS[self.step][0]) if self.step else ""

    @property
    def chip_words(self) -> list[tuple[str, str | Promise]]:
        return [(key, words) for key, words in CHIPS.items() if self.manages or key in FOR_REPS]

    def chips(self) -> list[tuple[str, str | Promise, int, bool]]:
        """Key, words, number, and whether it is the one shown."""
        numbers: dict[str, int] = figures.states(self.seen)
        numbers["perhaps"] = self.seen.filter(perhaps_known(), state=State.WAITING).count()
        numbers["waiting"] = numbers.get("waiting", 0) - numbers["perhaps"]
        return [(key, words, numbers.get(key, 0), key == self.state) for key, words in self.chip_words]

    @property
    def keys(self) -> tuple[str, ...]:
        return LATEST_FIRST if self.state == "started" else BEST_FIRST

    def rows(self) -> QuerySet[ListedPerson]:
        """Without a fit last."""
        rows = self._of_state().select_related(
            "person__company", "like__company", "prospect__owner", "prospect__stage"
        )
        return rows.annotate(by_fit=Coalesce(F("fit"), Value(-1), output_field=IntegerField()))

    def _of_state(self) -> QuerySet[ListedPerson]:
        if self.state == "waiting":
            return free(self.seen)
        if self.state == "perhaps":
            return self.seen.filter(perhaps_known(), state=State.WAITING)
        if self.state == "started":
            return figures.started(self.seen, self.step or "started", self.rep)
        return self.seen.filter(state=self.state)
