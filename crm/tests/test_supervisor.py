"""Several processes as one: they end together, and those that may are started again first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from crm import supervisor
from crm.tests.source import ROOT

SLEEPER = "import time; time.sleep(60)"


def supervise(*programs: str, again: tuple[str, ...] = (), first_pause: float = 1.0) -> subprocess.Popen[str]:
    commands = {f"part{number}": [sys.executable, "-c", program] for number, program in enumerate(programs)}
    code = f"""
import sys
from crm import supervisor
supervisor.FIRST_PAUSE = {first_pause}
sys.exit(supervisor.run({commands!r}, again={again!r}))
"""
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def noting(starts: Path, then: str) -> str:
    """A program that writes its process id as a line of the file, and does that."""
    return f"import os\nwith open({str(starts)!r}, 'a') as file: file.write(f'{{os.getpid()}}\\n')\n{then}"


def process_ids(starts: Path, number: int) -> list[int]:
    """The first so many starts, waited for."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        lines = starts.read_text().splitlines() if starts.exists() else []
        if len(lines) >= number:
            return [int(line) for line in lines]
        time.sleep(0.05)
    raise AssertionError(f"not started {number} times within 20 s")


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


def test_a_part_that_may_is_started_again_when_it_is_killed_and_the_others_run_on(tmp_path):
    other, worker = tmp_path / "other", tmp_path / "worker"
    process = supervise(noting(other, SLEEPER), noting(worker, SLEEPER), again=("part1",))
    first = process_ids(worker, 1)[0]
    process_ids(other, 1)
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    second = process_ids(worker, 2)[1]
    assert time.monotonic() - killed > 0.9
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said == "part1 ended with status -9; starting it again in 1 s.\n"
    assert len(process_ids(other, 1)) == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in (first, second))


def test_a_part_that_ends_five_times_within_a_minute_ends_all_after_longer_and_longer_pauses(tmp_path):
    starts = tmp_path / "starts"
    process = supervise(SLEEPER, noting(starts, "raise SystemExit(3)"), again=("part1",), first_pause=0.1)
    _, said = process.communicate(timeout=40)
    assert process.returncode == 1
    assert len(process_ids(starts, 5)) == 5
    assert [line.rpartition(" in ")[2] for line in said.splitlines()[:4]] == [
        "0.1 s.",
        "0.2 s.",
        "0.4 s.",
        "0.8 s.",
    ]
    assert said.splitlines()[4] == "part1 ended with status 3; stopping the others."


def test_ends_long_ago_do_not_count(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now[0])
    part = supervisor.Part("worker", [sys.executable, "-c", ""], dict(os.environ), again=True)
    for _ in range(12):
        assert part.look_after()
        assert part.process is not None
        part.process.wait(20)
        now[0] += supervisor.WITHIN_SECONDS
        assert part.look_after()
        assert part.start_at == now[0] + supervisor.FIRST_PAUSE
        now[0] = part.start_at
