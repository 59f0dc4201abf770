"""Statements of the ORM that are written once and then only filled in, all that belong to one commit in one trip.

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

from django.db import ProgrammingError, connection, transaction
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import UpdateQuery

_NO_SUCH_STATEMENT = "26000"
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
    if connection.vendor != "postgresql":
        return _one_by_one(statements)
    if connection.in_atomic_block:
        return _as_one_text([(each.statement.sql, each.params()) for each in statements])
    try:
        return _planned_once(statements)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != _NO_SUCH_STATEMENT:
            raise
        # Whoever had the connection before may have made the server forget what it prepared; nothing was done yet.
        _known.pop(connection.connection, None)
        return _planned_once(statements)


def _one_by_one(statements: Sequence[Ready]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        for each in statements:
            cursor.execute(each.statement.sql, each.params())
        return int(cursor.rowcount)


def _planned_once(statements: Sequence[Ready]) -> int:
    connection.ensure_connection()
    known = _known.setdefault(connection.connection, set())
    for each in statements:
        if each.statement.name not in known:
            _prepare(each.statement)
            known.add(each.statement.name)
    calls = [(each.statement.name, each.slots()) for each in statements]
    return _as_one_text(
        [(f"EXECUTE {name}({', '.join(['%s'] * len(given))})", given) for name, given in calls]
    )


def _as_one_text(statements: Sequence[tuple[str, list[Any]]]) -> int:
    """To PostgreSQL a text of several statements is one transaction; each sees what was committed before it."""
    words = "; ".join(["SET LOCAL synchronous_commit TO off", *(sql for sql, _values in statements)])
    with connection.cursor() as cursor:
        cursor.execute(words, [value for _sql, values in statements for value in values])
        while cursor.nextset():
            pass
        return int(cursor.rowcount)


def _prepare(statement: Prepared) -> None:
    """What is the same each time is written into the text, so that the plan may rely on it."""
    marks = count(1)
    holes = [f"${next(marks)}" if isinstance(each, Slot) else "%s" for each in statement.params]
    text = "".join(part + hole for part, hole in zip(statement.sql.split("%s"), [*holes, ""], strict=True))
    constants = [each for each in statement.params if not isinstance(each, Slot)]
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE {statement.name} AS {text}", constants)
