"""Processes of a bench: started, stopped by their own number, and what CPU they and the database spent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent
# The web server as it runs in production.
WEB_SERVER = [
    sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--threads", "4", "--log-level", "error",
]  # fmt: skip


def _fields(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(pid: int) -> list[str]:
    """A process and everything below it."""
    children: dict[str, list[str]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            children.setdefault(_fields(name)[1], []).append(name)
        except OSError:
            continue
    found, todo = [], [str(pid)]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def sessions_of(database: str) -> list[str]:
    """The server processes of PostgreSQL that serve this database."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{name}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if words.startswith("postgres:") and f" {database} " in words:
            found.append(name)
    return found


def cpu_seconds(processes: dict) -> dict[str, float]:
    """CPU seconds so far of the web processes below ``web`` and of the sessions on ``database``."""
    return {
        "web": sum(map(_cpu, tree(processes["web"]))),
        "database": sum(map(_cpu, sessions_of(processes["database"]))),
    }


def _cpu(pid: str) -> float:
    try:
        return sum(int(value) for value in _fields(pid)[11:13]) / TICKS
    except OSError:
        return 0.0


def memory_mb(pid: int) -> float:
    """Memory of a process and those below it, shared pages counted once (proportional set size), in MB."""
    total = 0
    for each in tree(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(total / 1024, 1)


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str], log: Path, port: int
) -> Iterator[subprocess.Popen]:
    """A server that answers on ``port``; ended with everything below it."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for(port, process, log)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(port: int, process: subprocess.Popen, log: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The server on port {port} does not answer:\n{log.read_text()[-2000:]}")
