"""One deal: what it says, who takes part, how it ended. And the list of deals, chips in the address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.keyset import keyset_page
from leads.models import Person
from leads.templatetags.staff_ui import money
from prospects import pipeline
from prospects.custom_fields import Entity, changes_of
from prospects.forms import LostForm, WonForm
from prospects.forms.deals import LineForms, TakePartForm, TermsForm
from prospects.models import Deal, Product, Prospect
from prospects.money import deals
from prospects.money.terms import Line, change_deal, join_deal, joinable, leave_deal
from prospects.views.answers import for_reps, own_prospect, rep_verb
from prospects.views.person_parts import own_fields

ORDERS = {"open": ("-opened_at", "-pk"), "won": ("-closed_at", "-pk"), "lost": ("-closed_at", "-pk")}


@for_reps
def deal_list(request: HttpRequest) -> HttpResponse:
    """/staff/deals/: money in sight, won or lost."""
    asked = asked_of(request)
    rows = filtered(deals.deals_of(request.user), request, asked)
    page = keyset_page(
        rows.select_related("prospect__person", "prospect__stage", "prospect__owner", "account__company", "reason"),
        keys=ORDERS[asked["state"]], cursor=request.GET.get("at", ""),
    )  # fmt: skip
    total = rows.order_by().aggregate(total=Sum("base_amount"))["total"]
    context = {"page": page, "n": rows.count(), "total": total, "today": timezone.localdate(), **asked}
    return render(request, "prospects/deals.html", context)


def asked_of(request: HttpRequest) -> dict[str, Any]:
    state = request.GET.get("state", "open")
    return {
        "state": state if state in ORDERS else "open",
        "mine": request.GET.get("whose") == "mine",
        "overdue": request.GET.get("due") == "over",
        "words": request.GET.get("q", "").strip()[:80],
    }


def filtered(rows: QuerySet[Deal], request: HttpRequest, asked: dict[str, Any]) -> QuerySet[Deal]:
    rows = rows.filter(status=asked["state"])
    if asked["mine"]:
        rows = rows.filter(prospect__owner=request.user)
    if asked["overdue"]:
        rows = rows.filter(expected_on__lt=timezone.localdate())
    if words := asked["words"]:
        rows = rows.filter(
            Q(title__icontains=words)
            | Q(account__company__name__icontains=words)
            | Q(prospect__person__last_name__icontains=words)
        )
    return rows


def _deal(request: HttpRequest, pk: int) -> Deal:
    """The deal, if this user may see it; another rep's is not found."""
    seen = deals.deals_of(request.user).select_related(
        "prospect__person", "prospect__stage", "prospect__owner", "account__company", "account__owner", "reason",
        "offer",
    )  # fmt: skip
    return get_object_or_404(seen, pk=pk)


@for_reps
def deal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/deals/<id>/"""
    deal = _deal(request, pk)
    lines = deal.lines.select_related("product").annotate(total=F("quantity") * F("price"))
    context = {
        "deal": deal,
        "base": settings.CURRENCY,
        "lines": lines,
        "people": deal.people.select_related("person").order_by("at", "pk"),
        "moves": deal.moves.select_related("by"),
        "changes": changes_of(deal),
        "again": deal.status == Deal.Status.WON and deal.prospect is not None,
        **own_fields(Entity.DEAL, deal.custom),
    }
    return render(request, "prospects/deal.html", context)


@for_reps
def deal_change(request: HttpRequest, pk: int) -> HttpResponse:
    """What an open deal says, and its products."""
    deal = _deal(request, pk)
    form = TermsForm(request.POST or None, initial=terms_of(deal))
    lines = _line_forms(request, deal)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        try:
            change_deal(
                deal=deal, by=request.user, at=timezone.now(), lines=_lines(lines, form.cleaned_data["currency"]),
                **form.cleaned_data,
            )  # fmt: skip
        except (Refused, ValidationError) as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("The deal is changed."))
            return redirect("staff-deal", pk=pk)
    context = {"deal": deal, "form": form, "lines": lines}
    return render(request, "prospects/deal_change.html", context, status=422 if form.is_bound else 200)


def terms_of(deal: Deal) -> dict[str, Any]:
    """What a form about the deal begins with."""
    names = ("title", "amount", "currency", "expected_on")
    return {name: getattr(deal, name) for name in names} | {"offer": deal.offer_id}


def _line_forms(request: HttpRequest, deal: Deal) -> Any:
    """The products the deal has and room for three more; no rows where nothing can be chosen."""
    known = _line_values(deal)
    forms = LineForms(request.POST or None, prefix="lines", initial=known)
    if not known and not Product.objects.in_use().exists():
        forms.extra = 0
    return forms


def _line_values(deal: Deal) -> list[dict[str, Any]]:
    return [dict(line) for line in deal.lines.values("product", "quantity", "price")]


def _lines(forms: Any, currency: str) -> list[Line]:
    return [line for form in forms if (line := form.line(currency))]


@for_reps
def deal_won(request: HttpRequest, pk: int) -> HttpResponse:
    """Win this deal: with an open cycle the prospect is won; a customer's further deal is won alone."""
    deal = _deal(request, pk)
    form = WonForm(request.POST or None, initial=terms_of(deal))
    if request.method == "POST" and form.is_valid():
        try:
            win(deal, request.user, form.cleaned_data)
        except Refused as no:
            form.add_error(None, no.message)
        else:
            said = money(form.cleaned_data["amount"], form.cleaned_data["currency"])
            messages.success(request, _("The deal is won: %(amount)s.") % {"amount": said})
            return redirect("staff-deal", pk=pk)
    return _end_page(request, deal, form, _("Won"), _("Close as won"))


