"""The cold contact entered by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.countries import country_code
from leads.identity import BadAddress, email_key, phone_key
from leads.models import ContactBasis
from prospects.forms.base import StaffForm, submit_key
from prospects.models import ProspectingList
from prospects.prospecting.ground import Ground


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
        max_length=60,
        required=False,
        help_text=gettext_lazy("Its name or its two letters: Germany, CH."),
    )
    prospecting_list: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("List"), queryset=None, required=False,
        help_text=gettext_lazy("It says where the address is from and on what ground. Without one, say it here:"),
    )  # fmt: skip
    source = forms.CharField(
        label=gettext_lazy("Where the address is from"), max_length=200, required=False,
        help_text=gettext_lazy("For example: their company’s website, a fair, a colleague of theirs."),
    )  # fmt: skip
    basis = forms.ChoiceField(
        label=gettext_lazy("Lawful basis"), choices=[("", "–"), *ContactBasis.Kind.choices], required=False
    )
    basis_note = forms.CharField(
        label=gettext_lazy("Why it holds"), max_length=300, required=False,
        help_text=gettext_lazy("One sentence, kept as evidence."),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Why this person"), max_length=300, required=False,
        help_text=gettext_lazy("What makes it worth a call."),
    )  # fmt: skip

    sure = forms.BooleanField(
        label=gettext_lazy("It is another person"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = self.fields["prospecting_list"]
        assert isinstance(lists, forms.ModelChoiceField)
        lists.queryset = ProspectingList.objects.in_use()

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not asked.get("prospecting_list") and "prospecting_list" not in self.errors:
            for name, words in self.GROUND.items():
                if not asked.get(name) and name not in self.errors:
                    self.add_error(name, words)
        if asked.get("phone") and phone_key(asked["phone"], asked.get("country", "")) is None:
            self.add_error(
                "phone", _("This phone number cannot be read; write it with its country: +49 30 5550 148.")
            )
        if not asked.get("email") and not asked.get("phone") and not {"email", "phone"} & set(self.errors):
            raise forms.ValidationError(
                _("Give an e-mail address or a phone number: one of them finds the person again.")
            )
        return asked

    GROUND = {
        "source": gettext_lazy("Choose a list, or say where the address is from."),
        "basis": gettext_lazy("Choose a list, or say on what ground we may speak to them."),
        "basis_note": gettext_lazy("Say in a sentence why this ground holds."),
    }

    @property
    def ground(self) -> Ground:
        """What was stated of this person alone."""
        given = self.cleaned_data
        return Ground(given["basis"], given["basis_note"], given["source"])

    @property
    def said(self) -> dict[str, str]:
        """What is known of the person."""
        others = ("submit_key", "sure", "prospecting_list", *self.GROUND)
        return {name: value for name, value in self.cleaned_data.items() if name not in others}

    def clean_country(self) -> str:
        written = self.cleaned_data["country"]
        if written and not country_code(written):
            raise forms.ValidationError(
                _("There is no country of this name. Write its name or its two letters.")
            )
        return country_code(written)

    def clean_email(self) -> str:
        try:
            email_key(self.cleaned_data["email"])
        except BadAddress as wrong:
            if self.cleaned_data["email"]:
                raise forms.ValidationError(
                    _("This address cannot be written to: %(why)s") % {"why": wrong}
                ) from None
        return self.cleaned_data["email"]

    def ask_whether_sure(self) -> None:
        """Somebody alike is known: show the box that says it is another person."""
        self.fields["sure"].widget = forms.CheckboxInput(attrs={"class": "form-check-input d-block"})
