"""Pages of a long list that cost the same at the front and at the end: by key, never by offset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class KeysetPage:
    """The rows of one page and the cursors of its neighbours; an empty cursor means there is none."""

    rows: list[Any] = field(default_factory=list)
    newer: str = ""
    older: str = ""


def keyset_page(queryset: QuerySet, *, keys: Sequence[str], cursor: str = "", size: int = 50) -> KeysetPage:
    """Cut one page out of `queryset`, ordered by `keys` ("-created_at", "-pk"; the last one unique).

    `cursor` comes from the page before; one that makes no sense gives the first page.
    """
    forward, values = _read(cursor, len(keys))
    order = list(keys) if forward else [_turned(key) for key in keys]
    rows_wanted = queryset.order_by(*order)
    try:
        if values:
            rows_wanted = rows_wanted.filter(_beyond(order, values))
        rows = list(rows_wanted[: size + 1])
    except (ValidationError, ValueError, TypeError):
        return keyset_page(queryset, keys=keys, size=size)
    more, rows = len(rows) > size, rows[:size]
    if not forward:
        rows.reverse()
    older = bool(rows) and (more if forward else True)
    newer = bool(rows) and (bool(values) if forward else more)
    return KeysetPage(
        rows=rows,
        newer=_write("n", rows[0], keys) if newer else "",
        older=_write("o", rows[-1], keys) if older else "",
    )


def bounded_count(queryset: QuerySet, most: int = 10_000) -> int:
    """How many rows there are, at most one more than `most`: counting a million took longer than the page."""
    return queryset.order_by()[: most + 1].count()


def cursor_after(row: Any, keys: Sequence[str]) -> str:
    """The cursor of the page that begins after `row` (an object, or a dict of the keys)."""
    return _write("o", row, keys)


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(order: Sequence[str], values: Sequence[str]) -> Q:
    """Rows after `values` in `order`: an OR chain, and the bound of its first key, which an index is entered by.

    From the chain alone PostgreSQL reads every row before the page as well.
    """
    condition, same = Q(), Q()
    for key, value in zip(order, values, strict=True):
        name = key.lstrip("-")
        side = "lt" if key.startswith("-") else "gt"
        condition |= same & Q(**{f"{name}__{side}": value})
        same &= Q(**{name: value})
    first, side = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{side}": values[0]}) & condition


def _value(row: Any, key: str) -> str:
    if isinstance(row, dict):
        row = row[key.lstrip("-")]
    else:
        for part in key.lstrip("-").split("__"):
            row = getattr(row, part)
    return row.isoformat() if hasattr(row, "isoformat") else str(row)


def _write(direction: str, row: Any, keys: Sequence[str]) -> str:
    raw = json.dumps([direction, *(_value(row, key) for key in keys)])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> tuple[bool, list[str]]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return True, []
    if not isinstance(parts, list) or len(parts) != length + 1 or parts[0] not in ("n", "o"):
        return True, []
    return parts[0] == "o", [str(part) for part in parts[1:]]
