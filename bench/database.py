"""A database of a bench's own on the server that DATABASE_URL names: made for the run, dropped after it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def own_database(name: str, *, keep: bool = False, **more: str) -> Iterator[Path]:
    """Migrated, named by the environment (with `more`) to this process and its children. Gives a folder for data.

    `keep`: one that is there is used again and stays; what filled it then is not filled in twice.
    """
    server = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres")
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    if not (keep and _is_there(server, name)):
        _on(server, drop, f"CREATE DATABASE {name}")
    try:
        with tempfile.TemporaryDirectory() as data:
            os.environ |= {
                "DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}")), "DATA_DIR": data,
                "ENV_FILE": "/dev/null", "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "crm.settings", **more,
            }  # fmt: skip
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            yield Path(data)
    finally:
        if not keep:
            _on(server, drop)


def _is_there(server: str, name: str) -> bool:
    with psycopg.connect(server, autocommit=True) as connection:
        return (
            connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
        )


def _on(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
