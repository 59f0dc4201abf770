"""A bound on how long a page waits for the database. SQLite knows none: there the tables are small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

CANCELLED = "57014"  # what PostgreSQL says of a statement that took too long


class TooSlow(Exception):
    """The statement was stopped; nothing of it is kept."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """A transaction in which a statement may take so long. Raises TooSlow, with everything in it undone."""
    try:
        with transaction.atomic():
            before = _limit(f"{int(seconds * 1000)}ms")
            yield
            _limit(before)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != CANCELLED:
            raise
        raise TooSlow from error


def _limit(value: str) -> str:
    """Set the bound for this transaction; returns the one before."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [value])
    return before
