"""All tables as they are, to compare two moments."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model

# What merging itself writes down, audit and history; and marks of queues.
LOGS = frozenset({"leads.merge", "leads.twin", "leads.leadmove", "admin.logentry"})
MARKS = frozenset({("leads.leadscore", "dirty_at")})


def dump() -> dict[str, list[tuple[Any, ...]]]:
    return {
        model._meta.label_lower: _rows(model)
        for model in apps.get_models()
        if model._meta.label_lower not in LOGS and not model.__name__.startswith("Historical")
    }


def _rows(model: type[Model]) -> list[tuple[Any, ...]]:
    label = model._meta.label_lower
    columns = [one.attname for one in model._meta.concrete_fields if (label, one.attname) not in MARKS]
    return list(model._base_manager.order_by("pk").values_list(*columns))


def unlike(one: dict[str, list[Any]], two: dict[str, list[Any]]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Rows that only one of both has, by table."""
    return {
        table: (_only(one[table], two[table]), _only(two[table], one[table]))
        for table in one
        if one[table] != two[table]
    }


def _only(rows: list[Any], others: list[Any]) -> list[Any]:
    return [row for row in rows if row not in others]
