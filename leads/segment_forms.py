"""The builder of a segment: its head, and its lines, each with the inputs that its field needs and no others."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import ConsentText, IdealValue, JourneyStage
from leads.models import LeadStatus, Segment, SegmentCondition, TouchKind
from leads.segments.lines import MOST_DAYS, NO, SLUGS, YES, Compare, Field, compares_of, problem_of, said

Row = TypeVar("Row", bound=forms.Form)
MOST_LINES = 30
PREFIX = "lines"
HINTS: dict[str, str | Promise] = {
    Field.GRADE: gettext_lazy("B2 means B2 or better."),
    Field.FIT: gettext_lazy("Points, such as 50."),
    Field.ENGAGEMENT: gettext_lazy("Points as shown today, such as 35."),
    Field.BECAME: gettext_lazy("Days, such as 30."),
    Field.TOUCHED: gettext_lazy("Days, such as 30."),
    Field.DID: gettext_lazy("Short names of pieces or pages; empty: any."),
    Field.COUNTRY: gettext_lazy("Two letters: NL, DE."),
    Field.LANGUAGE: gettext_lazy("Two letters: de, fr."),
    Field.TITLE: gettext_lazy("Whole words, any of them: head, leiter."),
    Field.COMPANY: gettext_lazy("Mail domains: maasland.example."),
    Field.INDUSTRY: gettext_lazy("Any of them: optics, pumps."),
    Field.SIZE: gettext_lazy("People, such as 200."),
    Field.FACT: gettext_lazy("Any of them, separated by commas; a number for at least and at most."),
    Field.SALES_STAGE: gettext_lazy("Short names: meeting, proposal."),
}
_FEW: dict[str, list[tuple[str, Any]]] = {
    Field.STATUS: list(LeadStatus.choices),
    Field.JOURNEY: list(JourneyStage.choices),
    Field.EXCLUSION: [one for one in IdealValue.Exclusion.choices if one[0]],
    Field.CONSENT: list(ConsentText.Purpose.choices),
    Field.WITH_SALES: [(YES, gettext_lazy("yes")), (NO, gettext_lazy("no"))],
}


class HeadForm(forms.Form):
    submit_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput({"class": "form-control"})
    )
    description = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"class": "form-control"}),
    )
    match = forms.ChoiceField(
        label=gettext_lazy("Somebody is in it if"),
        choices=Segment.Match,
        initial=Segment.Match.ALL,
        widget=forms.RadioSelect,
    )


class LineForm(forms.Form):
    """One line. The inputs follow the field that is chosen; what a field has no use for is not asked."""

    field = forms.ChoiceField(label=gettext_lazy("Looks at"), choices=Field)
    negate = forms.BooleanField(label=gettext_lazy("not"), required=False)

    def __init__(self, *args: Any, owner: Segment | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.owner = owner
        self.asks = self._chosen("field", Field.STATUS)
        if self.asks in (Field.DID, Field.FACT):
            self.fields["name"] = _name(self.asks)
        if len(compares_of(self.asks)) > 1:
            known = [(one, Compare(one).label) for one in compares_of(self.asks)]
            self.fields["compare"] = forms.ChoiceField(
                label=_("How"), choices=known, initial=Compare.IS, required=False
            )
        if self._chosen("compare", Compare.IS) != Compare.KNOWN:
            self.fields["value"] = _value(self.asks)
        if self.asks == Field.DID:
            self.fields["times"] = forms.IntegerField(
                label=_("Times"), min_value=1, max_value=1000, initial=1
            )
            self.fields["days"] = forms.IntegerField(
                label=_("Within days"), min_value=1, max_value=MOST_DAYS, required=False
            )
        for field in self.fields.values():
            kind = field.widget
            if isinstance(kind, forms.Select):
                kind.attrs["class"] = "form-select"
            elif isinstance(kind, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                kind.attrs["class"] = "form-check-input mt-0"
            else:
                kind.attrs["class"] = "form-control"

    def _chosen(self, name: str, default: str) -> str:
        told = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        known = Field.values if name == "field" else Compare.values
        return str(told) if told in known else default

    @property
    def boxes(self) -> bool:
        """Whether the value is chosen by ticking."""
        return self.asks in _FEW

    @property
    def hint(self) -> str | Promise:
        return HINTS.get(self.asks, "") if "value" in self.fields else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and (problem := problem_of(self.line())):
            self.add_error("value" if "value" in self.fields else None, problem)
        return data

    def line(self) -> SegmentCondition:
        """As it would be saved."""
        data = self.cleaned_data
        value = data.get("value") or ""
        return SegmentCondition(
            segment=self.owner,
            field=data["field"],
            negate=bool(data.get("negate")),
            name=(data.get("name") or "").strip(),
            compare=data.get("compare") or Compare.IS,
            value=", ".join(value) if isinstance(value, list) else value.strip(),
            times=data.get("times") or 1,
            days=data.get("days"),
        )


def _name(asks: str) -> forms.Field:
    if asks == Field.DID:
        return forms.ChoiceField(label=_("What"), choices=TouchKind)
    return forms.CharField(label=_("Name of the fact"), max_length=60)


def _value(asks: str) -> forms.Field:
    """Boxes for a few known values, a list for many, else a line of text."""
    label = _("Which")
    if asks in _FEW:
        return forms.MultipleChoiceField(
            label=label,
            choices=_FEW[asks],
            required=asks != Field.WITH_SALES,
            widget=forms.CheckboxSelectMultiple,
        )
    if asks in SLUGS or asks == Field.SEGMENT:
        widget = forms.SelectMultiple({"size": 4})
        return forms.MultipleChoiceField(label=label, choices=_rows(asks), widget=widget)
    return forms.CharField(label=label, max_length=200, required=asks != Field.DID)


def _rows(asks: str) -> list[tuple[str, str]]:
    if asks == Field.SEGMENT:
        return [(str(pk), name) for pk, name in Segment.objects.in_use().values_list("pk", "name")]
    rows = SLUGS[asks]._default_manager.order_by("name").values_list("slug", "name")
    return list(rows)


def rows_of(segment: Segment | None) -> list[LineForm]:
    """The saved lines as forms; one empty line where there is none."""
    lines = list(segment.conditions.order_by("pk")) if segment else []
    told: Iterable[Mapping[str, Any]] = [_initial(line) for line in lines] or [{}]
    return [LineForm(prefix=f"{PREFIX}-{place}", initial=row) for place, row in enumerate(told)]


def _initial(line: SegmentCondition) -> dict[str, Any]:
    columns = {name: getattr(line, name) for name in ("field", "negate", "name", "compare", "times", "days")}
    several = line.field in _FEW or line.field in SLUGS or line.field == Field.SEGMENT
    return columns | {"value": said(line.value.casefold()) if several else line.value}


def posted_rows(data: QueryDict, owner: Segment | None) -> list[LineForm]:
    """The lines of a form as it was sent, in their order; “add” appends one, “remove” takes one away."""
    rows = [
        LineForm(moved(data, old, new), prefix=f"{PREFIX}-{new}", owner=owner)
        for new, old in enumerate(kept_places(data))
    ]
    if ("add" in data and len(rows) < MOST_LINES) or not rows:
        rows.append(LineForm(prefix=f"{PREFIX}-{len(rows)}"))
    return rows


def kept_places(data: QueryDict) -> list[int]:
    """The places of the lines that were sent, without the one to be taken away."""
    number = data.get(f"{PREFIX}-number", "0")
    sane = number.isascii() and number.isdigit() and len(number) < 4
    places = range(min(int(number), MOST_LINES) if sane else 0)
    return [place for place in places if data.get("remove") != str(place)]


def untouched(rows: Iterable[Row]) -> list[Row]:
    """The same values, not yet asked whether they will do: a line that was just added is no mistake."""
    return [type(row)(prefix=row.prefix, initial=_typed(row) if row.is_bound else {}) for row in rows]


def _typed(row: forms.Form) -> dict[str, Any]:
    data = row.data
    assert isinstance(data, QueryDict)
    typed: dict[str, Any] = {}
    for name, field in row.fields.items():
        key = row.add_prefix(name)
        if key in data:
            typed[name] = data.getlist(key) if isinstance(field, forms.MultipleChoiceField) else data.get(key)
    return typed


def moved(data: QueryDict, old: int, new: int) -> QueryDict:
    """The values of line `old` under the name of line `new`."""
    sent, before = QueryDict(mutable=True), f"{PREFIX}-{old}-"
    for key in data:
        if key.startswith(before):
            sent.setlist(f"{PREFIX}-{new}-{key.removeprefix(before)}", data.getlist(key))
    return sent
