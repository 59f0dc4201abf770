"""Writing many new rows at once: COPY on PostgreSQL, one prepared INSERT on SQLite.

For imports only. It skips what bulk_create does for every cell (expressions, related objects, defaults of the
database), so ids are given beforehand and foreign keys are read from their `…_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection, models

PLAIN = (models.CharField, models.TextField, models.IntegerField, models.FloatField, models.BooleanField)


def give_ids(rows: Sequence[models.Model]) -> None:
    """Reserve ids for new rows of one model. Call inside a transaction: on SQLite its write lock reserves them."""
    new = [row for row in rows if row.pk is None]
    if not new:
        return
    for row, number in zip(new, reserve_ids(type(new[0]), len(new)), strict=True):
        row.pk = number


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids for new rows that `insert_values` will write; the same call as `give_ids` for rows that are no objects."""
    if not count:
        return []
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [f'"{table}"', column, count],
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + 1 + count))


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; those without an id get one. Raises IntegrityError like any insert."""
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    if isinstance(model._meta.pk, models.AutoField):
        give_ids(rows)
    fields = _fields(model)
    readers = [_reader(field) for field in fields]
    _write(model, fields, [[read(row) for read in readers] for row in rows])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], **fixed: Any
) -> None:
    """Insert rows given as plain values of the columns `names` (`…_id` for foreign keys), the id among them.

    All rows share `fixed`; every other column holds its default. For the tables of which an import fills millions:
    making an object of a row costs more than writing it.
    """
    if not rows:
        return
    by_name = {field.attname: field for field in _fields(model)}
    given = [by_name.pop(name) for name in names]
    shared = {
        name: fixed.pop(name) if name in fixed else field.get_default() for name, field in by_name.items()
    }
    if fixed:
        raise TypeError(f"{model.__name__} has no column {min(fixed)}")
    tail = tuple(_prepared(by_name[name], value) for name, value in shared.items())
    times = [place for place, field in enumerate(given) if isinstance(field, models.DateTimeField)]
    if connection.vendor == "postgresql":
        times = []  # its driver takes them as they are
    _write(model, [*given, *by_name.values()], [(*_timed(row, times), *tail) for row in rows])


def _timed(row: Sequence[Any], times: Sequence[int]) -> Sequence[Any]:
    """On SQLite a time is a text."""
    if not times:
        return row
    values = list(row)
    for place in times:
        values[place] = connection.ops.adapt_datetimefield_value(values[place])
    return values


def _prepared(field: models.Field[Any, Any], value: Any) -> Any:
    return value if isinstance(field, PLAIN) else field.get_db_prep_save(value, connection)


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _write(
    model: type[models.Model], fields: Sequence[models.Field[Any, Any]], rows: Sequence[Sequence[Any]]
) -> None:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for one in rows:
                    copy.write_row(one)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _reader(field: models.Field[Any, Any]) -> Callable[[models.Model], Any]:
    """What of a row goes into the field's column. Plain values go as they are; times are translated once each."""
    name = field.attname
    if isinstance(field, PLAIN) or field.is_relation:
        return attrgetter(name)
    if not isinstance(field, models.DateTimeField):
        return lambda row: field.get_db_prep_save(getattr(row, name), connection)
    known: dict[datetime | None, Any] = {}

    def read(row: models.Model) -> Any:
        value = getattr(row, name)
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return read
