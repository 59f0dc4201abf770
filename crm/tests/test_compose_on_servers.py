"""The commands and health checks of docker-compose.yml, run here against PostgreSQL and Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from crm.tests.source import ROOT
from crm.tests.test_compose import OURS, SERVICES, seconds
from crm.tests.test_embedded import free_port

BIN = str(Path(sys.executable).parent)


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of the file, with its host names replaced by servers that are here."""
    server = urlsplit(os.environ["DATABASE_URL"])
    name = f"headwater_compose_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server.geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    given = {
        var: value for var, value in SERVICES["web"]["environment"].items() if not value.startswith("${")
    } | {
        "DATABASE_URL": server._replace(path=f"/{name}").geturl(),
        "REDIS_URL": os.environ["REDIS_URL"],
        "DATA_DIR": str(tmp_path_factory.mktemp("compose")),
        "BIND": f"127.0.0.1:{free_port()}",
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ENV_FILE": "/dev/null",
    }
    yield given
    with psycopg.connect(server.geturl(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def healthy(name: str, environ: dict[str, str]) -> bool:
    check = SERVICES[name]["healthcheck"]["test"]
    assert check[0] == "CMD"
    return subprocess.run(check[1:], cwd=ROOT, env=environ, capture_output=True, timeout=30).returncode == 0


def test_every_part_starts_becomes_healthy_and_ends_in_its_time(environ):
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in OURS:
            running[name] = subprocess.Popen(
                SERVICES[name]["command"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
            )
            if name == "web":
                assert not healthy("worker", environ)  # a check that cannot fail checks nothing
                wait_for("web", environ)
        for name in OURS:
            wait_for(name, environ)
        for name in reversed(OURS):
            start = time.monotonic()
            running[name].send_signal(signal.SIGTERM)
            running[name].wait(seconds(SERVICES[name]["stop_grace_period"]))
            assert time.monotonic() - start < seconds(SERVICES[name]["stop_grace_period"])
        assert not healthy("web", environ)
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
            process.wait()


def wait_for(name: str, environ: dict[str, str]) -> None:
    end = time.monotonic() + seconds(SERVICES[name]["healthcheck"]["start_period"])
    while not healthy(name, environ):
        assert time.monotonic() < end, f"{name} did not become healthy"
