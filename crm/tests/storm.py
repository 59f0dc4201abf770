"""Real processes around one ledger and a real mail sink, for tests that kill, stop and crowd the senders.

SQLite with the embedded worker; in the run of the suite that names servers (DATABASE_URL and REDIS_URL)
PostgreSQL, Redis and Celery.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]
SERVERS = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


# Which of the suite's processes this is: each has a database and a broker number of its own.
TURN = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


class Sink:
    """Counts what arrived, by address and Message-ID, after the whole mail has been taken."""

    def __init__(self) -> None:
        self.arrived: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        lines = envelope.content.decode().split("\r\n\r\n")[0].split("\r\n")
        message_id = next(line for line in lines if line.lower().startswith("message-id:")).split(" ", 1)[1]
        with self.lock:
            self.arrived[(envelope.rcpt_tos[0], message_id.strip())] += 1
        return "250 taken"

    def wait_for(self, number: int, seconds: float) -> None:
        end = time.monotonic() + seconds
        while len(self.arrived) < number and time.monotonic() < end:
            time.sleep(0.005)
        assert len(self.arrived) >= number, f"only {len(self.arrived)} mails arrived in {seconds} s"


@dataclass
class Stack:
    """How one mode is started, and the environment of all its processes."""

    command: list[str]
    environment: dict[str, str]
    slots: int

    @property
    def log(self) -> Path:
        return Path(self.environment["DATA_DIR"]) / "worker.log"

    def start(self) -> subprocess.Popen:
        with open(self.log, "ab") as log:
            return subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=log, stderr=log
            )

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def states(self) -> dict[str, list[str]]:
        return json.loads(self.run("-m", "crm.tests.due_mails", "report"))


def kill(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def fresh_database() -> str:
    """A database of this test's own beside the one of DATABASE_URL, made anew."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"{parts.path.strip('/')}_killed_{TURN}"
    with psycopg.connect(parts._replace(path="/postgres", query="").geturl(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return parts._replace(path=f"/{name}", query="").geturl()


def fresh_broker() -> str:
    """Another number of the same Redis, emptied: other tests use theirs at this moment."""
    parts = urlsplit(os.environ["REDIS_URL"])
    url = parts._replace(path=f"/{(int(parts.path.strip('/') or 0) + 2 + TURN) % 16}").geturl()
    with redis.Redis.from_url(url) as broker:
        broker.flushdb()
    return url


def stack_of(folder: Path, port: int) -> Stack:
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    environment = {
        **kept,
        "DATA_DIR": str(folder),
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "ENV_FILE": str(folder / "none"),
    }
    if not SERVERS:
        return Stack([sys.executable, "manage.py", "worker"], environment, slots=1)
    environment |= {"DATABASE_URL": fresh_database(), "REDIS_URL": fresh_broker()}
    celery = [sys.executable, "-m", "celery", "-A", "crm", "worker", "-B", "-s", str(folder / "beat")]
    return Stack([*celery, "-Q", "jobs,mail,bulk", "-c", "2", "--loglevel", "ERROR"], environment, slots=2)


@contextmanager
def mail_sink() -> Iterator[Sink]:
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the sink would tell every line of its dialogue
    made = Sink()
    made.controller.start()
    try:
        yield made
    finally:
        made.controller.stop()


def seeded(folder: Path, sink: Sink, mails: int) -> Stack:
    """A fresh database with that many due mails, and how to start its worker."""
    stack = stack_of(folder, sink.port)
    stack.run("manage.py", "migrate", "-v0")
    stack.run("-m", "crm.tests.due_mails", "seed", str(mails))
    return stack
