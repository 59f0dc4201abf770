"""Statements that a web process runs with every form: planned once a connection, not once a call."""

from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

import psycopg
from django.db import connection


def fetch(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows. Raises Django's database errors, as a cursor of Django does.

    Prepared on PostgreSQL; elsewhere, and where statements are being counted, it goes the usual way. ``sql`` holds
    ``%s`` for each parameter and no other per cent sign.
    """
    if connection.vendor != "postgresql" or connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        # A raw cursor does not read the text again at each call, which for a long one costs more than the statement.
        return (
            psycopg.RawCursor(connection.connection).execute(_numbered(sql), params, prepare=True).fetchall()
        )


@cache
def _numbered(sql: str) -> str:
    """The same text with PostgreSQL's own placeholders."""
    numbers = count(1)
    head, *rest = sql.split("%s")
    return head + "".join(f"${next(numbers)}{part}" for part in rest)
