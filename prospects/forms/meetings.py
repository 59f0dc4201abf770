"""A meeting that was agreed on, and one that goes to another time."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import Person
from prospects.follow_ups import is_sensible, not_sensible
from prospects.forms.base import StaffForm, submit_key
from prospects.meetings import possible_colleagues, possible_guests
from prospects.models import Prospect

USUAL = 30  # minutes
MOST = 50  # people of the company to choose from


def _day(**more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=gettext_lazy("Day"), widget=widget, **more)


def _clock(**more: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=gettext_lazy("Time"), widget=widget, **more)


def invite_by_mail() -> forms.BooleanField:
    """A box that is ticked to begin with; it changes nothing for those without an address."""
    return forms.BooleanField(
        label=gettext_lazy("Send the invitation by mail"), required=False, initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip


class MeetingForm(StaffForm):
    """Day, time, length, where, about what, and who is invited besides the person."""

    submit_key = submit_key()
    day = _day()
    clock = _clock()
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=600, required=False)
    subject = forms.CharField(label=gettext_lazy("About"), max_length=160, required=False)
    place = forms.CharField(label=gettext_lazy("Place or link"), max_length=300, required=False)
    invite = invite_by_mail()

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("day") and asked.get("clock") and (wrong := not_ahead(asked["day"], asked["clock"])):
            self.add_error("day", wrong)
        return asked

    def meeting(self) -> dict[str, Any]:
        """The columns of the meeting, its moment in the reader's zone."""
        asked = self.cleaned_data
        return {
            "starts_at": moment_of(asked["day"], asked["clock"]),
            "minutes": asked["minutes"] or USUAL,
            "subject": asked["subject"],
            "place": asked["place"],
            "invite": asked["invite"],
            "submit_key": asked["submit_key"],
        }


class PeopleField(forms.ModelMultipleChoiceField):
    """By name and job: a big company has two of a name. What a person's row says of itself is a number only."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.job_title}" if obj.job_title else obj.name


class BigMeetingForm(MeetingForm):
    """The page of its own: more people of the company, and colleagues."""

    people: forms.ModelMultipleChoiceField = PeopleField(
        label=gettext_lazy("Others of the company"), queryset=Person.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )  # fmt: skip
    colleagues: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Colleagues"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, prospect: Prospect, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = possible_guests(prospect, user).values_list("pk", flat=True)[:MOST]
        people = Person.objects.filter(pk__in=list(others))
        self._offer("people", people.order_by("last_name", "first_name", "pk"))
        self._offer("colleagues", possible_colleagues(user))

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        choice = self.fields[name]
        assert isinstance(choice, forms.ModelMultipleChoiceField)
        choice.queryset = rows

    def meeting(self) -> dict[str, Any]:
        asked = self.cleaned_data
        return {**super().meeting(), "people": asked["people"], "colleagues": asked["colleagues"]}


class MoveMeetingForm(StaffForm):
    """The new time. Without a day the meeting is called off until somebody names one."""

    submit_key = submit_key()
    day = _day()
    clock = _clock()
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=600, required=False)
    place = forms.CharField(label=gettext_lazy("Place or link"), max_length=300, required=False)
    invite = invite_by_mail()

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("day") and asked.get("clock") and (wrong := not_ahead(asked["day"], asked["clock"])):
            self.add_error("day", wrong)
        return asked

    def moved(self) -> dict[str, Any]:
        asked = self.cleaned_data
        return {
            "starts_at": moment_of(asked["day"], asked["clock"]), "minutes": asked["minutes"],
            "place": asked["place"], "invite": asked["invite"], "submit_key": asked["submit_key"],
        }  # fmt: skip


def not_ahead(day: date, clock: time) -> str:
    """What is wrong with the moment of a meeting; empty for one that may be."""
    if moment_of(day, clock) <= timezone.now():
        return _("A meeting lies ahead: choose a later day or time.")
    return "" if is_sensible(day, timezone.now()) else not_sensible()


def moment_of(day: date, clock: time) -> datetime:
    """A day and a time as the reader's clock shows them."""
    return timezone.make_aware(datetime.combine(day, clock))
