"""Several senders on one ledger at once, and a sender that is asked to stop (docs/sending.md)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter

import pytest

from crm.tests.storm import ROOT, Stack, mail_sink, seeded

MAILS = 120
BY_HAND = [sys.executable, "manage.py", "nurture"]


@pytest.fixture
def sink():
    with mail_sink() as made:
        yield made


def started(stack: Stack, *arguments: str) -> subprocess.Popen:
    command = [*BY_HAND, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=stack.environment, stdout=subprocess.PIPE, text=True)


def test_a_stopped_sender_gives_the_rest_back_and_three_at_once_send_each_of_it_once(sink, tmp_path):
    stack = seeded(tmp_path, sink, MAILS)
    stopped = started(stack)
    sink.wait_for(15, 60)
    stopped.send_signal(signal.SIGTERM)
    stopped.communicate(timeout=25)
    states = Counter(state for state, _ in stack.states().values())
    assert stopped.returncode == 0
    assert set(states) == {"sent", "scheduled"}
    assert states["sent"] == len(sink.arrived)

    running = [started(stack, "--once", "--json") for _ in range(3)]
    counts = [json.loads(process.communicate(timeout=120)[0].splitlines()[-1]) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum(count.get("sent", 0) for count in counts) == states["scheduled"]
    assert (len(sink.arrived), set(sink.arrived.values())) == (MAILS, {1})
    assert {state for state, _ in stack.states().values()} == {"sent"}
