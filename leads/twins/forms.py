"""What the page of two people posts: who stays, which values come from the other, and the key of this press."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.merging.joining import GROUPS
from leads.models import Person


class MergeForm(forms.Form):
    keep = forms.TypedChoiceField(coerce=int, error_messages={"required": _("Say who stays.")})
    submit_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, people: tuple[Person, Person], *args: Any, **more: Any) -> None:
        more.setdefault("initial", {"submit_key": uuid.uuid4()})
        super().__init__(*args, **more)
        self.people = {person.pk: person for person in people}
        choices = [(pk, person.name) for pk, person in self.people.items()]
        self.fields["keep"].choices = choices  # type: ignore[attr-defined]
        for key in GROUPS:
            self.fields[key] = forms.TypedChoiceField(choices=choices, coerce=int, required=False)

    @property
    def stays(self) -> Person:
        return self.people[self.cleaned_data["keep"]]

    @property
    def goes(self) -> Person:
        return next(person for pk, person in self.people.items() if pk != self.cleaned_data["keep"])

    @property
    def theirs(self) -> list[str]:
        """The fields whose value comes from the one who goes."""
        return [key for key in GROUPS if self.cleaned_data.get(key) == self.goes.pk]
