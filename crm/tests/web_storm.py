"""A real web server over a database of its own, for tests that crowd it, kill it and cut its wires.

SQLite; in the run of the suite that names servers PostgreSQL and Redis, each behind a relay that can be cut.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import redis

from bench.between import Relay
from crm.environment import redis_beside
from crm.tests.storm import ROOT, SERVERS, free_port, fresh_broker, fresh_database

FORM = {"first_name": "Mira", "company": "Brackwerk Paper", "consent": "on", "website": ""}
HEAD = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Mozilla/5.0 Firefox/139.0"}


@dataclass
class Answer:
    """What came back; status 0 where the wire was cut."""

    status: int
    head: dict[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 0.0

    @property
    def shape(self) -> tuple[int, int, tuple[str, ...]]:
        """What a stranger could compare."""
        return self.status, len(self.body), tuple(sorted(self.head))


@dataclass
class Web:
    """The server, its environment, and the relays before its database and its Redis."""

    environment: dict[str, str]
    port: int
    database: str
    redis: Relay | None = None
    postgres: Relay | None = None
    nonce: str = ""
    process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        return Path(self.environment["DATA_DIR"]) / "web.log"

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--threads", "4"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=log, stderr=log
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError, HTTPException):
                if self.get("/healthz").status == 200:
                    return
            time.sleep(0.2)
        raise AssertionError(self.log.read_text()[-3000:])

    def stop(self, signum: int = signal.SIGTERM) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signum)
            self.process.wait(30)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, email: str, number: int = 0, forwarded: str = "", **typed: str) -> Answer:
        """One form, from a client address of its own."""
        body = urlencode({**FORM, "email": email, "nonce": self.nonce, **typed})
        client = forwarded or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        try:
            return self._ask("POST", "/p/paper/?utm_source=x", body, {**HEAD, "X-Forwarded-For": client})
        except (OSError, HTTPException):
            return Answer(0)

    def at_once(self, emails: Sequence[str], threads: int) -> list[Answer]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda pair: self.post(pair[1], pair[0]), enumerate(emails)))

    def _ask(self, method: str, path: str, body: str = "", head: dict[str, str] | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        start = time.monotonic()
        try:
            connection.request(method, path, body or None, head or {})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        return Answer(answer.status, dict(answer.getheaders()), text, time.monotonic() - start)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        if SERVERS:
            with psycopg.connect(self.database) as connection:
                return connection.execute(sql).fetchall()
        with sqlite3.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def count(self, table: str) -> int:
        return self.rows(f"SELECT count(*) FROM {table}")[0][0]


@contextmanager
def web(folder: Path) -> Iterator[Web]:
    """A migrated database with one page, served; the form was shown long enough ago for a human."""
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    port = free_port()
    environment = {
        **kept, "DATA_DIR": str(folder), "ENV_FILE": str(folder / "none"), "BIND": f"127.0.0.1:{port}",
        "BASE_URL": f"http://127.0.0.1:{port}", "TRUSTED_PROXIES": "127.0.0.1/32", "LOG_LEVEL": "ERROR",
        "FORMS_PER_ADDRESS": "30",
    }  # fmt: skip
    made = Web(environment, port, str(folder / "db.sqlite3"))
    if SERVERS:
        made.database, store = fresh_database(), urlsplit(fresh_broker())
        _forget_limits(store.geturl())
        parts = urlsplit(made.database)
        made.redis = Relay((store.hostname or "127.0.0.1", store.port or 6379))
        made.postgres = Relay((parts.hostname or "127.0.0.1", parts.port or 5432))
        user = parts.netloc.rpartition("@")[0]
        near = parts._replace(netloc=f"{user}@127.0.0.1:{made.postgres.port}")
        environment |= {
            "DATABASE_URL": near.geturl(),
            "REDIS_URL": f"redis://127.0.0.1:{made.redis.port}{store.path}",
        }
    _run(environment, "manage.py", "migrate", "-v0")
    _run(environment, "manage.py", "collectstatic", "--noinput", "-v0")
    made.nonce = _run(environment, "-m", "crm.tests.form_world").strip()
    if not SERVERS:
        made.database = str(next(folder.glob("*.sqlite3")))
    try:
        made.start()
        time.sleep(3)
        yield made
    finally:
        made.stop(signal.SIGKILL)


def _forget_limits(broker: str) -> None:
    """What an earlier storm counted: its visitors had the same addresses."""
    with redis.Redis.from_url(redis_beside(broker)) as limits:
        for key in limits.scan_iter("limit:*"):
            limits.delete(key)


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def send_half(web: Web) -> bytes:
    """A visitor whose wire is cut in the middle of the form: what the server says to that."""
    body = urlencode({**FORM, "email": "half@brackwerk.example", "nonce": web.nonce})
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as wire:
        head = f"POST /p/paper/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nContent-Length: {len(body)}\r\n"
        wire.sendall(f"{head}Content-Type: {HEAD['Content-Type']}\r\n\r\n{body[:60]}".encode())
        wire.shutdown(socket.SHUT_WR)
        return wire.recv(65536)
