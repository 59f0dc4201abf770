"""Killing the worker with -9 in the middle of 500 due mails (docs/nurture.md).

Real processes, a real mail sink: SQLite with the embedded worker, and in the run of the suite that names servers
(DATABASE_URL and REDIS_URL) PostgreSQL, Redis and Celery.
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
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]
MAILS = 500
KILL_AT = (90, 210, 350)  # mails that have arrived
SERVERS = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


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
    name = f"{parts.path.strip('/')}_killed"
    with psycopg.connect(parts._replace(path="/postgres", query="").geturl(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return parts._replace(path=f"/{name}", query="").geturl()


def fresh_broker() -> str:
    """Another number of the same Redis, emptied: other tests use theirs at this moment."""
    parts = urlsplit(os.environ["REDIS_URL"])
    url = parts._replace(path=f"/{(int(parts.path.strip('/') or 0) + 2) % 16}").geturl()
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


@pytest.fixture
def sink():
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the sink would tell every line of its dialogue
    made = Sink()
    made.controller.start()
    yield made
    made.controller.stop()


def test_killed_in_the_middle_nobody_gets_a_mail_twice_and_none_is_lost(sink, tmp_path):
    stack = stack_of(tmp_path, sink.port)
    stack.run("manage.py", "migrate", "-v0")
    stack.run("-m", "crm.tests.due_mails", "seed", str(MAILS))
    for number in KILL_AT:
        worker = stack.start()
        try:
            sink.wait_for(number, 60)
        finally:
            kill(worker)
    at_last_kill = len(sink.arrived)
    worker, restarted = stack.start(), time.monotonic()
    try:
        seconds = until_quiet(stack, restarted)
    finally:
        kill(worker)
    judge(stack, sink, at_last_kill, seconds)


def until_quiet(stack: Stack, since: float) -> float:
    """Seconds until no mail waits or is being sent any more."""
    while time.monotonic() < since + 60:
        time.sleep(0.5)
        if {"scheduled", "sending"}.isdisjoint(state for state, _ in stack.states().values()):
            return time.monotonic() - since
    waiting = Counter(state for state, _ in stack.states().values())
    raise AssertionError(f"mails still wait: {waiting}; the worker said: {stack.log.read_text()[-2000:]}")


def judge(stack: Stack, sink: Sink, at_last_kill: int, seconds: float) -> None:
    rows = stack.states()
    by_state = Counter(state for state, _ in rows.values())
    arrived = {address for address, _ in sink.arrived}
    doubtful = {address for address, (state, _) in rows.items() if state == "unknown"}
    figures = {
        "mode": "PostgreSQL, Redis, Celery" if SERVERS else "SQLite, embedded",
        "kills": len(KILL_AT),
        "slots": stack.slots,
        **by_state,
        "arrived": len(arrived),
        "twice": sum(number - 1 for number in sink.arrived.values()),
        "unknown_that_arrived": len(doubtful & arrived),
        "arrived_at_last_kill": at_last_kill,
        "seconds_after_restart": round(seconds, 1),
    }
    sys.stdout.write(f"\n{json.dumps(figures)}\n")
    assert max(Counter(address for address, _ in sink.arrived.elements()).values()) == 1
    assert at_last_kill < MAILS - 50, "the last kill came too late to be in the middle"
    assert set(rows) - arrived <= doubtful, "a mail is lost"
    assert {address for address, (state, _) in rows.items() if state == "sent"} <= arrived
    assert by_state["sent"] + by_state["unknown"] == MAILS
    assert by_state["unknown"] <= len(KILL_AT) * stack.slots
    assert {(address, message_id) for address, (_, message_id) in rows.items()} >= set(sink.arrived)
    assert seconds < 30
