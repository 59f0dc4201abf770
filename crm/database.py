"""Starting with a database: wait until it answers, or say in one line why it never will.

A wrong address, password or name ends the start at once. A server that refuses or does not answer is tried
again for DATABASE_WAIT seconds. An SQLite file that has been there and is gone is not silently made anew.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import psycopg
from django.conf import settings

# What a PostgreSQL server says when it refuses now and may accept in a moment. Other refusals are final.
_PASSING = ("starting up", "shutting down", "in recovery", "not yet accepting", "too many", "reserved for")
_FINAL = (
    "FATAL:",
    "no password supplied",
    "does not support SSL",
    "certificate",
    "invalid connection option",
)


def say(line: str) -> None:
    """One line for the operator, past whatever Celery has put in the place of stderr."""
    stderr = sys.__stderr__ or sys.stderr
    stderr.write(f"{line}\n")
    stderr.flush()


def end(line: str) -> NoReturn:
    """One line, and the end of the process with status 1."""
    say(line)
    sys.exit(1)


def is_final(reason: str) -> bool:
    """True where trying again cannot help: wrong password, no such database, no such role."""
    return any(word in reason for word in _FINAL) and not any(word in reason for word in _PASSING)


def wait_for_database(*, database: Mapping[str, Any] | None = None, wait: float | None = None) -> None:
    """Return when the database answers; else exit with status 1 and one line (a line for each try)."""
    database = database or settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        _look_at_file(str(database["NAME"]))
        return
    seconds = settings.DATABASE_WAIT_SECONDS if wait is None else wait
    _until_it_answers(lambda: _connect(database), _place(database), seconds)


def _place(database: Mapping[str, Any]) -> str:
    return f"{database['NAME']} at {database['HOST'] or 'the local socket'}:{database['PORT'] or 5432}"


def _connect(database: Mapping[str, Any]) -> None:
    options = {name: value for name, value in database["OPTIONS"].items() if name != "pool"}
    given = {
        "dbname": database["NAME"],
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
    }
    psycopg.connect(**{name: value for name, value in given.items() if value}, **options).close()


def _until_it_answers(connect: Callable[[], None], place: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    pause = 0.5
    while True:
        try:
            return connect()
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
        if is_final(reason) or "connection option" in reason:
            end(f"DATABASE_URL: {place} refuses: {reason}")
        left = deadline - time.monotonic()
        if left <= 0:
            end(f"DATABASE_URL: gave up on {place} after {seconds:g} s: {reason}")
        pause = min(pause * 2, 5, max(left, 0.1))
        say(f"DATABASE_URL: {place} does not answer, trying again in {pause:.1f} s: {reason}")
        time.sleep(pause)


def _marker() -> Path:
    return Path(settings.DATA_DIR) / "databases.txt"


def _remembered() -> set[str]:
    try:
        return set(_marker().read_text(encoding="utf-8").split("\n")) - {""}
    except FileNotFoundError:
        return set()


def remember(file: str) -> None:
    """Note that this SQLite file has been made, so that its loss is noticed at the next start."""
    known = _remembered()
    path = str(Path(file).resolve())
    if path not in known:
        _marker().write_text("\n".join(sorted(known | {path})) + "\n", encoding="utf-8")


def forget(file: str) -> None:
    """Take back `remember`, for whoever deletes the file on purpose."""
    known = _remembered() - {str(Path(file).resolve())}
    _marker().write_text("".join(f"{path}\n" for path in sorted(known)), encoding="utf-8")


def _look_at_file(name: str) -> None:
    """Refuse a lost, unreadable or foreign SQLite file with one line."""
    if name == ":memory:" or name.startswith("file:"):
        return
    file = Path(name).resolve()
    if not file.exists() or file.stat().st_size == 0:
        if str(file) in _remembered():
            end(
                f"The database {file} has been there and is gone. Put it back from a backup; to start with an "
                f"empty one, delete its line in {_marker()}."
            )
        if not os.access(file.parent, os.W_OK):
            end(f"DATABASE_URL: the folder {file.parent} is not there or not writable.")
        return
    try:
        with sqlite3.connect(file, timeout=20) as connection:
            connection.execute("PRAGMA schema_version")
        connection.close()
    except sqlite3.Error as error:
        end(f"DATABASE_URL: {file} cannot be used: {error}.")
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        end(f"DATABASE_URL: {file} or its folder is not writable.")
