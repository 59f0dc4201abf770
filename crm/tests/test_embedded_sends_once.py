"""The embedded worker beside four web processes, on one SQLite file: one dispatcher, each mail once (N11)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm.tests.storm import ROOT, SERVERS, Stack, free_port, kill, mail_sink, seeded

pytestmark = pytest.mark.skipif(SERVERS, reason="the embedded mode is run on SQLite")
MAILS = 100


def web(stack: Stack, port: int) -> subprocess.Popen:
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    command = [gunicorn, "--bind", f"127.0.0.1:{port}"]
    with open(stack.log, "ab") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=stack.environment | {"WEB_CONCURRENCY": "2"},
            start_new_session=True,
            stdout=log,
            stderr=log,
        )


def test_a_worker_four_web_processes_and_a_sender_by_hand_send_each_mail_once(tmp_path):
    with mail_sink() as sink, ExitStack() as ends:
        stack = seeded(tmp_path, sink, MAILS)
        for process in (stack.start(), web(stack, free_port()), web(stack, free_port())):
            ends.callback(kill, process)
        sink.wait_for(10, 60)
        stack.run("manage.py", "nurture", "--once")
        sink.wait_for(MAILS, 60)
        states = Counter(state for state, _ in stack.states().values())
    assert (len(sink.arrived), set(sink.arrived.values())) == (MAILS, {1})
    assert set(states) <= {"sent", "sending"}
