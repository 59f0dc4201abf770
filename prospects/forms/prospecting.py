"""A list of cold contacts: its words, which of its rows, and whose they become."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import ContactBasis
from prospects.accounts import cadences
from prospects.forms.base import StaffForm, submit_key
from prospects.forms.listing import reps
from prospects.prospecting.starting import MOST


def _choice(label: Any, **more: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(label=label, queryset=None, **more)


def _offer(form: forms.Form, name: str, rows: Any) -> None:
    choice = form.fields[name]
    assert isinstance(choice, forms.ModelChoiceField)
    choice.queryset = rows


class ListForm(StaffForm):
    """Where the addresses come from and why we may use them is asked before anybody comes in."""

    submit_key = submit_key()
    name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Give the list a name.")}
    )
    source = forms.CharField(
        label=_("Where the addresses come from"),
        max_length=200,
        help_text=_(
            "Every mail says it, so write it for the people on the list: exhibitors of Hannover Messe 2026."
        ),
        error_messages={"required": _("Say where the addresses come from.")},
    )
    basis = forms.ChoiceField(
        label=_("Lawful basis"),
        choices=[("", "–"), *ContactBasis.Kind.choices],
        error_messages={"required": _("Choose on what ground we speak to these people.")},
    )
    basis_note = forms.CharField(
        label=_("Why it holds"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kept as evidence: our interest, why theirs does not outweigh it, what they can expect."),
        error_messages={"required": _("Say why this ground holds for everybody on the list.")},
    )
    cadence = _choice(
        _("Cadence"),
        required=False,
        empty_label=_("None: the rep calls first"),
        help_text=_("A live sequence for prospects. Whoever is started walks it."),
    )

    def __init__(self, *args: Any, cadence_now: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = cadences()
        _offer(self, "cadence", live | live.model.objects.filter(pk=cadence_now) if cadence_now else live)

    @property
    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "submit_key"}


class StartForm(StaffForm):
    """Rows that are ticked, or the best so many; by the rules, or all to one rep."""

    submit_key = submit_key()
    row = forms.TypedMultipleChoiceField(choices=(), coerce=int, required=False)
    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST, required=False)
    do = forms.ChoiceField(choices=[("rows", "rows"), ("best", "best")])
    owner = _choice(_("To whom"), required=False, empty_label=_("By the assignment rules"))

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        _offer(self, "owner", reps())
        rows = self.fields["row"]
        assert isinstance(rows, forms.TypedMultipleChoiceField)
        rows.choices = [(one, one) for one in data.getlist("row") if _is_number(one)] if data else []

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("do") == "rows" and not asked.get("row"):
            raise forms.ValidationError(_("Tick the rows first, then press “Start the ticked rows”."))
        if asked.get("do") == "best" and not asked.get("number") and "number" not in self.errors:
            self.add_error("number", _("Say how many, up to %(most)s.") % {"most": MOST})
        return asked


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
