"""Rows by ranges of ids, and which other rows point at them. Reads the models themselves, so a new relation counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model, Q, QuerySet

from leads.importing.changes import Ranges
from leads.models import EnrichTry, Fact, LeadScore, SegmentMember, Twin

# Worked out from what was imported; it goes when that goes.
DERIVED: dict[type[Model], Q] = {
    LeadScore: Q(),
    SegmentMember: Q(),
    EnrichTry: Q(),
    Fact: Q(source=Fact.Source.ENRICHED),
    Twin: Q(state=Twin.State.OPEN),
}
AT_ONCE = 200  # ranges in one condition


@dataclass(frozen=True)
class Made:
    """All rows of one model that an import made."""

    model: type[Model]
    ranges: Ranges

    def conditions(self, column: str) -> Iterator[Q]:
        """Q objects for values of `column` within the ranges, a bounded number of ranges each."""
        for start in range(0, len(self.ranges), AT_ONCE):
            condition = Q()
            for first, last in self.ranges[start : start + AT_ONCE]:
                condition |= Q(**{f"{column}__gte": first, f"{column}__lte": last})
            yield condition

    def rows(self) -> Iterator[QuerySet[Any]]:
        for condition in self.conditions("pk"):
            yield self.model._base_manager.filter(condition)

    def delete(self) -> None:
        for rows in self.rows():
            rows._raw_delete(rows.db)

    def outside(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for condition in self.conditions("pk"):
            rows = rows.exclude(condition)
        return rows


def merged(batches: list[dict[str, Ranges]]) -> dict[str, Made]:
    """Model → all that the batches made of it, neighbouring ranges joined."""
    found: dict[str, Ranges] = {}
    for made in batches:
        for label, ranges in made.items():
            found.setdefault(label, []).extend(ranges)
    return {label: Made(apps.get_model(label), _joined(ranges)) for label, ranges in found.items()}


def _joined(ranges: Ranges) -> Ranges:
    joined: Ranges = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(last, joined[-1][1])
        else:
            joined.append([first, last])
    return joined


def pointing_at(
    made: Made, all_made: dict[str, Made]
) -> Iterator[tuple[ForeignKey[Any, Any], QuerySet[Any]]]:
    """Rows that the import did not make and that point at what it made, by relation; derived ones left out."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is made.model:
                for condition in made.conditions(field.name):
                    rows = model._base_manager.filter(condition)
                    if model in DERIVED:
                        rows = rows.exclude(DERIVED[model]) if DERIVED[model] else rows.none()
                    mine = all_made.get(model._meta.label)
                    yield field, mine.outside(rows) if mine else rows


def derived_from(made: Made) -> Iterator[QuerySet[Any]]:
    for model, which in DERIVED.items():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is made.model:
                for condition in made.conditions(field.name):
                    yield model._base_manager.filter(condition).filter(which)
