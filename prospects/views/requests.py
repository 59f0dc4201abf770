"""Ask marketing: the panel on the person page, and marketing's own list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from campaigns.models import Asset
from leads.keyset import keyset_page
from prospects.feedback import requests
from prospects.forms.requests import AnswerForm, AskMarketingForm
from prospects.models import MarketingRequest, Prospect
from prospects.views.answers import conflict, for_reps, in_place, own_prospect

State = MarketingRequest.State


@for_reps
def ask_marketing(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/prospects/<id>/ask-marketing/: what was asked about this person, and one question more."""
    prospect = own_prospect(request, pk)
    if request.method != "POST":
        return _panel(request, prospect, AskMarketingForm())
    form = AskMarketingForm(request.POST)
    if not form.is_valid():
        return _panel(request, prospect, form, status=422)
    try:
        requests.ask(prospect=prospect, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as no:
        form.add_error(None, no.message)
        return _panel(request, prospect, form, status=422)
    except Conflict as lost:
        return conflict(request, lost)
    messages.success(request, _("Marketing has it on its list."))
    return redirect("staff-ask-marketing", pk=pk)


def _panel(
    request: HttpRequest, prospect: Prospect, form: AskMarketingForm, status: int = 200
) -> HttpResponse:
    name = "prospects/_ask_panel_answer.html" if in_place(request) else "prospects/ask_marketing.html"
    asked = list(requests.of_prospect(prospect)[:20])
    context = {"prospect": prospect, "ask_form": form, "asked": asked, "facts": requests.FACTS}
    return render(request, name, context, status=status)


@login_required
@permission_required(requests.MAY_ANSWER, raise_exception=True)
def asked_list(request: HttpRequest) -> HttpResponse:
    """/staff/asked/: what sales asks of marketing; of the person only what marketing may see."""
    return _list(request)


def _list(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    asked = request.GET.get("state", State.OPEN)
    state = asked if asked in State.values else State.OPEN
    page = keyset_page(requests.for_marketing(state), keys=("-at", "-pk"), cursor=request.GET.get("at", ""))
    form = more.pop("form", None) or AnswerForm()
    pieces = [
        (asset.pk, asset.title) for asset in Asset.objects.in_use().order_by("title", "pk").only("title")
    ]
    context = {"page": page, "state": state, "states": State.choices, "form": form, "pieces": pieces,
               "facts": requests.FACTS, **more}  # fmt: skip
    return render(request, "prospects/asked.html", context, status=status)


@login_required
@permission_required(requests.MAY_ANSWER, raise_exception=True)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Done or declined; the rep hears it. A colleague who was faster is shown."""
    asked = get_object_or_404(MarketingRequest, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _list(request, 422, form=form, wrong=asked.pk)
    try:
        requests.answer(request=asked, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as no:
        form.add_error(None, no.message)
        return _list(request, 422, form=form, wrong=asked.pk)
    except Conflict as lost:
        return conflict(request, lost)
    messages.success(request, _("Answered. The rep hears it."))
    return redirect("staff-asked")
