"""A file of 1 GB goes out of a real web process in little memory and without a database connection (RELIABILITY X5)."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from campaigns.models import Asset, AssetKind
from crm.tests.storm import ROOT, free_port
from leads import tokens
from leads.tests.builders import a_page, submitted

GIGABYTE = 1024**3
MOST_MB = 100


@contextmanager
def web(folder: Path) -> Iterator[tuple[int, int]]:
    """One gunicorn process on this test's database: its port and the id of the process that answers."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")} | {
        "DATA_DIR": str(folder), "DATABASE_URL": database_url(), "SECRET_KEY": django_settings.SECRET_KEY,
        "ENV_FILE": "/dev/null", "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1",
    }  # fmt: skip
    with open(folder / "web.log", "ab") as log:
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield port, answering(process, port, folder / "web.log")
    finally:
        process.terminate()
        process.wait(40)


def database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def answering(process: subprocess.Popen, port: int, log: Path) -> int:
    """The worker's id, once it answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with ask(port, "GET", "/healthz") as answer:
                assert answer.status == 200
            return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@contextmanager
def ask(port: int, method: str, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        asked.request(method, path, headers={"Connection": "close", **headers})
        with asked.getresponse() as answer:
            yield answer
    finally:
        asked.close()


def megabytes(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def read_all(answer: http.client.HTTPResponse) -> int:
    """How many bytes came; no more of them is held here than a piece."""
    count = 0
    while piece := answer.read(1024 * 1024):
        count += len(piece)
    return count


@pytest.fixture
def link(transactional_db, tmp_path) -> str:
    """A form about a file of 1 GB, which takes no room on the disk."""
    (tmp_path / "media" / "assets").mkdir(parents=True)
    with open(tmp_path / "media" / "assets" / "large.bin", "wb") as large:
        large.truncate(GIGABYTE)
    kind = AssetKind.objects.get(slug="video")
    asset = Asset.objects.create(title="Long", slug="long", kind=kind, file="assets/large.bin", gated=True)
    return f"/d/{tokens.download_token(submitted(a_page(asset=asset)).submission.pk)}/"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.any_database
@pytest.mark.parametrize("part", [{}, {"Range": f"bytes=1-{GIGABYTE - 1}"}], ids=["whole", "part"])
def test_a_gigabyte_goes_out_in_little_memory(link, tmp_path, part):
    with web(tmp_path) as (port, worker):
        with ask(port, "HEAD", link) as answer:
            assert answer.headers["Content-Length"] == str(GIGABYTE)
        before = megabytes(worker, "VmRSS")
        with ask(port, "GET", link, **part) as answer:
            came = read_all(answer)
        more = megabytes(worker, "VmHWM") - before
    assert came == GIGABYTE - len(part)
    assert more < MOST_MB


def test_no_database_connection_is_held_while_bytes_go_out(link, tmp_path, settings, client):
    settings.MEDIA_ROOT = tmp_path / "media"
    answer = client.get(link, headers={"Range": "bytes=0-99"})
    assert answer.status_code == 206
    assert connection.connection is None
    assert len(b"".join(answer.streaming_content)) == 100
