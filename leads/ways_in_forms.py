"""The forms of a sequence's ways in: a rule that lets people in by itself, and people let in by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.comparing import read_grade
from campaigns.models import Sequence
from leads.identity import BadAddress, email_key
from leads.models import EntryRule, Person, Segment
from leads.nurture import entries


class RuleForm(forms.ModelForm):
    """A new way in. What its kind has no use for is emptied."""

    class Meta:
        model = EntryRule
        fields = ("kind", "segment", "grade", "again_after_days")

    def __init__(self, *args: Any, sequence: Sequence, **more: Any) -> None:
        super().__init__(*args, **more)
        self.instance.sequence = sequence
        self.fields["segment"].queryset = Segment.objects.in_use()  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-select" if name in ("kind", "segment") else "form-control"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind, grade = data.get("kind"), data.get("grade") or ""
        data["segment"] = data.get("segment") if kind == EntryRule.Kind.SEGMENT else None
        data["grade"] = (read_grade(grade) or grade) if kind == EntryRule.Kind.GRADE else ""
        again = data.get("again_after_days")
        asked = EntryRule(
            kind=kind or "", segment=data["segment"], grade=data["grade"], again_after_days=again
        )
        its_own = "grade" if kind == EntryRule.Kind.GRADE else "segment"
        for problem in entries.problems(asked):
            self.add_error("again_after_days" if again == 0 else its_own, problem)
        return data


class ByHandForm(forms.Form):
    """People by their addresses, one a line."""

    addresses = forms.CharField(
        label=gettext_lazy("E-mail addresses, one a line"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}),
        max_length=40_000,
    )

    def clean_addresses(self) -> list[Person]:
        keys = {key for line in self.cleaned_data["addresses"].split() if (key := _key(line))}
        people = list(Person.objects.filter(email_key__in=keys).order_by("pk")) if keys else []
        self.strangers = sorted(keys - {person.email_key for person in people})
        if not people:
            raise forms.ValidationError(_("Nobody here has one of these addresses."))
        return people


def _key(line: str) -> str:
    try:
        return email_key(line)
    except BadAddress:
        return ""
