"""Money: what was sold or may be, for how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Offer
from prospects.follow_ups import FURTHEST
from prospects.forms.base import StaffForm, submit_key
from prospects.models import BuyingRole, Product
from prospects.money.terms import Line


def rate_field() -> forms.DecimalField:
    """What one unit of another currency is worth in ours."""
    return forms.DecimalField(
        max_digits=14, decimal_places=6, min_value=Decimal("0.000001"), required=False,
        help_text=gettext_lazy("What one unit of it is worth. Empty: the last rate that was given."),
    )  # fmt: skip


def within_ten_years(day: date | None) -> date | None:
    """When a deal is expected: a typing error in the year would stand in every forecast. Raises ValidationError."""
    if day is not None and abs(day - timezone.localdate()) > FURTHEST:
        raise forms.ValidationError(_("Choose a day within ten years."))
    return day


class SumForm(StaffForm):
    """A currency; for another than ours a rate may be given, and its field shows only then."""

    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, min_length=3)
    rate = rate_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = settings.CURRENCY
        self.fields["rate"].label = _("Rate to %(base)s") % {"base": settings.CURRENCY}
        if str(self["currency"].value() or settings.CURRENCY).upper() == settings.CURRENCY:
            self.fields["rate"].widget = forms.HiddenInput()

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class WonForm(SumForm):
    """What was sold, for how much."""

    field_order = ("title", "amount", "currency", "rate")
    title = forms.CharField(label=gettext_lazy("What was sold"), required=False, max_length=160)
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=0)
    offer = forms.ModelChoiceField(
        label=gettext_lazy("Offer used"),
        queryset=Offer.objects.in_use(),
        required=False,
        empty_label=gettext_lazy("none"),
    )


class DealForm(SumForm):
    """Money in sight: a title, how much, expected when."""

    field_order = ("submit_key", "title", "amount", "currency", "rate")
    submit_key = submit_key()
    title = forms.CharField(label=gettext_lazy("What"), max_length=160)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=0, required=False
    )
    expected_on = forms.DateField(
        label=gettext_lazy("Expected"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_expected_on(self) -> date | None:
        return within_ten_years(self.cleaned_data["expected_on"])


class TermsForm(DealForm):
    """All that an open deal says, but its products."""

    offer = forms.ModelChoiceField(
        label=gettext_lazy("Offer"),
        queryset=Offer.objects.in_use(),
        required=False,
        empty_label=gettext_lazy("none"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["submit_key"]
        self.fields["amount"].help_text = gettext_lazy("With products below, their sum counts instead.")


class LineForm(StaffForm):
    """A product of a deal. Without a price its list price is taken; without a product the row says nothing."""

    product = forms.ModelChoiceField(
        label=gettext_lazy("Product"), queryset=Product.objects.none(), required=False, empty_label="–"
    )
    quantity = forms.DecimalField(
        label=gettext_lazy("How many"),
        max_digits=10,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price each"), max_digits=14, decimal_places=2, min_value=0, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product = self.fields["product"]
        assert isinstance(product, forms.ModelChoiceField)
        product.queryset = Product.objects.filter(Q(archived_at=None) | Q(pk=self.initial.get("product")))

    def line(self, currency: str) -> Line | None:
        """Raises ValidationError where a price is missing that the list cannot give."""
        asked = self.cleaned_data
        if not asked.get("product"):
            return None
        price = asked.get("price")
        if price is None and currency != settings.CURRENCY:
            raise forms.ValidationError(
                _("List prices are in %(base)s: give a price.") % {"base": settings.CURRENCY}
            )
        return Line(
            product=asked["product"],
            quantity=asked.get("quantity") or Decimal(1),
            price=asked["product"].price if price is None else price,
        )


class TakePartForm(StaffForm):
    """Which open deal of the account, and as what."""

    deal = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.ChoiceField(label=gettext_lazy("As"), choices=BuyingRole.Role.choices)


LineForms = forms.formset_factory(LineForm, extra=3, max_num=40, absolute_max=60)
