"""Several counts in one statement."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Count, QuerySet, Value


def counted(**rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows each of these has, by its name."""
    parts = [
        some.order_by().annotate(what=Value(name, output_field=CharField())).values("what")
        .annotate(n=Count("pk")).values_list("what", "n")
        for name, some in rows.items()
    ]  # fmt: skip
    return dict.fromkeys(rows, 0) | dict(parts[0].union(*parts[1:], all=True))
