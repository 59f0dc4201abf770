"""What a merge changed, row by row: the rows of both people before and after it, and the difference as JSON."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from leads.merging.pointers import pointers
from leads.models import Person

Value = Any  # as JSON holds it
Rows = dict[Any, dict[str, Value]]
Seen = dict[str, Rows]
# Marks of queues, not of a person: setting them back would only hide work that is due.
NOT_KEPT = {("leads.person", "enriched_at")}


def take(people: list[int]) -> Seen:
    """Every row that hangs on these people, and they themselves, by table and primary key."""
    seen: Seen = defaultdict(dict)
    seen["leads.person"] = _rows(Person, pk__in=people)
    for model, field in pointers():
        seen[model._meta.label_lower] |= _rows(model, **{f"{field.attname}__in": people})
    return seen


def _rows(model: type[Model], **wanted: Any) -> Rows:
    return {
        row["pk"]: {name: written(value) for name, value in row.items() if name != "pk"}
        for row in model._base_manager.filter(**wanted).values("pk", *columns(model))
    }


def columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def written(value: Any) -> Value:
    """A column's value as JSON; `read` is the way back. Microseconds stay."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def read(field: Field[Any, Any], value: Value) -> Any:
    return (field.target_field if isinstance(field, ForeignKey) else field).to_python(value)


def difference(before: Seen, after: Seen) -> dict[str, Any]:
    """{"changed": [[table, column, old, new, [pk …]] …], "made": {table: [pk …]}}: small, since most rows only move."""
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for table, rows in before.items():
        for pk, old in rows.items():
            new = after[table].get(pk, old)
            for column in old:
                if old[column] != new[column] and (table, column) not in NOT_KEPT:
                    key = (table, column, repr((old[column], new[column])))
                    groups.setdefault(key, [table, column, old[column], new[column], []])[4].append(pk)
    made = {table: sorted(rows.keys() - before.get(table, {}).keys()) for table, rows in after.items()}
    return {"changed": list(groups.values()), "made": {table: pks for table, pks in made.items() if pks}}


def model_of(table: str) -> type[Model]:
    return apps.get_model(table)
