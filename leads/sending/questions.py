"""What is read for a whole lease: queries of the ORM that are written once, asked together, and answered as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BigIntegerField, F, Lookup, Model, QuerySet
from django.db.models.base import ModelState

from leads.sending.one_trip import Slot, filled

Row = tuple[Any, ...]
M = TypeVar("M", bound=Model)


class Many(Slot):
    """A place for any number of values, for `among`."""

    def value(self, given: Iterable[Any]) -> Any:
        values = list(given)
        if connection.vendor != "postgresql":
            return json.dumps(values)
        if isinstance(self.output_field, BigIntegerField):
            return "{" + ",".join(map(str, values)) + "}"
        return values


class _Among(Lookup):
    """A column's value is one of those in a slot: one text of SQL for any number of them."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, before = self.process_lhs(compiler, connection)
        slot, params = self.process_rhs(compiler, connection)
        if connection.vendor == "postgresql":
            kind = self.rhs.output_field.cast_db_type(connection)
            return f"{column} = ANY({slot}::{kind}[])", [*before, *params]
        return f"{column} IN (SELECT value FROM json_each({slot}))", [*before, *params]


def among(column: str, slot: Many) -> Any:
    """A condition for `filter`."""
    return _Among(F(column), slot)


class Question:
    """A `values_list` with slots. Write it once a process, locking ones inside a transaction."""

    def __init__(self, rows: QuerySet) -> None:
        compiler: Any = rows.query.get_compiler(connection=connection)
        self.sql, params = compiler.as_sql()
        self.params = list(params)
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in compiler.select])
        self._width = compiler.col_count

    def of(self, **values: Any) -> Asked:
        return Asked(self, values)

    def rows(self, found: Sequence[Row]) -> list[Row]:
        """As Python's values."""
        if not self._converters:
            return list(found)
        return [tuple(row) for row in self._compiler.apply_converters(found, self._converters)]


@dataclass(frozen=True)
class Asked:
    """A question and what goes into its slots."""

    question: Question
    values: Mapping[str, Any]

    def params(self) -> list[Any]:
        return filled(self.question.params, self.values)


def answers(*asked: Asked) -> list[list[Row]]:
    """The rows of each, in the order of asking; on PostgreSQL in one trip, unless statements are being counted."""
    if not asked:
        return []
    together = connection.vendor == "postgresql" and not (
        connection.queries_logged or connection.execute_wrappers
    )
    with connection.cursor() as cursor:
        if not together:
            found = []
            for each in asked:
                cursor.execute(each.question.sql, each.params())
                found.append(cursor.fetchall())
        else:
            words = ";".join(each.question.sql for each in asked)
            cursor.execute(words, [value for each in asked for value in each.params()])
            found = [cursor.fetchall()]
            while cursor.nextset():
                found.append(cursor.fetchall())
    return [each.question.rows(rows) for each, rows in zip(asked, found, strict=True)]


def as_row(model: type[M], columns: Sequence[str], values: Row) -> M:
    """A row of which only these columns were read, without the signals and defaults of a new one."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, "default"
    row.__dict__.update(zip(columns, values, strict=True))
    return row
