"""What a filter offers, out of rows that are kept for a moment: a list of personas changes a few times a year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator


class KeptChoices(ModelChoiceIterator):
    """The choices of a field as Django writes them, of `rows()`. What is sent back is looked up anew, as always."""

    def __init__(self, field: forms.ModelChoiceField, rows: Callable[[], Sequence[Any]]) -> None:
        super().__init__(field)
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for row in self._rows():
            yield self.choice(row)

    def __len__(self) -> int:
        return len(self._rows()) + (self.field.empty_label is not None)

    def __bool__(self) -> bool:
        return len(self) > 0


def offer(field: forms.Field, rows: Callable[[], Sequence[Any]]) -> None:
    """Let the select of `field` offer these rows. They are read when it is drawn, not before."""
    assert isinstance(field, forms.ModelChoiceField)
    field.widget.choices = KeptChoices(field, rows)
