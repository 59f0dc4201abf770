"""/staff/leaving/: what a rep who leaves would hand over, the one action, and taking it back."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from prospects import transfer
from prospects.models import Prospect, Transfer
from prospects.views.answers import conflict
from prospects.views.assign import reps

LISTED = 20


class LeavingForm(forms.Form):
    """To whom: a colleague, or empty for the assignment rules."""

    to: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, required=False)
    submit_key = forms.UUIDField(required=False)

    def __init__(self, *args: Any, leaver: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["to"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = reps().exclude(pk=leaver.pk)


@login_required
@permission_required(transfer.MAY, raise_exception=True)
def leaving(request: HttpRequest) -> HttpResponse:
    """Choose who, look at what would move, then move it."""
    leaver = _leaver(request)
    if request.method == "POST" and leaver is not None:
        return _move(request, leaver)
    owners = Prospect.objects.open().exclude(owner=None).order_by().values("owner").distinct()
    known = get_user_model().objects.filter(
        pk__in=[*reps().values_list("pk", flat=True), *owners.values_list("owner", flat=True)]
    )
    context = {
        "leaver": leaver,
        "people": known.order_by("first_name", "last_name", "pk"),
        "plan": transfer.plan(leaver) if leaver else None,
        "others": reps().exclude(pk=leaver.pk) if leaver else [],
        "done": Transfer.objects.select_related("leaver", "by", "undone_by")[:LISTED],
        "submit_key": uuid.uuid4(),
    }
    return render(request, "prospects/leaving.html", context)


def _leaver(request: HttpRequest) -> Any | None:
    asked = request.GET.get("who", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Http404(asked)
    return get_object_or_404(get_user_model(), pk=int(asked))


def _move(request: HttpRequest, leaver: Any) -> HttpResponse:
    back = f"{reverse('staff-leaving')}?who={leaver.pk}"
    form = LeavingForm(request.POST, leaver=leaver)
    if not form.is_valid():
        messages.error(request, _("Choose a rep of the list."))
        return redirect(back)
    try:
        row = transfer.move_all(leaver=leaver, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as no:
        messages.error(request, no.message)
        return redirect(back)
    except Conflict as lost:
        return conflict(request, lost)
    number = len(row.moved.get(transfer.PROSPECTS, []))
    said = ngettext("%(n)s prospect of %(who)s moved.", "%(n)s prospects of %(who)s moved.", number)
    messages.success(request, said % {"n": number, "who": leaver})
    return redirect("staff-leaving")


@login_required
@permission_required(transfer.MAY, raise_exception=True)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what nobody has gone on with."""
    row = get_object_or_404(Transfer.objects.select_related("leaver"), pk=pk)
    try:
        result = transfer.undo(transfer=row, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
        return redirect("staff-leaving")
    except Conflict as lost:
        return conflict(request, lost)
    messages.success(request, _came_back(result.back, result.stay))
    return redirect("staff-leaving")


def _came_back(back: int, stay: int) -> str:
    """In a sentence; those that stay only where there are some."""
    said = ngettext("%(n)s row came back.", "%(n)s rows came back.", back) % {"n": back}
    if not stay:
        return said
    more = ngettext(
        "%(n)s stays, because somebody went on with it.",
        "%(n)s stay, because somebody went on with them.",
        stay,
    )
    return f"{said} {more % {'n': stay}}"
