"""Forms by which staff bring people in. What was said about consent needs its source and its day."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import Campaign, Channel, ConsentText, FormField
from leads.answers import LENGTHS, check_email, check_phone
from leads.capture import Stated
from leads.check_in import MOST_LINES, Line, read_lines
from leads.countries import country_names
from leads.forms.fields import PlainField

Maps = FormField.Maps
BASES = [
    ("asked us", gettext_lazy("They asked us to get in touch")),
    ("legitimate interest", gettext_lazy("Legitimate interest in their job (GDPR art. 6.1 f)")),
    ("contract", gettext_lazy("An offer or a contract is being prepared")),
]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DeskForm(forms.Form):
    """The look of the staff pages, and what both forms ask about consent."""

    submit_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _consent_fields()
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput | forms.CheckboxInput):
                wide = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
                field.widget.attrs.setdefault("class", wide)

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["aria-invalid"] = "true"

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name in ("agreed_how", "agreed_on"):
            if data.get("agreed") and not data.get(name) and name not in self.errors:
                self.add_error(name, _("A consent counts only with where it was given and when."))
        for name in ("agreed_on", "day"):
            if data.get(name) and data[name] > timezone.localdate():
                self.add_error(name, _("This day is still to come."))
        return data

    @property
    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Fields in their order: two beside each other, or over the whole width, or a box to tick."""
        found: list[tuple[str, list[forms.BoundField]]] = []
        kinds: dict[type, str] = {forms.CheckboxInput: "box", forms.Textarea: "whole"}
        for field in self.visible_fields():
            widget = field.field.widget
            kind = kinds.get(type(widget), "pairs")
            if kind != "pairs" or not found or found[-1][0] != "pairs":
                found.append((kind, []))
            found[-1][1].append(field)
        return found

    def consent(self) -> Stated | None:
        """What they said yes to, as staff were told."""
        data = self.cleaned_data
        if not data.get("agreed"):
            return None
        return Stated(
            purpose=ConsentText.Purpose.MARKETING, basis=data["agreed_how"], at=moment(data["agreed_on"])
        )


def _consent_fields() -> dict[str, forms.Field]:
    return {
        "agreed": forms.BooleanField(label=_("They agreed to marketing mail"), required=False),
        "agreed_how": PlainField(
            label=_("Where and how they agreed"), required=False, max_length=200,
            help_text=_("Such as: signed list at the stand, box “Send me news”."),
        ),
        "agreed_on": forms.DateField(label=_("On which day"), required=False, widget=_day()),
    }  # fmt: skip


def moment(day: date) -> datetime:
    """Now for today; else noon of that day."""
    now = timezone.now()
    return now if day == timezone.localdate() else timezone.make_aware(datetime.combine(day, time(12)))


class CheckInForm(DeskForm):
    """A pasted list of people who were at an event."""

    event = PlainField(
        label=gettext_lazy("Event"),
        max_length=160,
        help_text=gettext_lazy("As it will stand in their story."),
    )
    day = forms.DateField(label=gettext_lazy("Day"), widget=_day(), initial=timezone.localdate)
    country = forms.ChoiceField(label=gettext_lazy("Country of phone numbers"), required=False)
    people = PlainField(
        label=gettext_lazy("People"),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: name, company, e-mail, phone. Lines copied from a table are fine."
        ),
    )
    field_order = ["event", "day", "country", "people"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("none")), *country_names("en")]  # type: ignore[attr-defined]
        self.fields["agreed"].label = _("All of them agreed to marketing mail")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.lines: list[Line] = read_lines(data.get("people", ""), country=data.get("country", ""))
        if len(self.lines) > MOST_LINES:
            most = {"most": MOST_LINES, "found": len(self.lines)}
            self.add_error(
                "people", _("These are %(found)d lines; at most %(most)d at a time, please.") % most
            )
        if data.get("people") and not self.lines:
            self.add_error("people", _("There is nobody in these lines."))
        return data


class EntryForm(DeskForm):
    """One person who came by phone, by mail or in person."""

    first_name = PlainField(label=pgettext_lazy("public", "First name"), max_length=80, required=False)
    last_name = PlainField(label=pgettext_lazy("public", "Last name"), max_length=80, required=False)
    email = PlainField(
        label=gettext_lazy("E-mail"), max_length=LENGTHS[Maps.EMAIL], required=False, validators=[check_email]
    )
    phone = PlainField(label=pgettext_lazy("public", "Phone"), max_length=40, required=False)
    country = forms.ChoiceField(label=pgettext_lazy("public", "Country"), required=False)
    company = PlainField(label=pgettext_lazy("public", "Company"), max_length=160, required=False)
    job_title = PlainField(label=pgettext_lazy("public", "Job title"), max_length=120, required=False)
    source = PlainField(
        label=gettext_lazy("How they came to us"), max_length=160,
        help_text=gettext_lazy("Such as: called the switchboard, met at a customer’s."),
    )  # fmt: skip
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Channel"),
        queryset=Channel.objects.in_use(),
        empty_label=gettext_lazy("Choose one"),
    )
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    day = forms.DateField(label=gettext_lazy("Day"), widget=_day(), initial=timezone.localdate)
    basis = forms.ChoiceField(label=gettext_lazy("Why we may keep this"), choices=BASES)
    message = PlainField(
        label=gettext_lazy("What they want"), max_length=LENGTHS[Maps.MESSAGE], required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    SAID = ("email", "phone", "country", "first_name", "last_name", "company", "job_title", "message")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("not known")), *country_names("en")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("email") and not data.get("phone") and not self.errors:
            self.add_error("email", _("Please give an e-mail address or a phone number."))
        if data.get("phone"):
            try:
                check_phone(data["phone"], data.get("country", ""))
            except ValidationError as error:
                self.add_error("phone", error)
        return data

    def answers(self) -> dict[str, str]:
        """What the person said, by field; and why we may keep it, as a fact of its own."""
        said = {name: self.cleaned_data[name] for name in self.SAID if self.cleaned_data.get(name)}
        return said | {"legal_basis": self.cleaned_data["basis"]}
