"""The form of custom fields: one typed field each, empty ones may stay empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from campaigns.models import CustomField
from leads.answers import custom_choices
from leads.forms.fields import CustomAnswer
from prospects.custom_fields import LONGEST, stamp
from prospects.forms.base import StaffForm


class CustomForm(StaffForm):
    """A field for each custom field in use, with what stands there now."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, fields: Sequence[CustomField], custom: Mapping[str, Any], **kwargs: Any
    ) -> None:
        self.own = fields
        initial = {f"custom_{field.key}": custom.get(field.key, "") for field in fields}
        super().__init__(data, initial={"seen": stamp(custom), **initial}, **kwargs)

    @property
    def said(self) -> dict[str, str]:
        return {field.key: self.cleaned_data[f"custom_{field.key}"] for field in self.own}


def custom_answer(field: CustomField) -> CustomAnswer:
    return CustomAnswer(
        custom=field, label=field.label, required=False, widget=_widget(field), max_length=LONGEST
    )


def _widget(field: CustomField) -> forms.Widget:
    if field.kind == field.Kind.YES_NO:
        return forms.Select(choices=[("", "–"), ("yes", _("Yes")), ("no", _("No"))])
    if field.kind == field.Kind.CHOICE:
        return forms.Select(choices=[("", "–"), *((line, line) for line in custom_choices(field))])
    if field.kind == field.Kind.DATE:
        return forms.TextInput({"type": "date"})
    return forms.TextInput({"inputmode": "decimal"} if field.kind == field.Kind.NUMBER else None)


def custom_form(fields: Sequence[CustomField]) -> type[CustomForm]:
    """The class of a form with these fields."""
    own = {f"custom_{field.key}": custom_answer(field) for field in fields}
    return type("CustomForm", (CustomForm,), own)


def api_form(fields: Sequence[CustomField]) -> type[forms.Form]:
    """For the API: the same fields under their keys."""
    return type("CustomKeys", (forms.Form,), {field.key: custom_answer(field) for field in fields})
