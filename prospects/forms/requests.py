"""What sales asks of marketing, and marketing's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from campaigns.models import Asset
from prospects.feedback.requests import FACTS
from prospects.forms.base import StaffForm, submit_key
from prospects.models import MarketingRequest


class AskMarketingForm(StaffForm):
    submit_key = submit_key()
    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[(kind, capfirst(words)) for kind, words in MarketingRequest.Kind.choices],
    )
    field = forms.ChoiceField(label=gettext_lazy("Which fact"), required=False)
    text = forms.CharField(
        label=gettext_lazy("In a sentence"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["field"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", gettext_lazy("Only where a fact is wrong")), *FACTS.items()]


class AnswerForm(StaffForm):
    words = forms.CharField(label=gettext_lazy("Answer"), required=False, max_length=1000)
    asset = forms.ModelChoiceField(
        label=gettext_lazy("Piece"), queryset=Asset.objects.none(), required=False,
        empty_label=gettext_lazy("no piece"),
    )  # fmt: skip
    state = forms.ChoiceField(
        choices=[(value, label) for value, label in MarketingRequest.State.choices if value != "open"]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["asset"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Asset.objects.in_use().order_by("title", "pk")
