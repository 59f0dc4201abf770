"""Whether the process that holds a lease still lives. The answer is sure and at once, without waiting for a time.

PostgreSQL: the owner's connection holds an advisory lock by the lease's number; the server drops it with the
connection. SQLite: the owner's process holds a lock on a file of its own; the system drops it with the process.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

from leads.models import SendLease

_SPACE = 0x4E55  # our part of the advisory locks' key space
_boot: tuple[int, uuid.UUID] | None = None
_file: int | None = None
_held: set[int] = set()
_started: WeakKeyDictionary[Any, datetime | None] = WeakKeyDictionary()


def boot_id() -> uuid.UUID:
    """This process, from its start to its end; a fork is another one."""
    global _boot, _file
    if _boot is None or _boot[0] != os.getpid():
        _boot, _file = (os.getpid(), uuid.uuid4()), None
        _held.clear()
    return _boot[1]


def _postgres() -> bool:
    return connection.vendor == "postgresql"


def database_started_at() -> datetime | None:
    """When the database server started; SQLite has none."""
    if not _postgres():
        return None
    connection.ensure_connection()
    line = connection.connection
    if line not in _started:  # a server that starts anew ends every connection to it
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_postmaster_start_time()")
            row = cursor.fetchone()
        _started[line] = row[0] if row else None
    return _started[line]


def hold(lease: SendLease) -> None:
    """Say that the owner lives. Call it inside the transaction that makes the lease, so nobody sees it unowned."""
    if _postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_SPACE, _number(lease)])
    else:
        _lock_own_file()
    _held.add(lease.pk)


def let_go(lease: SendLease) -> None:
    """The opposite, after the lease was released. A lost connection has let go by itself."""
    _held.discard(lease.pk)
    if _postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SPACE, _number(lease)])


def is_gone(lease: SendLease) -> bool:
    """True where nobody holds the lease. Call it inside a transaction: nobody else can take it up until its end."""
    if lease.boot_id == boot_id() and lease.pk in _held:
        return False
    if not _postgres():
        return lease.boot_id == boot_id() or _file_is_free(_path(lease.boot_id))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_SPACE, _number(lease)])
        row = cursor.fetchone()
    return bool(row and row[0])


def _number(lease: SendLease) -> int:
    return lease.pk % 2**31


def _path(boot: uuid.UUID) -> Path:
    return Path(settings.DATA_DIR) / "senders" / f"{boot.hex}.lock"


def _lock_own_file() -> None:
    global _file
    if _file is not None:
        return
    path = _path(boot_id())
    path.parent.mkdir(parents=True, exist_ok=True)
    _file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(_file, fcntl.LOCK_EX)


def _file_is_free(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    path.unlink(missing_ok=True)
    return True
