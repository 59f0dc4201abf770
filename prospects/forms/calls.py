"""One call, with what was learnt, the meeting agreed on, the verdict and what comes next, in one go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prospects.calls.calling import ACCEPT, QUALIFY
from prospects.forms.base import submit_key
from prospects.forms.meetings import USUAL, invite_by_mail, moment_of, not_ahead
from prospects.forms.next_step import NextStepFields
from prospects.models import BantAnswer, Call, Reason

State, Question = BantAnswer.State, BantAnswer.Question
TO_NURTURE = (Reason.Outcome.RETURN_ON_DATE, Reason.Outcome.NURTURE, Reason.Outcome.WRONG_PERSON)


def _date(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class CallForm(NextStepFields):
    """All that a call may bring. Only the outcome must be said."""

    submit_key = submit_key()
    told = forms.IntegerField(widget=forms.HiddenInput, required=False)
    anyway = forms.BooleanField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=Call.Outcome.choices, widget=forms.RadioSelect
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Who called"),
        choices=Call.Direction.choices,
        initial=Call.Direction.OUT,
        required=False,
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=0, max_value=600, required=False)
    recording = forms.CharField(
        label=gettext_lazy("Link to the recording"), max_length=500, required=False,
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("In their words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "w"}),
        max_length=5000,
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Budget"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, required=False)
    timing_on = _date(gettext_lazy("By when"))
    meet_day = _date(gettext_lazy("Day of the meeting"))
    meet_clock = forms.TimeField(
        label=gettext_lazy("Time of the meeting"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    meet_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of the meeting"), min_value=5, max_value=600, required=False
    )
    meet_place = forms.CharField(label=gettext_lazy("Place or link"), max_length=300, required=False)
    meet_invite = invite_by_mail()
    verdict = forms.ChoiceField(
        choices=[("", ""), (ACCEPT, ACCEPT), (QUALIFY, QUALIFY)], required=False, widget=forms.HiddenInput
    )
    reason = forms.ModelChoiceField(
        label=gettext_lazy("End the cycle"),
        queryset=Reason.objects.in_use().filter(for_rejection=True),
        to_field_name="slug",
        required=False,
    )
    return_on = _date(gettext_lazy("Comes back on"))
    agreed = forms.BooleanField(
        label=gettext_lazy("They agreed to hear from us by mail: send them the confirmation"), required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip

    def __init__(self, *args: Any, card: dict[str, BantAnswer | None] | None = None, **kwargs: Any) -> None:
        self.card = card or {}
        super().__init__(*args, **kwargs)
        for question, label in Question.choices:
            self.fields[question] = forms.ChoiceField(
                label=label,
                choices=State.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=self._state_before(question),
            )
        self.fields["currency"].initial = getattr(settings, "CURRENCY", "EUR")

    def _state_before(self, question: str) -> str:
        known = self.card.get(question)
        return known.state if known else State.UNKNOWN

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        self._clean_meeting(asked)
        self._clean_end(asked)
        return asked

    def _clean_meeting(self, asked: dict[str, Any]) -> None:
        day, clock = asked.get("meet_day"), asked.get("meet_clock")
        if bool(day) != bool(clock) and not {"meet_day", "meet_clock"} & set(self.errors):
            self.add_error("meet_day", _("A meeting needs a day and a time."))
        elif day and clock and (wrong := not_ahead(day, clock)):
            self.add_error("meet_day", wrong)

    def _clean_end(self, asked: dict[str, Any]) -> None:
        reason = asked.get("reason")
        if reason and asked.get("verdict"):
            self.add_error("reason", _("Either a verdict or a reason to reject, not both."))
        if reason and reason.outcome == Reason.Outcome.RETURN_ON_DATE:
            if not asked.get("return_on"):
                self.add_error("return_on", _("Say on which day this person comes back."))
            elif asked["return_on"] <= timezone.localdate():
                self.add_error("return_on", _("The day must lie ahead."))
        if asked.get("agreed") and not (reason and reason.outcome in TO_NURTURE):
            self.add_error("agreed", _("Choose above with which reason they go to nurture."))
        elif asked.get("agreed") and asked.get("outcome") != Call.Outcome.CONVERSATION:
            self.add_error("agreed", _("Only they themselves can agree: this was no conversation."))

    def learnt(self) -> dict[str, dict[str, Any]]:
        """The questions whose answer is new, each with the sentence behind it."""
        found = {}
        for question in Question.values:
            state, extra = self.cleaned_data.get(question), self._extra(question)
            if state and (state != self._state_before(question) or extra):
                found[question] = {"state": state, "quote": self.cleaned_data.get("note", "")[:500], **extra}
        return found

    def _extra(self, question: str) -> dict[str, Any]:
        asked = self.cleaned_data
        if question == Question.BUDGET and asked.get("amount") is not None:
            return {"amount": asked["amount"], "currency": asked.get("currency") or ""}
        if question == Question.TIMING and asked.get("timing_on"):
            return {"on": asked["timing_on"]}
        return {}

    def meeting(self) -> dict[str, Any] | None:
        """The meeting that was agreed on during the call."""
        asked = self.cleaned_data
        if not asked.get("meet_day"):
            return None
        return {
            "starts_at": moment_of(asked["meet_day"], asked["meet_clock"]),
            "minutes": asked.get("meet_minutes") or USUAL,
            "place": asked.get("meet_place", ""),
            "invite": asked.get("meet_invite", False),
        }

    def call(self) -> dict[str, Any]:
        """All that `prospects.calls.calling.finish_call` takes of this form."""
        asked = self.cleaned_data
        plain = (
            "outcome",
            "minutes",
            "note",
            "recording",
            "submit_key",
            "anyway",
            "verdict",
            "reason",
            "return_on",
            "agreed",
        )
        return {
            **{name: asked[name] for name in plain},
            "direction": asked["direction"] or Call.Direction.OUT,
            "bant": self.learnt(),
            "follow_up": self.next_step(),
            "meeting": self.meeting(),
        }

    def questions(self) -> list[forms.BoundField]:
        """What is still to be asked: everything but what is confirmed."""
        return [self[question] for question in Question.values if not self._is_settled(question)]

    def settled(self) -> list[tuple[forms.BoundField, BantAnswer | None]]:
        """What is confirmed, folded, each with its latest answer."""
        return [(self[one], self.card.get(one)) for one in Question.values if self._is_settled(one)]

    def _is_settled(self, question: str) -> bool:
        return self._state_before(question) == State.CONFIRMED
