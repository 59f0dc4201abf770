"""What was promised next: typed beside a call, planned on its own, or put off."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prospects.follow_ups import is_sensible, moments, morning_of, not_sensible
from prospects.forms.base import StaffForm, submit_key
from prospects.models import FollowUp

SOON = [
    ("", gettext_lazy("choose a day")),
    ("1", gettext_lazy("tomorrow")),
    ("3", gettext_lazy("in three days")),
    ("7", gettext_lazy("in a week")),
    ("30", gettext_lazy("in a month")),
]


class NextStepFields(StaffForm):
    """What was promised next: kind, day, time, a word. Without a day, typed or chosen, nothing is planned."""

    next_kind = forms.ChoiceField(
        label=gettext_lazy("Next step"), choices=FollowUp.Kind.choices, required=False
    )
    next_in = forms.ChoiceField(label=gettext_lazy("How soon"), choices=SOON, required=False)
    next_day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    next_time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    next_text = forms.CharField(label=gettext_lazy("What to do"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """A day that was typed wins over one that was chosen."""
        asked = super().clean() or {}
        if asked.get("next_in") and not asked.get("next_day") and "next_day" not in self.errors:
            asked["next_day"] = timezone.localdate() + timedelta(days=int(asked["next_in"]))
        if asked.get("next_day") and not is_sensible(asked["next_day"], timezone.now()):
            self.add_error("next_day", not_sensible())
        return asked

    def next_step(self) -> dict[str, Any] | None:
        """Kind, moment and text of the promise; None when no day was given."""
        asked = self.cleaned_data
        if not asked.get("next_day"):
            return None
        clock = asked.get("next_time") or time(9)
        due = timezone.make_aware(datetime.combine(asked["next_day"], clock))
        return {
            "kind": asked.get("next_kind") or FollowUp.Kind.CALL,
            "due_at": due,
            "text": asked.get("next_text", ""),
        }


class FollowUpForm(NextStepFields):
    """A promise planned on its own."""

    submit_key = submit_key()

    def promise(self) -> dict[str, Any]:
        """The next step, which this form always has."""
        return self.next_step() or {}

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        if not asked.get("next_day") and "next_day" not in self.errors:
            self.add_error("next_day", _("Say on which day."))
        return asked


class SnoozeForm(StaffForm):
    """Until when a promise is put off: one of the usual moments, or the morning of a day."""

    until = forms.ChoiceField(
        label=gettext_lazy("Until"),
        required=False,
        choices=[
            ("later", gettext_lazy("in three hours")),
            ("tomorrow", gettext_lazy("tomorrow")),
            ("week", gettext_lazy("next week")),
        ],
    )
    day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    # How often it was put off when the page was drawn: a second press is told from a second wish.
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not asked.get("until") and not asked.get("day") and not self.errors:
            self.add_error("day", _("Say until when."))
        return asked

    def moment(self, at: datetime) -> datetime:
        asked = self.cleaned_data
        return moments(at)[asked["until"]] if asked.get("until") else morning_of(asked["day"])
