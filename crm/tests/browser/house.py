"""The product as it runs for its users: real processes, a real browser's address, and a mailbox to read.

`embedded` is one process on SQLite. `production` is gunicorn, a Celery worker and beat against PostgreSQL and Redis,
with an SMTP sink, where TEST_DATABASE_URL and TEST_REDIS_URL name servers.
"""

from __future__ import annotations

import email
import email.policy
import json
import mailbox
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[3]
MODES = ["embedded"] + ["production"] * bool(
    os.environ.get("TEST_DATABASE_URL") and os.environ.get("TEST_REDIS_URL")
)
READY_SECONDS = 60


class House:
    """A running installation of its own: address, environment, processes, mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.teller: subprocess.Popen[bytes] | None = None
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "DATABASE_"))
        }
        self.env |= {
            "DATA_DIR": str(folder),
            "BASE_URL": self.url,
            "ENV_FILE": os.devnull,
            "PYTHONUNBUFFERED": "1",
            "INBOX_URL": f"maildir:{folder / 'inbox'}",
        }
        self.inbox = mailbox.Maildir(folder / "inbox", create=True)
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
            self.env.pop(name, None)

    def start(self, name: str, *command: str) -> None:
        """Start a process in a group of its own; its output goes to a file beside the data."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        if self.teller is not None:
            self.teller.communicate(timeout=40)  # it ends where nobody asks any more
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    def run(self, *command: str, timeout: float = 120) -> str:
        """Run a Python command to its end in this house; returns its output, raises with it where it fails."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if done.returncode:
            raise AssertionError(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done.stdout

    def tell(self, word: str, *args: str) -> Any:
        """Ask the world for something a visitor cannot do. One process answers all: a line of JSON for a line."""
        if self.teller is None:
            with (self.folder / "teller.log").open("ab") as log:
                self.teller = subprocess.Popen(
                    [sys.executable, "-m", "crm.tests.browser.teller"],
                    cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                )  # fmt: skip
        assert self.teller.stdin and self.teller.stdout
        self.teller.stdin.write(json.dumps([word, *args]).encode() + b"\n")
        self.teller.stdin.flush()
        line = self.teller.stdout.readline()
        answer = json.loads(line) if line else {"failed": (self.folder / "teller.log").read_text()[-2000:]}
        if "failed" in answer:
            raise AssertionError(f"{word} {args} failed:\n{answer['failed']}")
        return answer["told"]

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        logs = "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))
        raise AssertionError(f"not ready after {READY_SECONDS} s:\n{logs}")

    def comes_in(self, mail: EmailMessage) -> None:
        """Somebody's mail to our mailbox; it is fetched now, not at the job's next minute."""
        self.inbox.add(mail)
        self.tell("fetch")

    def mails(self) -> list[EmailMessage]:
        """All mails so far, oldest first."""
        folder = self.folder / "mail"
        if not folder.exists():
            return []
        kept = mailbox.Maildir(folder, create=False)
        texts = [kept.get_bytes(key) for key in kept.iterkeys()]
        found = [email.message_from_bytes(text, policy=email.policy.default) for text in texts]
        return sorted(found, key=lambda mail: mail["Date"].datetime)


class ProductionHouse(House):
    """The same, with an SMTP sink instead of a mail folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.sink = Sink()
        self.env |= {
            "DATABASE_URL": fresh_database(os.environ["TEST_DATABASE_URL"]),
            "REDIS_URL": fresh_redis(os.environ["TEST_REDIS_URL"]),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
        }

    def mails(self) -> list[EmailMessage]:
        return list(self.sink.mails)

    def stop(self) -> None:
        super().stop()
        self.sink.controller.stop()


class Sink:
    """A mail server that takes everything and remembers it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 kept"


@contextmanager
def open_house(mode: str, folder: Path) -> Iterator[House]:
    """Start everything, make the world of the story, give the house, stop everything."""
    house = ProductionHouse(folder) if mode == "production" else House(folder)
    try:
        house.run("manage.py", "migrate", "--verbosity", "0", timeout=600)
        house.tell("make")
        if mode == "production":
            house.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
            house.start(
                "web", "-m", "gunicorn", "crm.wsgi", "--bind", f"127.0.0.1:{house.port}", "--threads", "4"
            )
            house.start("worker", "-m", "celery", "-A", "crm", "worker", "-Q", "jobs,mail,bulk", "-c", "2")
            house.start("beat", "-m", "celery", "-A", "crm", "beat")
        else:
            house.start("web", "manage.py", "serve_embedded", "--port", str(house.port))
        house.wait_until_ready()
        yield house
    finally:
        house.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fresh_database(url: str) -> str:
    """An empty database beside the one of the tests; returns its address."""
    parts = urlsplit(url)
    name = f"{parts.path.strip('/')}_story"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(parts._replace(path=f"/{name}"))


def fresh_redis(url: str) -> str:
    redis.Redis.from_url(url).flushdb()
    return url
