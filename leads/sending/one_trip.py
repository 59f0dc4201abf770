"""Statements of the ORM that are written once and then only filled in, all that belong to one commit in one trip.

Django writes the SQL of a query anew each time, which costs more than running it. A statement that is made for every
mail is written once with a `Slot` where a value goes. On PostgreSQL the server keeps its plan too, and all that belongs
to one commit goes over together; SQLite takes one after the other. What is read for a whole lease: `questions.py`.
"""

from __future__ import annotations

import hashlib
import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import DeleteQuery, UpdateQuery
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

_NO_WAIT = b"headwater_no_wait", b"SELECT set_config('synchronous_commit', 'off', true)"
_THERE_ALREADY = psycopg.errors.DuplicatePreparedStatement.sqlstate.encode()
_known: WeakKeyDictionary[Any, set[bytes]] = (
    WeakKeyDictionary()
)  # of each connection: what its server has prepared


class Slot(Expression):
    """A place for a value, by its name, in a query that is written once."""

    def __init__(self, name: str, field: Field) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)

    def value(self, given: Any) -> Any:
        """As the database's cursor takes it."""
        return self.output_field.get_db_prep_value(given, connection)


class Prepared:
    """One UPDATE, DELETE or locking of rows, with slots. `sql` and `params` are as the ORM wrote them."""

    def __init__(
        self, rows: QuerySet, changes: Mapping[str, Any] | None = None, *, delete: bool = False
    ) -> None:
        query: Any = rows.query
        if changes is not None:
            query = rows.query.chain(UpdateQuery)
            query.add_update_values(changes)
        elif delete:
            query = rows.query.chain(DeleteQuery)
        self.sql, params = query.get_compiler(connection=connection).as_sql()
        self.params = list(params)
        self.names = [each.name for each in self.params if isinstance(each, Slot)]
        self.text = self._text() if connection.vendor == "postgresql" else b""
        # By what it says: whoever shares the connection and says the same finds the same plan.
        self.name = b"headwater_" + hashlib.sha256(self.text).hexdigest()[:32].encode()

    def of(self, **values: Any) -> Ready:
        return Ready(self, values)

    def _text(self) -> bytes:
        """For the server: what is the same each time is written out, so that the plan may rely on it."""
        marks = count(1)
        holes = [f"${next(marks)}" if isinstance(each, Slot) else "%s" for each in self.params]
        text = "".join(part + hole for part, hole in zip(self.sql.split("%s"), [*holes, ""], strict=True))
        constants = [each for each in self.params if not isinstance(each, Slot)]
        connection.ensure_connection()
        return psycopg.ClientCursor(connection.connection).mogrify(text, constants).encode()


@dataclass(frozen=True)
class Ready:
    """A statement and what goes into its slots."""

    statement: Prepared
    values: Mapping[str, Any]

    def params(self) -> list[Any]:
        """In the order of the statement, for a cursor."""
        return filled(self.statement.params, self.values)

    def slots(self) -> list[bytes | None]:
        """The values of the slots alone, as PostgreSQL reads them."""
        return [_written(self.values[name]) for name in self.statement.names]


