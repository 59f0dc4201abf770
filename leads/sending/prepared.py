"""Statements of the ORM that are written once and then only filled in, several of them in one trip to the server.

Django writes the SQL of a query anew each time, which costs more than running it. A statement that is made for every
mail is written once with a `Slot` where a value goes. On PostgreSQL the server keeps its plan too, and all that belongs
to one commit goes over as one text; SQLite takes one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection, transaction
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import UpdateQuery

_numbers = count(1)
_known: WeakKeyDictionary[Any, set[str]] = (
    WeakKeyDictionary()
)  # of each connection: what its server has prepared


class Slot(Expression):
    """A place for a value, by its name, in a query that is written once."""

    def __init__(self, name: str, field: Field) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class Prepared:
    """One UPDATE, or the locking of rows, with slots. `sql` and `params` are as the ORM wrote them."""

    def __init__(self, rows: QuerySet, changes: Mapping[str, Any] | None = None) -> None:
        query: Any = rows.query
        if changes is not None:
            query = rows.query.chain(UpdateQuery)
            query.add_update_values(changes)
        self.sql, params = query.get_compiler(connection=connection).as_sql()
        self.params = list(params)
        self.name = f"headwater_{next(_numbers)}"

    def of(self, **values: Any) -> Ready:
        return Ready(self, values)


@dataclass(frozen=True)
class Ready:
    """A statement and what goes into its slots."""

    statement: Prepared
    values: Mapping[str, Any]

    def params(self) -> list[Any]:
        """In the order of the statement."""
        return [self._value(each) if isinstance(each, Slot) else each for each in self.statement.params]

    def slots(self) -> list[Any]:
        """The values of the slots alone."""
        return [self._value(each) for each in self.statement.params if isinstance(each, Slot)]

    def _value(self, slot: Slot) -> Any:
        return slot.output_field.get_db_prep_value(self.values[slot.name], connection)


def together(*statements: Ready) -> int:
    """Run them in one transaction that does not wait for the disk; returns how many rows the last one changed."""
    if connection.vendor == "postgresql":
        return _in_one_trip(statements)
    with transaction.atomic(), connection.cursor() as cursor:
        for each in statements:
            cursor.execute(each.statement.sql, each.params())
        return int(cursor.rowcount)


def _in_one_trip(statements: Sequence[Ready]) -> int:
    """To PostgreSQL a text of several statements is one transaction; each sees what was committed before it."""
    with connection.cursor() as cursor:
        known = _known.setdefault(connection.connection, set())
        words, values = ["SET LOCAL synchronous_commit TO off"], []
        for each in statements:
            if each.statement.name not in known:
                _prepare(cursor, each.statement)
                known.add(each.statement.name)
            slots = each.slots()
            words.append(f"EXECUTE {each.statement.name}({', '.join(['%s'] * len(slots))})")
            values += slots
        cursor.execute("; ".join(words), values)
        while cursor.nextset():
            pass
        return int(cursor.rowcount)


def _prepare(cursor: Any, statement: Prepared) -> None:
    """What is the same each time is written into the text, so that the plan may rely on it."""
    marks = iter(f"${number}" for number in range(1, len(statement.params) + 1))
    parts = statement.sql.split("%s")
    fixed = [next(marks) if isinstance(each, Slot) else "%s" for each in statement.params]
    text = "".join(part + mark for part, mark in zip(parts, [*fixed, ""], strict=True))
    constants = [each for each in statement.params if not isinstance(each, Slot)]
    cursor.execute(f"PREPARE {statement.name} AS {text}", constants)
