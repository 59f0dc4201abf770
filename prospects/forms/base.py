"""What all forms of the rep's pages share: their look, and the key that makes a twin harmless."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

# What a wrong value is told, where a form has no words of its own for it.
WORDS = {
    "min_value": gettext_lazy("At least %(limit_value)s."),
    "max_value": gettext_lazy("At most %(limit_value)s."),
    "max_digits": gettext_lazy("This number is too long."),
    "max_whole_digits": gettext_lazy("This number is too long."),
    "max_decimal_places": gettext_lazy("At most %(max)s digits after the point."),
}


class StaffForm(forms.Form):
    """Marks wrong fields for readers and gives every field the look of the staff pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.HiddenInput | forms.RadioSelect):
                continue
            wide = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs.setdefault("class", wide)
            field.error_messages = {**WORDS, **field.error_messages}
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == "---------":
                field.empty_label = "–" if field.required else gettext_lazy("none")

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["aria-invalid"] = "true"


def submit_key() -> forms.UUIDField:
    """The hidden key that makes a second press of the button answer with the first result."""
    return forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
