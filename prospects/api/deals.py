"""`/api/v1/deals/`: money in sight, won and lost, with the rights and verbs of the pages (docs/sales-api.md).

A deal that one may not see is not found.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api import Problem
from prospects.api.base import (
    SalesView,
    body_of,
    checked,
    key_of,
    page_of,
    refuse_reused,
    refuse_unknown,
)
from prospects.api.shapes import deal_shape
from prospects.api.views import VerbView
from prospects.custom_fields import Entity, change_custom, fields_of
from prospects.forms import LostForm, WonForm
from prospects.forms.custom import api_form
from prospects.forms.deals import TermsForm, rate_field, within_ten_years
from prospects.models import Deal, Prospect
from prospects.money import deals
from prospects.money.terms import Line, change_deal
from prospects.views.deal_page import ORDERS, asked_of, filtered, win

ROW = ("prospect__stage", "prospect__person", "account__company", "reason", "offer")


class NewDealFields(forms.Form):
    """`currency`, else the base currency; `rate`: what one of another currency is worth in it."""

    title = forms.CharField(max_length=160)
    amount = forms.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    currency = forms.CharField(min_length=3, max_length=3, required=False)
    rate = rate_field()
    expected_on = forms.DateField(required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_expected_on(self) -> date | None:
        return within_ten_years(self.cleaned_data["expected_on"])


class OpenDeal(VerbView):
    """POST …/prospects/<id>/deals/. `Idempotency-Key` makes a repeat answer with the first."""

    form = NewDealFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        deal = deals.open_deal(
            prospect=prospect, by=request.user, at=timezone.now(), submit_key=key_of(request), **asked
        )
        refuse_reused(deal, title=asked["title"], amount=asked["amount"])
        return Response(deal_shape(deal, full=True), status=201)


class DealList(SalesView):
    """GET: `state` (open won lost), `whose=mine`, `due=over`, `q`."""

    def get(self, request: Request) -> Response:
        refuse_unknown(request, state=tuple(ORDERS), whose=("mine",), due=("over",), q=None)
        asked = asked_of(request)
        rows = filtered(deals.deals_of(request.user), request, asked).select_related(*ROW)
        return page_of(
            request, rows, ORDERS[asked["state"]], lambda shown: [deal_shape(row) for row in shown]
        )


class DealView(SalesView):
    """One deal in the address: one's own, or any for a manager."""

    def deal(self, request: Request, pk: int) -> Deal:
        found = deals.deals_of(request.user).select_related(*ROW).filter(pk=pk).first()
        if found is None:
            raise Problem(404, "not_found", _("There is no such deal."))
        return found


class OneDeal(DealView):
    def get(self, request: Request, pk: int) -> Response:
        return Response(deal_shape(self.deal(request, pk), full=True))


class DealVerb(DealView):
    """POST: one verb on one deal; answers with the deal as it is now. What is not sent is as it stands."""

    form: type[forms.Form]
    kept: tuple[str, ...] = ()

    def post(self, request: Request, pk: int) -> Response:
        deal = self.deal(request, pk)
        now = {name: getattr(deal, name) for name in self.kept}
        self.act(request, deal, checked(self.form, body_of(request), now=now).cleaned_data)
        return Response(deal_shape(self.deal(request, pk), full=True))

    def act(self, request: Request, deal: Deal, asked: dict[str, Any]) -> None:
        raise NotImplementedError


class ChangeDeal(DealVerb):
    """Its products stay as they are; where there are some, the amount is their sum."""

    form, kept = TermsForm, ("title", "amount", "currency", "expected_on", "offer")

    def act(self, request: Request, deal: Deal, asked: dict[str, Any]) -> None:
        rows = deal.lines.select_related("product")
        lines = [Line(product=one.product, quantity=one.quantity, price=one.price) for one in rows]
        change_deal(deal=deal, by=request.user, at=timezone.now(), lines=lines, **asked)


class Won(DealVerb):
    """With an open cycle the prospect is won; a customer's further deal is won alone."""

    form, kept = WonForm, ("title", "amount", "currency", "offer")

    def act(self, request: Request, deal: Deal, asked: dict[str, Any]) -> None:
        win(deal, request.user, asked)


class Lost(DealVerb):
    """This deal alone; the cycle goes on. `reason` is a slug."""

    form = LostForm

    def act(self, request: Request, deal: Deal, asked: dict[str, Any]) -> None:
        deals.close_lost(deal=deal, by=request.user, at=timezone.now(), **asked)


class DealFields(DealView):
    """POST: values of custom fields by their keys, as for a prospect."""

    def post(self, request: Request, pk: int) -> Response:
        deal, body = self.deal(request, pk), body_of(request)
        form = checked(api_form(fields_of(Entity.DEAL)), body)
        said = {key: form.cleaned_data[key] for key in body}
        change_custom(row=deal, said=said, by=request.user, at=timezone.now())
        return Response(deal_shape(self.deal(request, pk), full=True))
