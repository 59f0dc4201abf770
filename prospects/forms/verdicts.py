"""A verdict, a move, an end: each one choice of a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prospects.forms.base import StaffForm
from prospects.models import Prospect, Reason, Stage


class RejectForm(StaffForm):
    """A verdict in one choice: the reason carries what happens next."""

    reason = forms.ModelChoiceField(
        label=gettext_lazy("Reason"),
        queryset=Reason.objects.in_use().filter(for_rejection=True),
        to_field_name="slug",
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)
    return_on = forms.DateField(
        label=gettext_lazy("Comes back on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        reason = asked.get("reason")
        if reason and reason.outcome == Reason.Outcome.RETURN_ON_DATE:
            if not asked.get("return_on"):
                self.add_error("return_on", _("Say on which day this person comes back."))
            elif asked["return_on"] <= timezone.localdate():
                self.add_error("return_on", _("The day must lie ahead."))
        return asked


class MoveForm(StaffForm):
    """To which open stage, by its slug."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Stage"), queryset=Stage.objects.none(), to_field_name="slug"
    )

    def __init__(self, *args: Any, prospect: Prospect, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["to"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Stage.objects.filter(pipeline=prospect.pipeline, kind=Stage.Kind.OPEN)


class LostForm(StaffForm):
    reason = forms.ModelChoiceField(
        label=gettext_lazy("Why"),
        queryset=Reason.objects.in_use().filter(for_loss=True),
        to_field_name="slug",
    )