def filled(params: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    """The parameters of a statement, the slots among them filled."""
    return [each.value(values[each.name]) if isinstance(each, Slot) else each for each in params]


def together(*statements: Ready) -> int:
    """Run them in one transaction that does not wait for the disk; returns how many rows the last one changed."""
    return begun(*statements).end()


class Trip:
    """Statements on their way. Whatever else asks the database meanwhile waits for their answer first."""

    def __init__(self, statements: Sequence[Ready], changed: int | None = None) -> None:
        self._statements, self._changed = statements, changed
        self._failure: BaseException | None = None

    def end(self) -> int:
        """How many rows the last statement changed. Raises Django's database errors."""
        if self._changed is None and self._failure is None:
            self._wait()
        if self._failure is not None:
            raise self._failure
        assert self._changed is not None
        return self._changed

    def __enter__(self) -> Trip:
        connection.execute_wrappers.append(self._after)
        return self

    def __exit__(self, *failure: object) -> None:
        connection.execute_wrappers.remove(self._after)
        with suppress(DatabaseError):  # told by `end`
            self.end()

    def _after(self, execute: Any, *call: Any) -> Any:
        with suppress(DatabaseError):
            self.end()
        return execute(*call)

    def _wait(self) -> None:
        try:
            with connection.wrap_database_errors:
                try:
                    self._changed = _arrived(self._statements)
                except psycopg.errors.InvalidSqlStatementName:
                    # Whoever had the connection before may have made the server forget what it prepared; nothing was
                    # done yet.
                    _known.pop(connection.connection, None)
                    _set_out(self._statements)
                    self._changed = _arrived(self._statements)
        except BaseException as error:
            self._failure = error
            raise


def begun(*statements: Ready) -> Trip:
    """The same, not yet waited for; `end` it before the next trip. Anywhere but on PostgreSQL it is done at once."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return Trip(statements, _one_by_one(statements))
    connection.ensure_connection()
    with connection.wrap_database_errors:
        _set_out(statements)
    return Trip(statements)


def _one_by_one(statements: Sequence[Ready]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL synchronous_commit TO off")
        for each in statements:
            cursor.execute(each.statement.sql, each.params())
        return int(cursor.rowcount)


def _set_out(statements: Sequence[Ready]) -> None:
    """To PostgreSQL what comes before one SYNC is one transaction; each statement sees what was committed before it."""
    server: PGconn = connection.connection.pgconn
    known = _known.setdefault(connection.connection, set())
    for name, text in (_NO_WAIT, *((each.statement.name, each.statement.text) for each in statements)):
        if name not in known:
            result = server.prepare(name, text)
            if (
                result.error_field(DiagnosticField.SQLSTATE) != _THERE_ALREADY
            ):  # its name says that it is the same
                _checked(result)
            known.add(name)
    calls = [(each.statement.name, each.slots()) for each in statements]
    with _or_closed():
        server.enter_pipeline_mode()
        server.send_query_prepared(_NO_WAIT[0], None)
        for name, given in calls:
            server.send_query_prepared(name, given)
        server.pipeline_sync()
        server.flush()


def _arrived(statements: Sequence[Ready]) -> int:
    server: PGconn = connection.connection.pgconn
    with _or_closed():
        results = [_answer(server) for _each in range(len(statements) + 1)]
        _end(server)
    for result in results:
        _checked(result)
    return int(results[-1].command_tuples or 0)


@contextmanager
def _or_closed() -> Iterator[None]:
    """Half an answer must not stay on a line that is used again."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _answer(server: PGconn) -> PGresult:
    """What the server says of the next statement. A signal may come while we wait, as with a cursor."""
    result = _next(server)
    while _next(server) is not None:
        pass
    assert result is not None, "an answer for each statement"
    return result


def _next(server: PGconn) -> PGresult | None:
    while server.is_busy():
        server.flush()
        select.select([server.socket], [], [])
        server.consume_input()
    result = server.get_result()
    if result is None and server.status == ConnStatus.BAD:
        raise psycopg.OperationalError(server.get_error_message())
    return result


def _end(server: PGconn) -> None:
    """The answer to SYNC."""
    while (result := _next(server)) is None or result.status != ExecStatus.PIPELINE_SYNC:
        pass
    server.exit_pipeline_mode()


def _checked(result: PGresult) -> None:
    """Raises what a cursor would raise; the others of the trip say only that they were not tried."""
    if result.status in (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE):
        raise psycopg.errors.error_from_result(result)


def _written(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    words = value.isoformat() if isinstance(value, datetime) else str(value)
    if "\0" in words:
        raise psycopg.DataError(
            "a text of PostgreSQL cannot hold a NUL sign"
        )  # it would end there, unnoticed
    return words.encode()
