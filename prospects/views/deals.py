"""Money and ends: a deal added, a prospect won or lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.templatetags.staff_ui import money
from prospects import pipeline
from prospects.forms import DealForm, LostForm, WonForm
from prospects.models import BuyingRole, Deal, Prospect
from prospects.money import deals
from prospects.money.terms import takes_part
from prospects.views.answers import for_reps, own_prospect
from prospects.views.deal_page import joinable_lines, terms_of


@for_reps
def won(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks what was sold and for how much, then closes the cycle."""
    prospect = own_prospect(request, pk)
    form = WonForm(request.POST or None, initial=_from_open_deal(prospect))
    if request.method == "POST" and form.is_valid():
        try:
            pipeline.win(prospect=prospect, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as no:
            form.add_error(None, no.message)
        else:
            said = money(form.cleaned_data["amount"], form.cleaned_data["currency"])
            messages.success(
                request, _("%(name)s is won: %(amount)s.") % {"name": prospect.person.name, "amount": said}
            )
            return redirect("staff-person", pk=pk)
    return _end_page(
        request, prospect, form, title=_("Won"), button=_("Close as won"), besides=_other_deal(prospect)
    )


@for_reps
def lost(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks why, then closes the cycle."""
    prospect = own_prospect(request, pk)
    form = LostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pipeline.lose(prospect=prospect, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(
                request, _("%(name)s is lost; the reason is kept.") % {"name": prospect.person.name}
            )
            return redirect("staff-person", pk=pk)
    return _end_page(request, prospect, form, title=_("Lost"), button=_("Close as lost"))


def _end_page(
    request: HttpRequest, prospect: Prospect, form: Any, *, title: str, button: str, besides: str = ""
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    lead = _("Closes the cycle with %(name)s. The history keeps what was done.") % {
        "name": prospect.person.name
    }
    context = {"prospect": prospect, "form": form, "title": title, "button": button}
    context["lead"] = f"{lead} {besides}".strip()
    context["seen"] = prospect.stage.slug
    return render(request, "prospects/form_page.html", context, status=status)


def _other_deal(prospect: Prospect) -> str:
    if not takes_part(prospect):
        return ""
    return _("They take part in another person’s open deal: to win that one, close it on its own page.")


def _from_open_deal(prospect: Prospect) -> dict[str, Any]:
    deal = prospect.deals.filter(status=Deal.Status.OPEN).first()
    if deal is None:
        return {}
    return terms_of(deal)


@for_reps
def new_deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Add money in sight to a prospect."""
    prospect = own_prospect(request, pk)
    form = DealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deals.open_deal(prospect=prospect, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("Deal added; it counts in the forecast."))
            return redirect("staff-person", pk=pk)
    context = {"prospect": prospect, "form": form, "title": _("New deal"), "button": _("Add deal")}
    context["lead"] = _("Money in sight with %(name)s. Forecasts count deals, not people.") % {
        "name": prospect.person.name
    }
    context |= {"joinable": joinable_lines(prospect, request.user), "roles": BuyingRole.Role.choices}
    return render(request, "prospects/deal_new.html", context, status=422 if form.is_bound else 200)
