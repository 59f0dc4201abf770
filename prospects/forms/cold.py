"""The cold contact entered by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prospects.forms.base import StaffForm, submit_key


class ColdContactForm(StaffForm):
    """Somebody of an outbound list: a person without a lead, worked from the first call on."""

    submit_key = submit_key()
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    job_title = forms.CharField(label=gettext_lazy("Job title"), max_length=120, required=False)
    company = forms.CharField(label=gettext_lazy("Company"), max_length=160, required=False)
    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=2,
        min_length=2,
        required=False,
        help_text=gettext_lazy("Two letters: DE, CH, IT."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why this person"), max_length=300, required=False,
        help_text=gettext_lazy("Where the contact is from, and what makes it worth a call."),
    )  # fmt: skip

    sure = forms.BooleanField(
        label=gettext_lazy("It is another person"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not asked.get("email") and not asked.get("phone"):
            raise forms.ValidationError(
                _("Give an e-mail address or a phone number: one of them finds the person again.")
            )
        return asked

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()

    def ask_whether_sure(self) -> None:
        """Somebody alike is known: show the box that says it is another person."""
        self.fields["sure"].widget = forms.CheckboxInput(attrs={"class": "form-check-input d-block"})
