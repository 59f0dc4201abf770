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
    table, column = new[0]._meta.db_table, new[0]._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [f'"{table}"', column, len(new)],
            )
            ids = [number for (number,) in cursor.fetchall()]
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            last = (cursor.fetchone() or (0,))[0]
            ids = list(range(last + 1, last + 1 + len(new)))
    for row, number in zip(new, ids, strict=True):
        row.pk = number


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; those without an id get one. Raises IntegrityError like any insert."""
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    if isinstance(model._meta.pk, models.AutoField):
        give_ids(rows)
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    readers = [_reader(field) for field in fields]
    values = ([read(row) for read in readers] for row in rows)
    quote = connection.ops.quote_name
    names = [str(field.column) for field in fields]
    table, columns = quote(model._meta.db_table), ", ".join(quote(name) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for one in values:
                    copy.write_row(one)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


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
