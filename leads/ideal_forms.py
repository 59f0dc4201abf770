"""The editor of the ideal customer profile: its name, and its lines, each with the inputs that its field needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import IdealProfile, IdealValue, Seniority
from campaigns.profile_lines import NUMBERS, line_faults, words_in
from leads.ideal import editing
from leads.segment_forms import MOST_LINES, PREFIX, kept_places, moved

Field, Wish = IdealValue.Field, IdealValue.Wish
MOST_PEOPLE = 10_000_000
HINTS = {
    Field.INDUSTRY: gettext_lazy("Any of them: optics, pumps. A value with a comma stands in double quotes."),
    Field.COUNTRY: gettext_lazy("Two letters: NL, DE."),
    Field.TITLE: gettext_lazy("Whole words, any of them: head, leiter."),
    Field.DOMAIN: gettext_lazy("Domains, any of them: maasland.example."),
}


class HeadForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, widget=forms.TextInput({"class": "form-control"})
    )


class LineForm(forms.Form):
    """One line. Numbers have “from” and “to”, an excluded value says as what."""

    wish = forms.ChoiceField(label=gettext_lazy("Wish"), choices=Wish, initial=Wish.PREFERRED)
    field = forms.ChoiceField(label=gettext_lazy("Looks at"), choices=Field)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.asks = self._chosen("field", Field, Field.SIZE)
        if self.asks in NUMBERS:
            for name, label in (("minimum", _("from")), ("maximum", _("to"))):
                self.fields[name] = forms.IntegerField(
                    label=label, min_value=0, max_value=MOST_PEOPLE, required=False
                )
        elif self.boxes:
            self.fields["words"] = forms.MultipleChoiceField(
                label=_("Which"), choices=Seniority, required=False, widget=forms.CheckboxSelectMultiple
            )
        else:
            self.fields["words"] = forms.CharField(label=_("Which"), max_length=500, required=False)
        if self._chosen("wish", Wish, Wish.PREFERRED) == Wish.EXCLUDED:
            words = [("", "–"), *(one for one in IdealValue.Exclusion.choices if one[0])]
            self.fields["exclusion"] = forms.ChoiceField(
                label=_("excludes as"), choices=words, required=False
            )
        for field in self.fields.values():
            kind = field.widget
            if isinstance(kind, forms.CheckboxSelectMultiple):
                kind.attrs["class"] = "form-check-input mt-0"
            else:
                kind.attrs["class"] = "form-select" if isinstance(kind, forms.Select) else "form-control"

    def _chosen(self, name: str, known: Any, default: str) -> str:
        told = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return str(told) if told in known.values else default

    @property
    def boxes(self) -> bool:
        """Whether the value is chosen by ticking."""
        return self.asks == Field.SENIORITY

    @property
    def choosers(self) -> list[forms.BoundField]:
        """What the other inputs follow."""
        return [self["wish"], self["field"]]

    @property
    def hint(self) -> str:
        return str(HINTS.get(Field(self.asks), ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        line = self.line()
        for column, wrong in line_faults(
            field=line.field, words=line.words, minimum=line.minimum, maximum=line.maximum
        ):
            self.add_error(column if column in self.fields else None, wrong)
        if not self.errors and "words" in self.fields and not line.words:
            self.add_error("words", _("Say which, or * for any that is known."))
        if line.wish == Wish.EXCLUDED and not line.exclusion:
            self.add_error("exclusion" if "exclusion" in self.fields else None, _("Say as what it excludes."))
        return data

    def line(self) -> IdealValue:
        """As it would be saved."""
        data = self.cleaned_data
        words = data.get("words") or ""
        return IdealValue(
            field=data["field"],
            wish=data["wish"],
            words=", ".join(words) if isinstance(words, list) else words.strip(),
            minimum=data.get("minimum"),
            maximum=data.get("maximum"),
            exclusion=data.get("exclusion") or "",
        )


def head_of(profile: IdealProfile | None) -> HeadForm:
    name = profile.name if profile else _("Our ideal customer")
    return HeadForm(initial={"name": name, "seen": editing.state_of(profile)})


def rows_of(profile: IdealProfile | None) -> list[LineForm]:
    """The saved lines as forms; one empty line where there is none."""
    told = [_initial(line) for line in editing.lines_of(profile)] or [{}]
    return [LineForm(prefix=f"{PREFIX}-{place}", initial=row) for place, row in enumerate(told)]


def _initial(line: IdealValue) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(line, name) for name in editing.COLUMNS}
    return columns | ({"words": list(words_in(line.words))} if line.field == Field.SENIORITY else {})


def posted_rows(data: QueryDict) -> list[LineForm]:
    """The lines of a form as it was sent, in their order. “add” appends one: empty, or the value it names."""
    rows = [
        LineForm(moved(data, old, new), prefix=f"{PREFIX}-{new}") for new, old in enumerate(kept_places(data))
    ]
    if ("add" in data and len(rows) < MOST_LINES) or not rows:
        prefix = f"{PREFIX}-{len(rows)}"
        rows.append(_bound(prefix, suggested(data.get("add", ""))) or LineForm(prefix=prefix))
    return rows


def suggested(sent: str) -> dict[str, str]:
    """`country:::nl` or `company_size:50:199:` as the values of a line; empty where it is neither."""
    parts = sent.split(":", 3)
    if len(parts) != 4 or parts[0] not in Field.values:
        return {}
    return {"wish": Wish.PREFERRED, **dict(zip(("field", "minimum", "maximum", "words"), parts, strict=True))}


def _bound(prefix: str, told: dict[str, str]) -> LineForm | None:
    if not told:
        return None
    sent = QueryDict(mutable=True)
    for name, value in told.items():
        sent[f"{prefix}-{name}"] = value
    return LineForm(sent, prefix=prefix)
