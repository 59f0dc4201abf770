"""What may be sent to the API of prospects. The verbs decide what it means, as they do for the screens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.own_mail.writing import MOST_LETTERS
from prospects.follow_ups import is_sensible, not_sensible
from prospects.forms import RejectForm
from prospects.models import BantAnswer, Call, FollowUp, Reason, SocialTouch, Stage


class Seen(forms.Form):
    """`seen`: the slug of the stage that the caller knows; another one by now is a conflict."""

    seen = forms.CharField(required=False, max_length=40)


class RejectFields(Seen, RejectForm):
    """As on the screen: reason (slug), note, return_on."""


class MoveFields(Seen):
    to = forms.ModelChoiceField(queryset=Stage.objects.filter(kind=Stage.Kind.OPEN), to_field_name="slug")
    why = forms.CharField(required=False, max_length=300)

    def clean_to(self) -> str:
        return str(self.cleaned_data["to"].slug)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        stages = self.fields["to"]
        assert isinstance(stages, forms.ModelChoiceField)
        stages.queryset = Stage.objects.in_use().filter(kind=Stage.Kind.OPEN, pipeline__is_default=True)


class FollowUpFields(forms.Form):
    kind = forms.ChoiceField(choices=FollowUp.Kind.choices)
    due_at = forms.DateTimeField()
    text = forms.CharField(required=False, max_length=200)

    def clean_due_at(self) -> datetime:
        due_at: datetime = self.cleaned_data["due_at"]
        # The day as it was written: in another zone the first and the last day of all have no name.
        if not is_sensible(due_at.date(), timezone.now() - timedelta(days=1)):
            raise ValidationError(not_sensible())
        return due_at


class MailFields(Seen):
    """`answers`: the number of the mail that this one continues; `follow_up`: the next step."""

    subject = forms.CharField(max_length=200)
    text = forms.CharField(max_length=MOST_LETTERS)
    answers = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    follow_up = forms.JSONField(required=False)

    def clean_follow_up(self) -> dict[str, Any] | None:
        given = self.cleaned_data["follow_up"]
        return _part(FollowUpFields, given) if given is not None else None


class SocialFields(Seen):
    """`what` happened on which `network`; `follow_up`: the next step."""

    what = forms.ChoiceField(choices=SocialTouch.What.choices)
    network = forms.ChoiceField(choices=SocialTouch.Network.choices)
    text = forms.CharField(required=False, max_length=5000)
    follow_up = forms.JSONField(required=False)

    def clean_follow_up(self) -> dict[str, Any] | None:
        given = self.cleaned_data["follow_up"]
        return _part(FollowUpFields, given) if given is not None else None


class BantFields(forms.Form):
    """One answer of the BANT card."""

    state = forms.ChoiceField(choices=BantAnswer.State.choices)
    quote = forms.CharField(required=False, max_length=500)
    amount = forms.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    currency = forms.CharField(min_length=3, max_length=3, required=False)
    on = forms.DateField(required=False)


class CallFields(forms.Form):
    """`bant`: question → answer; `follow_up`: the next step; `verdict` or a `reason` to reject, as on the screen."""

    outcome = forms.ChoiceField(choices=Call.Outcome.choices)
    direction = forms.ChoiceField(choices=Call.Direction.choices, required=False)
    minutes = forms.IntegerField(min_value=0, max_value=600, required=False)
    note = forms.CharField(required=False, max_length=5000)
    recording = forms.URLField(required=False, max_length=500, assume_scheme="https")
    verdict = forms.ChoiceField(
        choices=[(word, word) for word in ("accept", "sales_qualified")], required=False
    )
    reason = forms.ModelChoiceField(
        queryset=Reason.objects.in_use().filter(for_rejection=True), to_field_name="slug", required=False
    )
    return_on = forms.DateField(required=False)
    agreed = forms.BooleanField(required=False)
    bant = forms.JSONField(required=False)
    follow_up = forms.JSONField(required=False)

    def clean_bant(self) -> dict[str, dict[str, Any]]:
        given = self.cleaned_data["bant"] or {}
        if not isinstance(given, dict) or set(given) - set(BantAnswer.Question.values):
            raise ValidationError(
                _("One object with budget, authority, need or timing."), code="not_understood"
            )
        return {question: _part(BantFields, answer) for question, answer in given.items()}

    def clean_follow_up(self) -> dict[str, Any] | None:
        given = self.cleaned_data["follow_up"]
        return _part(FollowUpFields, given) if given is not None else None


def call_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the verb."""
    return {**asked, "direction": asked["direction"] or Call.Direction.OUT}


def _part(form: type[forms.Form], given: Any) -> dict[str, Any]:
    """An object inside the body. Raises ValidationError that names what is wrong."""
    if not isinstance(given, dict) or set(given) - set(form.base_fields):
        raise ValidationError(_("One object with %(names)s.") % {"names": ", ".join(form.base_fields)})
    texts = {name: value for name, value in given.items() if isinstance(value, str | int | float)}
    filled = form(texts)
    if len(texts) < len(given) or not filled.is_valid():
        wrong = [f"{name}: {' '.join(map(str, errors))}" for name, errors in filled.errors.items()]
        raise ValidationError(wrong or [_("Send text or numbers.")])
    return {name: value for name, value in filled.cleaned_data.items() if name in texts or value is not None}
