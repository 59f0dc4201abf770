"""How many leads have each persona, and of how many nothing tells it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from campaigns.models import Persona
from leads.models import Lead


@dataclass(frozen=True)
class Personas:
    """Those in use, and those put away that leads still have; the most frequent first."""

    rows: list[tuple[Persona, int]]
    unknown: int
    total: int


def personas() -> Personas:
    """Two queries. Leads of people who were erased or merged away are left out."""
    alive = Lead.objects.filter(person__erased_at=None, person__merged_into=None)
    numbers = dict(alive.order_by().values_list("persona").annotate(n=Count("pk")))
    rows = [
        (one, numbers.get(one.pk, 0))
        for one in Persona.objects.order_by("name")
        if one.pk in numbers or one.archived_at is None
    ]
    rows.sort(key=lambda row: -row[1])
    return Personas(rows, numbers.get(None, 0), sum(numbers.values()))
