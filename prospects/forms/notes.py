"""A note on the timeline, with files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from prospects.forms.base import StaffForm, submit_key


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """A list of files; which are kept is said by `prospects.note_files`."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        clean_one = super().clean
        return [file for file in (clean_one(one, initial) for one in given) if file]


class NoteForm(StaffForm):
    submit_key = submit_key()
    text = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )
    attached = SeveralFiles(label=gettext_lazy("Files"), required=False, allow_empty_file=True)
