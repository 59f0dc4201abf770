"""The call form of a prospect: one press keeps the call, what was learnt, the verdict and what comes next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.calls.calling import ACCEPT, QUALIFY, finish_call, untold
from prospects.clocks.tries import NOT_REACHED
from prospects.feedback.outcomes import became
from prospects.forms import CallForm
from prospects.models import Call, Prospect
from prospects.qualification import card
from prospects.views.answers import go_on, own_prospect, rep_verb
from prospects.views.person import show


@rep_verb
def log_call(request: HttpRequest, pk: int) -> HttpResponse:
    """The call with all that came of it, in one go."""
    prospect = own_prospect(request, pk)
    form = CallForm(request.POST, card=card(prospect))
    if not form.is_valid():
        return show(request, prospect, status=422, call_form=form)
    asked = form.call()
    try:
        finish_call(
            prospect=prospect, told=_told(prospect, form.cleaned_data["told"]), by=request.user,
            at=timezone.now(), **asked,
        )  # fmt: skip
    except Refused as no:
        form.add_error(None, no.message)
        return show(request, own_prospect(request, pk), status=422, call_form=form)
    messages.success(request, _said(prospect, asked))
    return go_on(request, prospect)


def _told(prospect: Prospect, pk: int | None) -> Call | None:
    """The row of the phone system that this form is about."""
    return untold(prospect.calls.filter(pk=pk)).first() if pk else None


def _said(prospect: Prospect, asked: dict[str, Any]) -> str:
    name = {"name": prospect.person.name}
    if asked["reason"]:
        return _("Call saved. %(name)s %(outcome)s.") % {
            **name,
            "outcome": became(prospect, asked["reason"]),
        }
    if asked["outcome"] in NOT_REACHED and not prospect.is_open:
        return _("Call saved. That was the last try: %(name)s is returned as “no response”.") % name
    if asked["verdict"] == QUALIFY:
        return _("Call saved. %(name)s is sales-qualified.") % name
    return _("Call saved, handover accepted.") if asked["verdict"] == ACCEPT else _("Call saved.")
