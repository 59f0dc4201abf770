"""/staff/doubles/: pairs that look alike, two people beside each other, and merges that can be taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from leads.keyset import keyset_page
from leads.merging import merge, part, refusal
from leads.models import Merge, Person, Twin
from leads.twins import side_by_side
from leads.twins.deciding import differ, look_again
from leads.twins.forms import MergeForm
from leads.twins.likeness import alike
from leads.twins.people import records

MAY = "leads.merge_people"


@login_required
@permission_required(MAY, raise_exception=True)
def doubles(request: HttpRequest) -> HttpResponse:
    """The queue, most alike first; `show=different` what was decided as two people, `show=merged` the merges."""
    show, cursor = request.GET.get("show", ""), request.GET.get("at", "")
    show = show if show in ("different", "merged") else ""
    if show == "merged":
        merges = Merge.objects.select_related("keep", "gone", "by", "undone_by")
        page = keyset_page(merges, keys=("-at", "-pk"), cursor=cursor)
    else:
        page = keyset_page(_queue(show), keys=("-score", "-pk"), cursor=cursor)
    counts = {state: _queue(state).count() for state in ("", "different")}
    context = {"page": page, "show": show, "open": counts[""], "different": counts["different"]}
    return render(request, "leads/twins/list.html", context)


def _queue(show: str) -> QuerySet[Twin]:
    state = Twin.State.DIFFERENT if show == "different" else Twin.State.OPEN
    there = {f"{side}__{column}": None for side in ("one", "two") for column in ("merged_into", "erased_at")}
    people = "one__company", "two__company", "decided_by"
    return Twin.objects.filter(state=state, **there).select_related(*people)


@login_required
@permission_required(MAY, raise_exception=True)
def pair(request: HttpRequest, one: int, two: int) -> HttpResponse:
    """Both beside each other; a POST merges them."""
    people = _both(one, two)
    if request.method != "POST":
        return _shown(request, people, MergeForm(people))
    form = MergeForm(people, request.POST)
    if not form.is_valid():
        return _shown(request, people, form, status=422)
    try:
        done = merge(
            keep=form.stays, gone=form.goes, theirs=form.theirs, at=timezone.now(), by=request.user,
            submit_key=form.cleaned_data["submit_key"],
        )  # fmt: skip
    except Refused as no:
        return _shown(request, people, form, refused=no, status=422)
    except Conflict as lost:
        return _lost(request, lost)
    messages.success(request, _("Merged into %(name)s.") % {"name": done.keep.name})
    return redirect(f"{reverse('staff-doubles')}?show=merged")


def _both(one: int, two: int) -> tuple[Person, Person]:
    if one == two:
        raise Http404
    people = Person.objects.select_related("company", "sales_owner").filter(erased_at=None)
    return get_object_or_404(people, pk=one), get_object_or_404(people, pk=two)


def _shown(
    request: HttpRequest,
    people: tuple[Person, Person],
    form: MergeForm,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    one, two = side_by_side.stays_first(*(side_by_side.side_of(person) for person in people))
    known = records([one.person.pk, two.person.pk])
    both = len(known) == 2
    score, why = alike(known[one.person.pk], known[two.person.pk]) if both else (0.0, {})
    context: dict[str, Any] = {
        "form": form,
        "sides": (one, two),
        "lines": side_by_side.lines(one.person, two.person, why),
        "hangs": side_by_side.hangs(one, two),
        "twin": Twin.objects.filter(one=min(known), two=max(known)).first() if both else None,
        "percent": round(score * 100),
        "merged": next((one for one in people if one.merged_into_id), None),
        "refused": refused or (form.errors and _("Say who stays.")) or refusal(*people),
        "missing": refused.missing if refused else [],
    }
    return render(request, "leads/twins/pair.html", context, status=status)


def _lost(request: HttpRequest, lost: Conflict) -> HttpResponse:
    context = {"now_state": lost.now, "back": reverse("staff-doubles")}
    return render(request, "staff/conflict.html", context, status=409)


@login_required
@permission_required(MAY, raise_exception=True)
@require_POST
def pair_differs(request: HttpRequest, one: int, two: int) -> HttpResponse:
    """Two people: not asked again, until somebody takes that back with `again`."""
    people = _both(one, two)
    try:
        twin = differ(one=people[0], two=people[1], at=timezone.now(), by=request.user)
    except Conflict as lost:
        return _lost(request, lost)
    if "again" in request.POST:
        look_again(twin=twin)
        messages.success(request, _("Back in the queue."))
    else:
        messages.success(request, _("Two people. The pair is not asked again."))
    return redirect("staff-doubles")


@login_required
@permission_required(MAY, raise_exception=True)
@require_POST
def merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back; what was changed since stays and is named."""
    row = get_object_or_404(Merge, pk=pk)
    try:
        parted = part(merge=row, at=timezone.now(), by=request.user)
    except Refused as no:
        messages.error(request, no.message)
    except Conflict as lost:
        return _lost(request, lost)
    else:
        messages.success(request, _("They are two people again."))
        if stayed := "; ".join(parted.words()):
            messages.warning(request, _("Changed since, so it stays as it is: %(what)s.") % {"what": stayed})
    return redirect(f"{reverse('staff-doubles')}?show=merged")
