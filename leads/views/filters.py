"""The filters of the leads list: each one a chip in the address, so that a list can be sent to a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.kept import Kept
from campaigns.models import Campaign, Channel, JourneyStage, Persona
from leads.kept_choices import offer
from leads.models import Lead, Person, Segment, SegmentMember
from leads.models.lead import LeadStatus

DAYS = [
    ("1", gettext_lazy("1 day")),
    ("7", gettext_lazy("7 days")),
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
]
UNKNOWN = {
    "persona": (gettext_lazy("persona"), Q(persona=None)),
    "stage": (gettext_lazy("journey stage"), Q(journey_stage="")),
}
SORTS = {
    "newest": (gettext_lazy("newest first"), ("-created_at", "-pk")),
    "best": (gettext_lazy("best grade first"), ("score__grade", "-score__total", "pk")),
}


@dataclass(frozen=True)
class Chip:
    """One filter at work: what it looks at, its value in words, the address without it."""

    label: str | Promise
    value: str
    without: str


@dataclass(frozen=True)
class View:
    """A list somebody looks at every day, as a query string."""

    name: str | Promise
    query: str


VIEWS = [
    View(gettext_lazy("All"), ""),
    View(gettext_lazy("Warm, not qualified"), "status=new&status=nurturing&fit=A&fit=B&sort=best"),
    View(gettext_lazy("New this week"), "created=7"),
    View(gettext_lazy("Qualified"), "status=marketing_qualified"),
    View(gettext_lazy("Customers"), "status=customer"),
]


# Read by every list and changed a few times a year.
OFFERED: dict[str, Kept[list[Any]]] = {
    "channel": Kept(lambda _key: list(Channel.objects.all())),
    "campaign": Kept(lambda _key: list(Campaign.objects.all())),
    "persona": Kept(lambda _key: list(Persona.objects.all())),
    "segment": Kept(lambda _key: list(Segment.objects.in_use())),
}


class LeadFilter(forms.Form):
    """What the list may be narrowed by. Unknown values are left out, never an error page."""

    q = forms.CharField(label=gettext_lazy("Name or company"), required=False, max_length=80)
    status = forms.MultipleChoiceField(
        label=gettext_lazy("Status"), choices=LeadStatus.choices, required=False
    )
    fit = forms.MultipleChoiceField(
        label=gettext_lazy("Fit"), choices=[(x, x) for x in "ABCD"], required=False
    )
    engagement = forms.MultipleChoiceField(
        label=gettext_lazy("Engagement"), choices=[(x, x) for x in "1234"], required=False
    )
    channel = forms.ModelChoiceField(
        label=gettext_lazy("First channel"),
        queryset=Channel.objects.all(),
        to_field_name="slug",
        required=False,
    )
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("First campaign"),
        queryset=Campaign.objects.all(),
        to_field_name="slug",
        required=False,
    )
    persona = forms.ModelChoiceField(
        label=gettext_lazy("Persona"), queryset=Persona.objects.all(), to_field_name="slug", required=False
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Journey stage"), choices=[("", "–"), *JourneyStage.choices], required=False
    )
    unknown = forms.MultipleChoiceField(
        label=gettext_lazy("Unknown"),
        choices=[(key, name) for key, (name, _q) in UNKNOWN.items()],
        required=False,
    )
    segment = forms.ModelChoiceField(
        label=gettext_lazy("Segment"), queryset=Segment.objects.in_use(), required=False
    )
    created = forms.ChoiceField(
        label=gettext_lazy("Became a lead"), choices=[("", "–"), *DAYS], required=False
    )
    touched = forms.ChoiceField(label=gettext_lazy("Last touch"), choices=[("", "–"), *DAYS], required=False)
    sort = forms.ChoiceField(
        label=gettext_lazy("Sorted by"),
        choices=[(key, words) for key, (words, _keys) in SORTS.items()],
        required=False,
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name, rows in OFFERED.items():
            offer(self.fields[name], lambda rows=rows: rows("all"))
        for field in self.fields.values():
            wide = "form-control" if isinstance(field, forms.CharField) else "form-select"
            field.widget.attrs["class"] = wide
        self.query = data
        self.full_clean()
        self.asked = getattr(self, "cleaned_data", {})

    @property
    def order(self) -> str:
        return self.asked.get("sort") or "newest"

    def keys(self) -> tuple[str, ...]:
        """The order of the list, for `leads.keyset`."""
        return SORTS[self.order][1]

    def narrow(self, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        """The leads that pass every filter."""
        asked = self.asked
        # Few, by an index of their own: the plan of the list stays what it is.
        leads = leads.exclude(person__in=Person.objects.exclude(merged_into=None).values("pk"))
        for name, condition in {
            "status": lambda v: Q(status__in=v),
            "channel": lambda v: Q(first_touch__channel=v),
            "campaign": lambda v: Q(first_touch__campaign=v),
            "persona": lambda v: Q(persona=v),
            "stage": lambda v: Q(journey_stage=v),
            "unknown": _unknown,
            "segment": lambda v: Q(
                Exists(SegmentMember.objects.filter(segment=v, person=OuterRef("person")))
            ),
            "created": lambda v: Q(created_at__gte=_days_ago(v)),
            "touched": lambda v: Q(last_touch__at__gte=_days_ago(v)),
            "q": _named,
        }.items():
            if asked.get(name):
                leads = leads.filter(condition(asked[name]))
        if asked.get("fit") or asked.get("engagement"):
            grades = [a + b for a in asked.get("fit") or "ABCD" for b in asked.get("engagement") or "1234"]
            leads = leads.filter(score__grade__in=grades)
        return leads.exclude(score__grade="").filter(score__isnull=False) if self.order == "best" else leads

    def chips(self) -> list[Chip]:
        """The filters at work, each with the address that takes it away."""
        chips = []
        for name, field in self.fields.items():
            value = self.asked.get(name)
            if name == "sort" or not value:
                continue
            rest = self.query.copy()
            rest.pop(name, None)
            rest.pop("at", None)
            chips.append(Chip(field.label or name, self._in_words(name, value), rest.urlencode()))
        return chips

    def _in_words(self, name: str, value) -> str:
        choices = dict(getattr(self.fields[name], "choices", [])) if not hasattr(value, "pk") else {}
        if isinstance(value, list):
            return (_(" and ") if name == "unknown" else _(" or ")).join(
                str(choices.get(one, one)) for one in value
            )
        return str(choices.get(value, value))


def _days_ago(days: str):
    return timezone.now() - timedelta(days=int(days))


def _unknown(keys: list[str]) -> Q:
    """Several narrow the list further, as all filters do."""
    condition = Q()
    for key in keys:
        condition &= UNKNOWN[key][1]
    return condition


def _named(words: str) -> Q:
    """Each word begins a name or the company's name, or stands in the address."""
    condition = Q()
    for word in words.split()[:4]:
        condition &= (
            Q(person__first_name__istartswith=word)
            | Q(person__last_name__istartswith=word)
            | Q(person__company_name__icontains=word)
            | Q(person__email_key__startswith=word.lower())
        )
    return condition
