"""What a phone system may tell of a finished call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone

from prospects.calls.phone import Told
from prospects.models import Call, PhoneEvent

AHEAD = timedelta(minutes=5)  # clocks of two machines
BACK = timedelta(days=366)


class ToldForm(forms.Form):
    """One JSON object; the fields are described in docs/calls.md."""

    external_id = forms.CharField(max_length=120)
    number = forms.CharField(max_length=40)
    direction = forms.ChoiceField(choices=Call.Direction.choices)
    at = forms.DateTimeField()
    seconds = forms.IntegerField(min_value=0, max_value=86_400, required=False)
    answered = forms.BooleanField(required=False)
    recording = forms.CharField(
        max_length=PhoneEvent._meta.get_field("recording").max_length, required=False,
        validators=[URLValidator(schemes=["http", "https"])],
    )  # fmt: skip
    agent = forms.CharField(max_length=254, required=False)

    def clean_at(self) -> Any:
        at = self.cleaned_data["at"]
        if at > timezone.now() + AHEAD:
            raise forms.ValidationError("lies ahead: the call must be over")
        if at < timezone.now() - BACK:
            raise forms.ValidationError("is more than a year ago")
        return at

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not isinstance(self.data.get("answered", False), bool):
            self.add_error("answered", "is true or false, without quotes")
        for name, value in list(asked.items()):
            if isinstance(value, str) and not value.isascii() and _half(value):
                self.add_error(name, "is no text")
        return asked

    def told(self) -> Told:
        asked = {**self.cleaned_data, "seconds": self.cleaned_data["seconds"] or 0}
        del asked["agent"]
        return Told(**asked)


def _half(value: str) -> bool:
    """JSON can spell half a character, which no database takes."""
    return any(0xD800 <= ord(sign) <= 0xDFFF for sign in value)