def win(deal: Deal, by: Any, given: dict[str, Any]) -> None:
    at = timezone.now()
    if deal.prospect is not None and deal.prospect.is_open:
        pipeline.win(prospect=deal.prospect, deal=deal, by=by, at=at, **given)
    else:
        deals.close_won(deal=deal, by=by, at=at, **given)


@for_reps
def deal_lost(request: HttpRequest, pk: int) -> HttpResponse:
    """Lose this deal alone; the cycle goes on."""
    deal = _deal(request, pk)
    form = LostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deals.close_lost(deal=deal, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("The deal is lost; the reason is kept."))
            return redirect("staff-deal", pk=pk)
    return _end_page(request, deal, form, _("Lost"), _("Close as lost"))


def _end_page(request: HttpRequest, deal: Deal, form: Any, title: str, button: str) -> HttpResponse:
    goes_on = deal.prospect is not None and deal.prospect.is_open
    lead = _("This deal alone; the work with the person goes on.")
    if title == _("Won") and goes_on:
        lead = _("Closes the cycle as won. Other open deals of this person stay open.")
    context = {"deal": deal, "form": form, "title": title, "lead": lead, "button": button}
    return render(request, "prospects/form_page.html", context, status=422 if form.is_bound else 200)


@rep_verb
def take_part(request: HttpRequest, pk: int) -> HttpResponse:
    """The person of this prospect joins an open deal of their account instead of opening another."""
    prospect = own_prospect(request, pk)
    form = TakePartForm(request.POST)
    if form.is_valid():
        deal = _deal(request, form.cleaned_data["deal"])
        try:
            join_deal(
                deal=deal,
                prospect=prospect,
                role=form.cleaned_data["role"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as no:
            messages.error(request, no.message)
        else:
            messages.success(request, _("%(name)s takes part in this deal.") % {"name": prospect.person.name})
            return redirect("staff-deal", pk=deal.pk)
    return redirect("staff-deal-new", pk=prospect.pk)


@rep_verb
def leave(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    """Somebody takes no part in this deal any more."""
    deal = _deal(request, pk)
    person = get_object_or_404(Person.objects.filter(pk__in=deal.people.values("person")), pk=person_pk)
    leave_deal(deal=deal, person=person, by=request.user)
    messages.success(request, _("%(name)s takes no part in this deal any more.") % {"name": person.name})
    return redirect("staff-deal", pk=pk)


def joinable_lines(prospect: Prospect, user: Any) -> list[dict[str, Any]]:
    """Open deals at the same account: one's own can be joined, of a colleague's only the owner is named."""
    seen = set(deals.deals_of(user).filter(account=prospect.account_id).values_list("pk", flat=True))
    return [{"deal": deal, "mine": deal.pk in seen} for deal in joinable(prospect)]
