"""Each kind of wrong DATABASE_URL, at each door: one line (a line for each try), status 1."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crm.database import is_final
from crm.tests.source import ROOT

BIN = Path(sys.executable).parent
DOORS = {
    "migrate": [sys.executable, "manage.py", "migrate"],
    "worker": [sys.executable, "manage.py", "worker"],
    "serve": [sys.executable, "manage.py", "serve"],
    "gunicorn": [str(BIN / "gunicorn"), "--bind", "127.0.0.1:0"],
    "celery worker": [str(BIN / "celery"), "-A", "crm", "worker", "--pool", "solo"],
    "celery beat": [str(BIN / "celery"), "-A", "crm", "beat", "--pidfile", ""],
}


REDIS = "redis://127.0.0.1:1/0"  # nobody is there, and nobody may be asked before the database


def start(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # Celery warns of root, which tests in a container are; that is not what is looked at here.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = {
        **kept,
        "PYTHONWARNINGS": "ignore",
        "ENV_FILE": "/dev/null",
        "DATA_DIR": str(folder),
        "DATABASE_WAIT": "1",
        "REDIS_URL": REDIS,
        **variables,
    }
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)


def lines(ended: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in ended.stderr.splitlines() if line.strip()]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes the connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(20)
        yield listener.getsockname()[1]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("url", ["postgres://localhost:port/crm", "mysql://localhost/crm"])
def test_a_malformed_address_or_an_unknown_scheme_is_one_line(door, url, tmp_path):
    ended = start(DOORS[door], tmp_path, DATABASE_URL=url)
    assert ended.returncode == 1
    assert lines(ended) == [
        f"DATABASE_URL='{url}' makes no sense. "
        "Allowed: postgres://user:password@host:5432/database or sqlite:///path/to/file."
    ]


@pytest.mark.parametrize("door", DOORS)
def test_a_server_that_refuses_is_tried_again_with_a_line_each(door, tmp_path, closed_port):
    ended = start(DOORS[door], tmp_path, DATABASE_URL=f"postgres://crm@127.0.0.1:{closed_port}/crm")
    assert ended.returncode == 1
    assert len(lines(ended)) >= 2
    assert all(line.startswith("DATABASE_URL: ") for line in lines(ended))
    assert "gave up" in lines(ended)[-1] and "after 1 s" in lines(ended)[-1]


def test_a_server_that_does_not_answer_is_a_line_a_try(tmp_path, silent_port):
    url = f"postgres://crm@127.0.0.1:{silent_port}/crm?connect_timeout=2"
    ended = start(DOORS["migrate"], tmp_path, DATABASE_URL=url)
    assert ended.returncode == 1
    assert "timeout" in lines(ended)[-1] and len(lines(ended)) <= 3


@pytest.mark.parametrize(
    ("said", "final"),
    [
        ('FATAL: password authentication failed for user "crm"', True),
        ('FATAL: database "crm" does not exist', True),
        ('FATAL: role "crm" does not exist', True),
        ('FATAL: no pg_hba.conf entry for host "10.0.0.1"', True),
        ("fe_sendauth: no password supplied", True),
        ("FATAL: the database system is starting up", False),
        ("FATAL: sorry, too many clients already", False),
        ("connection refused", False),
        ('failed to resolve host "db"', False),
    ],
)
def test_what_trying_again_can_help(said, final):
    assert is_final(said) is final


def test_an_option_that_postgresql_does_not_know_is_one_line(tmp_path, closed_port):
    url = f"postgres://crm@127.0.0.1:{closed_port}/crm?colour=blue"
    ended = start(DOORS["migrate"], tmp_path, DATABASE_URL=url)
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert "colour" in lines(ended)[0]


def test_serve_without_both_addresses_refuses(tmp_path):
    ended = start(DOORS["serve"], tmp_path, REDIS_URL="")
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert lines(ended)[0].startswith("serve needs DATABASE_URL")


def test_celery_without_a_broker_refuses(tmp_path):
    ended = start(DOORS["celery worker"], tmp_path, REDIS_URL="")
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert lines(ended)[0].startswith("REDIS_URL is not set")


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    (tmp_path / "crm.db").write_text(
        "these are not the bytes of a database, and there are many of them " * 20
    )
    ended = start(DOORS["migrate"], tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/crm.db")
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert "not a database" in lines(ended)[0]


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    ended = start(DOORS["migrate"], tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/crm.db")
    assert (ended.returncode, len(lines(ended))) == (1, 1)


def test_a_database_that_has_been_there_and_is_gone_is_not_made_anew(tmp_path):
    assert start(DOORS["migrate"], tmp_path).returncode == 0
    file = tmp_path / "headwater.sqlite3"
    with sqlite3.connect(file) as connection:
        assert connection.execute("select count(*) from crm_user").fetchone() == (0,)
    for made in tmp_path.glob("headwater.sqlite3*"):
        made.unlink()
    ended = start(DOORS["migrate"], tmp_path)
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert "has been there and is gone" in lines(ended)[0]
    assert not file.exists()


def test_psycopg_names_no_code_so_the_text_is_all_there_is(closed_port):
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host="127.0.0.1", port=closed_port, connect_timeout=2)
    assert refused.value.sqlstate is None
