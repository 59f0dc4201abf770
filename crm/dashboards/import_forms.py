"""Forms of the import pages. They check what was typed; `crm.importing` does the rest."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, CustomField
from crm.importing.columns.mapping import CUSTOM
from crm.importing.columns.mapping_file import from_text
from crm.importing.kept import LARGEST
from crm.importing.rights import COLD, HISTORY, LEADS, LISTS
from prospects.models import ProspectingList

KINDS = [
    ("lead", _("Leads: people who showed interest")),
    ("cold_contact", _("Cold contacts, for outbound work")),
    ("opt_out", _("Opt-outs and bounces")),
    ("by_file", _("Accounts, products, deals, activities: a mapping says it")),
]
PEOPLE_FIELDS = [
    ("email", _("E-mail")),
    ("more_email", _("Another e-mail")),
    ("first_name", _("First name")),
    ("last_name", _("Last name")),
    ("full_name", _("Whole name")),
    ("phone", _("Phone")),
    ("company_name", _("Company")),
    ("job_title", _("Job title")),
    ("country", _("Country")),
    ("language", _("Language")),
    ("id", _("Their number in the other system")),
    ("at", _("Date of first contact")),
    ("consent", _("Agreed to mail (yes or no)")),
    ("fact", _("Keep as a fact")),
]
OPT_OUT_FIELDS = [("email", _("E-mail")), ("at", _("Date of the opt-out"))]
DATE_FORMATS = [
    ("iso", _("2026-11-30")),
    ("%d.%m.%Y", _("30.11.2026")),
    ("%d/%m/%Y", _("30/11/2026")),
    ("%m/%d/%Y", _("11/30/2026")),
    ("%d %b %Y", _("30 Nov 2026")),
]
SMALL = 200 * 1024


class StaffForm(forms.Form):
    """Fields that look like those of the other staff pages."""

    def dress(self) -> None:
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput):
                widget.attrs["class"] = "form-check-input"
            elif isinstance(widget, forms.Select):
                widget.attrs["class"] = "form-select"
            else:
                widget.attrs["class"] = "form-control"


class UploadForm(StaffForm):
    """A file and what it is. The type is told by its content, whatever its name says."""

    submit_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX, at most 50 MB."), max_length=200)
    kind = forms.ChoiceField(label=_("What is in it"), choices=KINDS)
    source = forms.SlugField(
        label=_("Where it comes from"),
        max_length=40,
        help_text=_("A short name, such as hubspot or fair-2026."),
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("none"),
        help_text=_("For leads: what brought them."),
    )  # fmt: skip
    prospecting_list = forms.ModelChoiceField(
        label=_("Prospecting list"), queryset=ProspectingList.objects.none(), required=False,
        empty_label=_("none"),
        help_text=_("For cold contacts: it says where the addresses come from, and on what ground we use them."),
    )  # fmt: skip
    mapping = forms.FileField(
        label=_("Mapping file"), required=False, help_text=_("Only where you have one (TOML).")
    )

    def __init__(self, *args: Any, user: Any, asked_list: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["prospecting_list"].queryset = ProspectingList.objects.in_use()  # type: ignore[attr-defined]
        if not user.has_perm(LISTS):
            del self.fields["prospecting_list"]
        elif not user.has_perm(LEADS) and not user.has_perm(HISTORY):
            self._only_lists()
        if "prospecting_list" in self.fields and asked_list:
            self.initial = {**self.initial, "prospecting_list": asked_list, "kind": COLD}
        self.dress()

    def _only_lists(self) -> None:
        """Whoever may bring in lists of cold contacts, and nothing else, is not asked what is in the file."""
        self.fields["kind"] = forms.ChoiceField(
            choices=[one for one in KINDS if one[0] == COLD], initial=COLD, widget=forms.HiddenInput
        )
        del self.fields["campaign"]
        self.fields["prospecting_list"].required = True

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("This file is larger than 50 MB. Please split it."))
        return file

    def clean_mapping(self) -> str:
        file = self.cleaned_data.get("mapping")
        if file is None:
            return ""
        if file.size > SMALL:
            raise forms.ValidationError(_("This is no mapping file: it is too large."))
        try:
            return from_text(file.read().decode("utf-8"), name=file.name.removesuffix(".toml")[:80]).text
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("kind") == "lead" and not found.get("campaign") and not found.get("mapping"):
            self.add_error("campaign", _("Please say which campaign brought these people."))
        self._check_list(found)
        return found | {"campaign": found.get("campaign")}

    def _check_list(self, found: dict[str, Any]) -> None:
        cold, chosen = found.get("kind") == COLD, found.get("prospecting_list")
        if "prospecting_list" not in self.fields:
            if cold:
                self.add_error("kind", _("Cold contacts come in on a list; a sales manager brings them in."))
            return
        if "prospecting_list" in self.errors:
            return
        if cold and not chosen:
            self.add_error("prospecting_list", _("Please choose the list that these people come in on."))
        if chosen and found.get("kind") and not cold:
            self.add_error(
                "kind", _("On a list come cold contacts. Choose them here, or leave the list empty.")
            )


class ColumnsForm(StaffForm):
    """For each column what it fills, and what is stated about the people."""

    date_format = forms.ChoiceField(label=_("Dates are written like"), choices=DATE_FORMATS, required=False)
    everybody_agreed = forms.BooleanField(label=_("Everybody in this file agreed to mail"), required=False)
    basis = forms.CharField(
        label=_("Legal basis of marketing mail"), max_length=80, required=False,
        help_text=_("Such as: consent on a paper form. Empty: nobody gets marketing mail by this import."),
    )  # fmt: skip
    basis_source = forms.CharField(
        label=_("Where it was given"),
        max_length=80,
        required=False,
        help_text=_("Such as: our stand at the fair."),
    )
    basis_on = forms.DateField(
        label=_("When it was given"), required=False, widget=forms.DateInput({"type": "date"})
    )
    remember_as = forms.CharField(
        label=_("Remember this choice as"), max_length=80, required=False,
        help_text=_("It is offered for the next file with the same columns."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, header: Sequence[str], samples: Sequence[Sequence[str]], chosen: dict[str, str],
        kind: str, listed: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.header, self.samples, self.kind = header, samples, kind
        choices = [("", _("Not read")), *fields_of(kind)]
        if listed:  # marketing mail never goes to them
            choices = [one for one in choices if one[0] != "consent"]
        for at, column in enumerate(header):
            self.fields[f"c{at}"] = forms.ChoiceField(
                label=column, choices=choices, required=False, initial=chosen.get(column, "")
            )
        if kind == "opt_out" or listed:
            for name in ("everybody_agreed", "basis", "basis_source", "basis_on"):
                del self.fields[name]
        self.dress()

    def columns(self) -> Iterator[tuple[forms.BoundField, Sequence[str]]]:
        """Each column with three of its values."""
        for at, _column in enumerate(self.header):
            yield self[f"c{at}"], [row[at] for row in self.samples]

    @property
    def stated(self) -> list[forms.BoundField]:
        return [self[name] for name in ("basis", "basis_source", "basis_on") if name in self.fields]

    @property
    def choices(self) -> dict[str, str]:
        return {column: self.cleaned_data.get(f"c{at}", "") for at, column in enumerate(self.header)}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        stated = [found.get(name) for name in ("basis", "basis_source", "basis_on")]
        if any(stated) and not all(stated):
            self.add_error("basis", _("Please give all three: the legal basis, where and when it was given."))
        agreed = found.get("everybody_agreed") or "consent" in self.choices.values()
        if all(stated) and self.kind != "opt_out" and not agreed:
            self.add_error("basis", _("Please also say who agreed: a column, or everybody in this file."))
        return found


def fields_of(kind: str) -> list[tuple[str, Any]]:
    """What a column of such a file may fill."""
    if kind == "opt_out":
        return list(OPT_OUT_FIELDS)
    own = CustomField.objects.filter(entity=CustomField.Entity.PERSON, archived_at=None).order_by("label")
    return [*PEOPLE_FIELDS, *((f"{CUSTOM}{field.key}", field.label) for field in own)]
