"""Money and ends: a deal added, a prospect won or lost; and the cold contact entered by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.templatetags.staff_ui import money
from prospects import deals, pipeline
from prospects.cold import PerhapsKnown, enter_cold, refuse_known
from prospects.deal_terms import takes_part
from prospects.forms import ColdContactForm, DealForm, LostForm, WonForm
from prospects.models import BuyingRole, Deal, Prospect
from prospects.views.answers import for_reps, own_prospect
from prospects.views.deal_page import joinable_lines


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
    return _end_page(request, prospect, form, _("Won"), _("Close as won"))


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
    return _end_page(request, prospect, form, _("Lost"), _("Close as lost"))


def _end_page(request: HttpRequest, prospect: Prospect, form: Any, title: str, button: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    lead = _("Closes the cycle with %(name)s. The history keeps what was done.") % {
        "name": prospect.person.name
    }
    if title == _("Won") and takes_part(prospect):
        lead += " " + _(
            "They take part in another person’s open deal: to win that one, close it on its own page."
        )
    context = {"prospect": prospect, "form": form, "title": title, "lead": lead, "button": button}
    context["seen"] = prospect.stage.slug
    return render(request, "prospects/form_page.html", context, status=status)


def _from_open_deal(prospect: Prospect) -> dict[str, Any]:
    deal = prospect.deals.filter(status=Deal.Status.OPEN).first()
    if deal is None:
        return {}
    return {"title": deal.title, "amount": deal.amount, "currency": deal.currency, "offer": deal.offer_id}


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


@for_reps
def new_cold_contact(request: HttpRequest) -> HttpResponse:
    """Enter somebody of an outbound list and go to their page."""
    form = ColdContactForm(request.POST or None, initial={"company": request.GET.get("company", "")})
    if request.method == "POST" and form.is_valid():
        said = {
            name: value for name, value in form.cleaned_data.items() if name not in ("submit_key", "sure")
        }
        key = form.cleaned_data["submit_key"]
        try:
            if not form.cleaned_data["sure"]:
                refuse_known(said)
            prospect = enter_cold(
                said=said, owner=request.user, by=request.user, at=timezone.now(), submit_key=key
            )
        except PerhapsKnown as no:
            form.add_error(None, no.message)
            form.ask_whether_sure()
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("%(name)s is yours. Call first.") % {"name": prospect.person.name})
            return redirect("staff-person", pk=prospect.pk)
    context = {"form": form, "title": _("New cold contact"), "button": _("Enter and open")}
    context["lead"] = _(
        "No lead is made and no marketing mail is sent: that begins when the person shows interest."
    )
    return render(request, "prospects/form_page.html", context, status=422 if form.is_bound else 200)
