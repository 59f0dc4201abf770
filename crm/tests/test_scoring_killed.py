"""Scoring killed with -9: the rows of one clean run, and each threshold fires once (RELIABILITY R2, R3)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.tests.due_scores import RANGE
from crm.tests.storm import ROOT, SERVERS, Stack, kill, stack_of

LEADS = 200
KILL_BEHIND = (2, 5, 8)  # ranges of the whole


@pytest.fixture
def stack(tmp_path) -> Stack:
    made = stack_of(tmp_path, port=9)  # no mail is sent
    made.run("manage.py", "migrate", "-v0")
    made.run("-m", "crm.tests.due_scores", "seed", str(LEADS))
    return made


def report(stack: Stack) -> dict[str, Any]:
    return json.loads(stack.run("-m", "crm.tests.due_scores", "report"))


class FullRun:
    """A full run that waits after each range, before it notes how far it came. Killed with -9 where it is left."""

    def __init__(self, stack: Stack, at: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crm.tests.due_scores", "run", at],
            cwd=ROOT, env=stack.environment, start_new_session=True, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def __enter__(self) -> FullRun:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            kill(self.process)
        self.stdout.close()
        with suppress(BrokenPipeError):
            self.stdin.close()

    def line(self) -> str:
        """What it says next: a range that is done, or its counts."""
        return self.stdout.readline().strip()

    def go(self) -> None:
        self.stdin.write("\n")
        self.stdin.flush()

    def to_the_end(self) -> tuple[int, dict[str, int]]:
        """Ranges from here on, and the counts of the whole."""
        ranges = 0
        while not (line := self.line()).startswith("done "):
            assert line, "it ended without counts"
            ranges += 1
            self.go()
        return ranges, json.loads(line.removeprefix("done "))


def test_a_full_run_killed_three_times_gives_the_rows_of_one_clean_run(stack):
    at = datetime.now(UTC).isoformat()
    noted = 0
    for behind in KILL_BEHIND:
        with FullRun(stack, at) as run:
            while noted < behind - 1:
                assert run.line()
                run.go()
                noted += 1
            assert run.line()  # told, and not noted: it is done again
    with FullRun(stack, at) as run:
        rest, counts = run.to_the_end()
    killed = report(stack)
    assert rest == LEADS // RANGE - noted, "it began from the front, or left a range out"
    assert (counts["leads"], counts["failed"], counts["skipped"]) == (LEADS, 0, 0)
    assert (len(killed["runs"]), killed["unfinished"], killed["unscored"]) == (1, 0, 0)
    stack.run("-m", "crm.tests.due_scores", "again")
    with FullRun(stack, at) as run:
        assert run.to_the_end()[0] == LEADS // RANGE
    assert report(stack)["rows"] == killed["rows"]
    assert len(killed["qualified"]) == len(set(killed["qualified"])) == -(-LEADS // 3)


def test_of_two_full_runs_one_says_so_and_nobody_is_counted_twice(stack):
    with FullRun(stack, datetime.now(UTC).isoformat()) as run:
        assert run.line()
        refused = subprocess.run(
            [sys.executable, "manage.py", "rescore", "--all"],
            cwd=ROOT, env=stack.environment, capture_output=True, text=True,
        )  # fmt: skip
        run.go()
        counts = run.to_the_end()[1]
    assert refused.returncode == 1
    assert "A full run is at work already" in refused.stderr
    assert counts["leads"] == LEADS


def test_workers_killed_and_doubled_let_each_threshold_fire_once(stack):
    """Two workers with two beats on servers; one embedded worker after the other on SQLite."""
    for done in (5, 30):
        working = started(stack)
        try:
            until(stack, lambda found, done=done: len(found["qualified"]) >= done)
        finally:
            for one in working:
                kill(one)
    working = started(stack)
    try:
        found = until(stack, lambda found: not found["waiting"] and not found["not_handed"])
    finally:
        for one in working:
            kill(one)
    assert found["unscored"] == 0
    assert len(found["qualified"]) == len(set(found["qualified"])) == -(-LEADS // 3)
    assert found["prospects"] == sorted(found["qualified"])


def started(stack: Stack) -> list[subprocess.Popen]:
    if not SERVERS:
        return [stack.start()]
    second = ["-n", "second@%h", "-s", f"{stack.environment['DATA_DIR']}/beat2"]
    return [stack.start(), Stack([*stack.command, *second], stack.environment, 2).start()]


def until(stack: Stack, holds: Any) -> dict[str, Any]:
    end = time.monotonic() + 120
    found: dict[str, Any] = {}
    while time.monotonic() < end:
        found = report(stack)
        if holds(found):
            return found
        time.sleep(0.2)
    told = {name: value for name, value in found.items() if name not in ("rows",)}
    raise AssertionError(f"it did not come to that: {told}; {stack.log.read_text()[-2000:]}")
