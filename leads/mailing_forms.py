"""The one screen of a mailing: what, to whom, when."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, EmailTemplate, Sequence, Topic
from leads.models import Mailing, Segment

NOW, AT, ZONES = "now", "at", "zones"
WHEN = [
    (NOW, gettext_lazy("At once, when you press Send")),
    (AT, gettext_lazy("At a day and time")),
    (ZONES, gettext_lazy("At that time in each reader’s own zone")),
]


class MailingForm(forms.Form):
    """Becomes the columns of `leads.nurture.mailings.create` and `change`."""

    submit_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("For us; readers see the subject.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Mailing.Kind)
    template = forms.ModelChoiceField(EmailTemplate.objects.none(), label=gettext_lazy("E-mail template"))
    segment = forms.ModelChoiceField(Segment.objects.none(), label=gettext_lazy("To the segment"))
    audience = forms.ChoiceField(label=gettext_lazy("Of them only"), choices=Sequence.Audience)
    topic = forms.ModelChoiceField(
        Topic.objects.none(),
        label=gettext_lazy("Topic"),
        required=False,
        help_text=gettext_lazy(
            "Who does not want the topic gets no mail. Empty: only who stopped all is left out."
        ),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=gettext_lazy("Campaign"), required=False,
        help_text=gettext_lazy("Its visits and leads are counted there."),
    )  # fmt: skip
    when = forms.ChoiceField(label=gettext_lazy("When"), choices=WHEN, widget=forms.RadioSelect, initial=NOW)
    send_on = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    send_at = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choosers: dict[str, Any] = {
            "template": EmailTemplate,
            "segment": Segment,
            "topic": Topic,
            "campaign": Campaign,
        }
        for name, model in choosers.items():
            rows = model._default_manager.all()
            self.fields[name].queryset = rows.in_use() if hasattr(rows, "in_use") else rows  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if not isinstance(field.widget, forms.HiddenInput | forms.RadioSelect):
                wide = isinstance(field.widget, forms.Select)
                field.widget.attrs["class"] = "form-select" if wide else "form-control"
            if name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("when") == NOW:
            data["send_on"] = data["send_at"] = None
            return data
        for name, missing in (("send_on", _("On which day?")), ("send_at", _("At what time?"))):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, missing)
        return data

    def columns(self) -> dict[str, Any]:
        """What the verbs want, but for the key and the template."""
        data = self.cleaned_data
        names = ("name", "kind", "segment", "audience", "topic", "campaign", "send_on", "send_at")
        return {name: data[name] for name in names} | {"in_each_zone": data["when"] == ZONES}


def as_typed(mailing: Mailing) -> dict[str, Any]:
    """A mailing as the form shows it."""
    step = mailing.sequence.steps.select_related("template").first()
    when = NOW if mailing.send_on is None else ZONES if mailing.in_each_zone else AT
    names = ("name", "audience", "topic", "campaign")
    return {
        **{name: getattr(mailing.sequence, name) for name in names},
        **{name: getattr(mailing, name) for name in ("kind", "segment", "send_on", "send_at", "submit_key")},
        "template": step.template if step else None,
        "when": when,
    }
