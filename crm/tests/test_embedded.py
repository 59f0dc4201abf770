"""The embedded mode as a user runs it: one process, SQLite, no broker (N11, O2)."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm.tests.source import ROOT


class House:
    """A data folder and the processes started on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environ = {**kept, "ENV_FILE": "/dev/null", "DATA_DIR": str(folder)}

    def start(self, *command: str, **environ: str) -> subprocess.Popen[str]:
        with open(self.folder / f"log{len(self.started)}", "w") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**self.environ, **environ}, stdout=log, stderr=log, text=True
            )
        self.started.append(process)
        return process

    def serve(self) -> tuple[subprocess.Popen[str], int]:
        port = free_port()
        process = self.start(sys.executable, "manage.py", "serve_embedded", "--port", str(port))
        until(lambda: answers(port) or process.poll() is not None, 40)
        return process, port

    def log(self, number: int = -1) -> str:
        return (self.folder / f"log{number % len(self.started)}").read_text()

    def query(self, sql: str) -> list[tuple]:
        with sqlite3.connect(self.folder / "headwater.sqlite3", timeout=20) as connection:
            return connection.execute(sql).fetchall()

    def holder(self) -> str:
        return next((row[0] for row in self.query("select holder from crm_dispatcherlease")), "")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def until(true: Callable[[], object], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One migrated house for the file; each test starts and ends its own processes."""
    house = House(tmp_path_factory.mktemp("house"))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=house.environ, check=True, timeout=120
    )
    yield house


@pytest.fixture(autouse=True)
def all_ended(house: House) -> Iterator[None]:
    yield
    for process in house.started:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_one_process_serves_and_works_and_stops_clean(house):
    process, _port = house.serve()
    assert until(lambda: house.query("select * from crm_jobrun where name = 'deliver'"), 15), house.log()
    assert house.query("select name, error from crm_jobrun where state = 'failed'") == []
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert time.monotonic() - start < 15
    assert house.holder() == ""
    assert "Traceback" not in house.log()


def test_a_second_embedded_worker_is_refused_with_one_line(house):
    house.serve()
    second = house.start(sys.executable, "manage.py", "worker")
    assert second.wait(30) == 1
    assert house.log().count("\n") == 1
    assert "already serves this database" in house.log()


def test_after_kill_9_the_next_process_works_at_once(house):
    process, _port = house.serve()
    assert until(house.holder, 15)
    before = house.holder()
    process.kill()
    process.wait()
    start = time.monotonic()
    house.serve()
    assert until(lambda: house.holder() not in ("", before), 20), house.log()
    assert time.monotonic() - start < 20  # and not the 30 s of the dead lease
    assert house.query("pragma integrity_check") == [("ok",)]


def test_web_processes_beside_the_worker_are_allowed_and_do_not_dispatch(house):
    before = house.holder()  # the test before killed it
    house.start(sys.executable, "manage.py", "worker")
    assert until(lambda: house.holder() not in ("", before), 40), house.log()
    holder = house.holder()
    ports = [free_port() for _ in range(2)]
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    for port in ports:
        house.start(gunicorn, "--bind", f"127.0.0.1:{port}", WEB_CONCURRENCY="2")
    assert until(lambda: all(map(answers, ports)), 40), house.log()
    assert house.holder() == holder


def test_a_port_in_use_is_one_line(house):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = house.start(sys.executable, "manage.py", "serve_embedded", "--port", port)
        assert process.wait(30) == 1
    assert house.log().startswith(f"Cannot listen on 127.0.0.1:{port}") and house.log().count("\n") == 1
