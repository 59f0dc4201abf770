"""Forms of the rep's pages: what may be typed. What it means is decided by the verbs."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Offer
from prospects.models import BantAnswer, Call, FollowUp, Prospect, Reason, Stage


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


class NextStepFields(StaffForm):
    """What was promised next: kind, day, time, a word. Without a day nothing is planned."""

    next_kind = forms.ChoiceField(
        label=gettext_lazy("Next step"), choices=FollowUp.Kind.choices, required=False
    )
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


class CallForm(NextStepFields):
    """One call, with what was learnt and what comes next, in one go."""

    submit_key = submit_key()
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
    note = forms.CharField(
        label=gettext_lazy("In their words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Budget"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, required=False)
    timing_on = forms.DateField(
        label=gettext_lazy("By when"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, card: dict[str, BantAnswer | None] | None = None, **kwargs: Any) -> None:
        self.card = card or {}
        super().__init__(*args, **kwargs)
        for question, label in BantAnswer.Question.choices:
            known = self.card.get(question)
            self.fields[question] = forms.ChoiceField(
                label=label,
                choices=BantAnswer.State.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=known.state if known else BantAnswer.State.UNKNOWN,
            )
        self.fields["currency"].initial = getattr(settings, "CURRENCY", "EUR")

    def learnt(self) -> dict[str, dict[str, Any]]:
        """The questions whose answer is new, each with the sentence behind it."""
        found = {}
        for question in BantAnswer.Question.values:
            state = self.cleaned_data.get(question)
            known = self.card.get(question)
            before = known.state if known else BantAnswer.State.UNKNOWN
            extra = self._extra(question)
            if state and (state != before or extra):
                found[question] = {"state": state, "quote": self.cleaned_data.get("note", "")[:500], **extra}
        return found

    def _extra(self, question: str) -> dict[str, Any]:
        asked = self.cleaned_data
        if question == BantAnswer.Question.BUDGET and asked.get("amount") is not None:
            return {"amount": asked["amount"], "currency": asked.get("currency") or ""}
        if question == BantAnswer.Question.TIMING and asked.get("timing_on"):
            return {"on": asked["timing_on"]}
        return {}

    def questions(self) -> list[forms.BoundField]:
        """The four rows of "What we learnt"."""
        return [self[question] for question in BantAnswer.Question.values]


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


class FollowUpForm(NextStepFields):
    """A promise planned on its own."""

    submit_key = submit_key()

    def promise(self) -> dict[str, Any]:
        """The next step, which this form always has."""
        return self.next_step() or {}

    def clean_next_day(self):
        if not self.cleaned_data.get("next_day"):
            raise forms.ValidationError(_("Say on which day."))
        return self.cleaned_data["next_day"]


class MeetingForm(StaffForm):
    """A meeting that was agreed on."""

    submit_key = submit_key()
    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    clock = forms.TimeField(
        label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=600, required=False)
    subject = forms.CharField(label=gettext_lazy("About"), max_length=160, required=False)

    def meeting(self) -> dict[str, Any]:
        """The columns of the meeting, its moment in the reader's zone."""
        asked = self.cleaned_data
        starts = timezone.make_aware(datetime.combine(asked["day"], asked["clock"]))
        return {
            "starts_at": starts,
            "minutes": asked["minutes"] or 30,
            "subject": asked["subject"],
            "submit_key": asked["submit_key"],
        }


class NoteForm(StaffForm):
    submit_key = submit_key()
    text = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )


class WonForm(StaffForm):
    """What was sold, for how much."""

    title = forms.CharField(label=gettext_lazy("What was sold"), required=False, max_length=160)
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=0)
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, min_length=3)
    offer = forms.ModelChoiceField(
        label=gettext_lazy("Offer used"),
        queryset=Offer.objects.in_use(),
        required=False,
        empty_label=gettext_lazy("none"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = getattr(settings, "CURRENCY", "EUR")

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


class LostForm(StaffForm):
    reason = forms.ModelChoiceField(
        label=gettext_lazy("Why"),
        queryset=Reason.objects.in_use().filter(for_loss=True),
        to_field_name="slug",
    )


class DealForm(StaffForm):
    """Money in sight: a title, how much, expected when."""

    submit_key = submit_key()
    title = forms.CharField(label=gettext_lazy("What"), max_length=160)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=0, required=False
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, min_length=3)
    expected_on = forms.DateField(
        label=gettext_lazy("Expected"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = getattr(settings, "CURRENCY", "EUR")


class ColdContactForm(StaffForm):
    """Somebody of an outbound list: a person without a lead, worked from the first call on."""

    submit_key = submit_key()
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    job_title = forms.CharField(label=gettext_lazy("Job title"), max_length=120, required=False)
    company = forms.CharField(label=gettext_lazy("Company"), max_length=160, required=False)
    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=2,
        min_length=2,
        required=False,
        help_text=gettext_lazy("Two letters: DE, CH, IT."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why this person"), max_length=300, required=False,
        help_text=gettext_lazy("Where the contact is from, and what makes it worth a call."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not asked.get("email") and not asked.get("phone"):
            raise forms.ValidationError(
                _("Give an e-mail address or a phone number: one of them finds the person again.")
            )
        return asked

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()
