"""On what ground we speak to a cold contact: one row of evidence, as of the day it was stated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.models import ContactBasis, Person
from prospects.models import ProspectingList

WHY_LENGTH = 300


@dataclass(frozen=True)
class Ground:
    """Why we may speak to somebody (GDPR art. 6 (1)), and where the address comes from (art. 14 (2) (f))."""

    kind: str
    why: str
    source: str


def ground_of(listed_on: ProspectingList) -> Ground:
    """What a list states of everybody on it."""
    why = _("List “%(name)s”: %(note)s") % {"name": listed_on.name, "note": listed_on.basis_note}
    return Ground(listed_on.basis, why[:WHY_LENGTH], listed_on.source)


def record(*, person: Person, ground: Ground, by: Any, at: datetime) -> ContactBasis:
    """Write it down; where the latest says the same already, that one stands."""
    latest = ContactBasis.objects.filter(person=person).order_by("-at", "-pk").first()
    if latest and (latest.kind, latest.why, latest.source) == (ground.kind, ground.why, ground.source):
        return latest
    return ContactBasis.objects.create(
        person=person, kind=ground.kind, why=ground.why, source=ground.source, at=at, recorded_at=at, by=by
    )
