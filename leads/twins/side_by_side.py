"""Two people beside each other: each field with both values and which would stay, and what hangs on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.merging.joining import FURTHER, GROUPS, WORDS
from leads.models import (
    ConsentEvent,
    Enrolment,
    Lead,
    LeadStatus,
    Message,
    PastActivity,
    Person,
    Submission,
    Touch,
)

HANGS: dict[type[Model], str | Promise] = {
    Touch: _("Touches"),
    Submission: _("Forms"),
    Message: _("Mails"),
    Enrolment: _("Sequences"),
    ConsentEvent: _("Words on consent"),
    PastActivity: _("Imported activities"),
}


@dataclass(frozen=True)
class Line:
    """A field. `choice`: both have a value and they differ, so somebody has to say which stays."""

    key: str
    word: str | Promise
    values: tuple[str, str]
    chosen: int  # 0 or 1: whose value stays unless somebody says otherwise
    alike: float | None = None

    @property
    def choice(self) -> bool:
        return bool(self.values[0] and self.values[1]) and self.values[0] != self.values[1]


@dataclass(frozen=True)
class Side:
    """One of the two, with what comes along."""

    person: Person
    lead: Lead | None
    counts: tuple[int, ...]


# The names under which likeness looks at the fields of the page.
LOOKED_AT = {"email": "mailbox", "job_title": "title"}


def side_of(person: Person) -> Side:
    """Counts by index: as many statements, whoever it is."""
    counts = tuple(model._base_manager.filter(person=person).count() for model in HANGS)
    lead = Lead.objects.filter(person=person).select_related("score", "first_touch__campaign").first()
    return Side(person=person, lead=lead, counts=counts)


def stays_first(one: Side, two: Side) -> tuple[Side, Side]:
    """Whom the page offers to keep: with sales, then the further lead, then the one with more of a story."""
    return (one, two) if _weight(one) >= _weight(two) else (two, one)


def _weight(side: Side) -> tuple[Any, ...]:
    far = FURTHER.index(LeadStatus(side.lead.status)) if side.lead else -1
    return side.person.sales_open, far, sum(side.counts), -side.person.pk


def lines(one: Person, two: Person, why: dict[str, float]) -> list[Line]:
    """Every field that at least one of them has."""
    found = []
    for key, columns in GROUPS.items():
        values = _shown(one, key, columns), _shown(two, key, columns)
        if any(values):
            alike = why.get(LOOKED_AT.get(key, key))
            found.append(Line(key, WORDS[key], values, 0 if values[0] else 1, alike))
    return found


def _shown(person: Person, key: str, columns: tuple[str, ...]) -> str:
    if key == "company":
        return person.company.name if person.company else person.company_name
    return str(getattr(person, columns[0]) or "")


def hangs(one: Side, two: Side) -> list[tuple[str | Promise, int, int]]:
    """What comes along, in numbers: (words, of one, of two)."""
    return list(zip(HANGS.values(), one.counts, two.counts, strict=True))
