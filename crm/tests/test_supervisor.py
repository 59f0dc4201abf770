"""Several processes as one: they end together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from crm.tests.source import ROOT

SLEEPER = "import time; time.sleep(60)"


def supervise(*programs: str) -> subprocess.Popen[str]:
    commands = {f"part{number}": [sys.executable, "-c", program] for number, program in enumerate(programs)}
    code = f"import sys; from crm import supervisor; sys.exit(supervisor.run({commands!r}))"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_one_that_dies_ends_the_others_with_status_1():
    start = time.monotonic()
    process = supervise(SLEEPER, "raise SystemExit(7)")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "part1 ended with status 7" in said
    assert time.monotonic() - start < 15


def test_a_stop_on_request_ends_all_with_status_0():
    process = supervise(SLEEPER, SLEEPER)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0
