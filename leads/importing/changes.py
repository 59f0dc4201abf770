"""What one batch of an import changed, so that it can be taken back: ids and fingerprints, never a person's values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from leads.many_rows import insert_rows, insert_values

Ranges = list[list[int]]


@dataclass
class Changes:
    """`made`: model → ids. `filled`: person → column → fingerprint of what went into the blank. `moved`: rows whose
    other columns changed, with what stood there before and after."""

    made: dict[str, list[int]] = field(default_factory=dict)
    filled: dict[int, dict[str, str]] = field(default_factory=dict)
    moved: list[tuple[str, int, dict[str, list[Any]]]] = field(default_factory=list)

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Write new rows and remember them."""
        insert_rows(rows)
        self.note(rows)

    def insert_values(
        self, model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], **fixed: Any
    ) -> None:
        """Write new rows given as values, the id first, and remember them."""
        insert_values(model, names, rows, **fixed)
        if rows:
            self.made.setdefault(model._meta.label, []).extend(row[0] for row in rows)

    def note(self, rows: Iterable[models.Model]) -> None:
        """Remember rows that were written elsewhere."""
        for row in rows:
            self.made.setdefault(row._meta.label, []).append(row.pk)

    def move(self, row: models.Model, **columns: Any) -> None:
        """Remember columns about to change, and set them: `move(lead, status="customer")`. The caller saves."""
        told = {}
        for name, new in columns.items():
            told[name] = [_plain(getattr(row, name)), _plain(new)]
            setattr(row, name, new)
        self.moved.append((row._meta.label, row.pk, told))

    def fill(self, person_id: int, values: dict[str, str]) -> None:
        self.filled.setdefault(person_id, {}).update(
            {name: fingerprint(value) for name, value in values.items()}
        )

    def as_rows(self) -> dict[str, Any]:
        """The columns of the batch's row in the log."""
        return {
            "made": {label: as_ranges(ids) for label, ids in self.made.items() if ids},
            "filled": {str(person): columns for person, columns in self.filled.items()},
            "moved": [list(one) for one in self.moved],
        }


def fingerprint(value: str) -> str:
    """Tells whether a value is still the one that was put in, without keeping it."""
    return hashlib.blake2s(value.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def as_ranges(ids: Iterable[int]) -> Ranges:
    """[3, 4, 5, 9] → [[3, 5], [9, 9]]."""
    ranges: Ranges = []
    for number in sorted(ids):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        elif not ranges or number != ranges[-1][1]:
            ranges.append([number, number])
    return ranges


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
