"""What all forms of the rep's pages share: their look, and the key that makes a twin harmless."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms


class StaffForm(forms.Form):
    """Marks wrong fields for readers and gives every field the look of the staff pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.HiddenInput | forms.RadioSelect):
                continue
            wide = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs.setdefault("class", wide)

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["aria-invalid"] = "true"


def submit_key() -> forms.UUIDField:
    """The hidden key that makes a second press of the button answer with the first result."""
    return forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
