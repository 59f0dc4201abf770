"""Killing the worker with -9 in the middle of 500 due mails (docs/sending.md)."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

import pytest

from crm.tests.storm import SERVERS, Sink, Stack, kill, mail_sink, seeded

MAILS = 500
KILL_AT = (90, 210, 350)  # mails that have arrived


@pytest.fixture
def sink():
    with mail_sink() as made:
        yield made


def test_killed_in_the_middle_nobody_gets_a_mail_twice_and_none_is_lost(sink, tmp_path):
    stack = seeded(tmp_path, sink, MAILS)
    for number in KILL_AT:
        worker = stack.start()
        try:
            sink.wait_for(number, 60)
        finally:
            kill(worker)
    at_last_kill = len(sink.arrived)
    worker, restarted = stack.start(), time.monotonic()
    try:
        seconds = until_quiet(stack, restarted)
    finally:
        kill(worker)
    judge(stack, sink, at_last_kill, seconds)


def until_quiet(stack: Stack, since: float) -> float:
    """Seconds until no mail waits or is being sent any more."""
    while time.monotonic() < since + 60:
        time.sleep(0.5)
        if {"scheduled", "sending"}.isdisjoint(state for state, _ in stack.states().values()):
            return time.monotonic() - since
    waiting = Counter(state for state, _ in stack.states().values())
    raise AssertionError(f"mails still wait: {waiting}; the worker said: {stack.log.read_text()[-2000:]}")


def judge(stack: Stack, sink: Sink, at_last_kill: int, seconds: float) -> None:
    rows = stack.states()
    by_state = Counter(state for state, _ in rows.values())
    arrived = {address for address, _ in sink.arrived}
    doubtful = {address for address, (state, _) in rows.items() if state == "unknown"}
    figures = {
        "mode": "PostgreSQL, Redis, Celery" if SERVERS else "SQLite, embedded",
        "kills": len(KILL_AT),
        "slots": stack.slots,
        **by_state,
        "arrived": len(arrived),
        "twice": sum(number - 1 for number in sink.arrived.values()),
        "unknown_that_arrived": len(doubtful & arrived),
        "arrived_at_last_kill": at_last_kill,
        "seconds_after_restart": round(seconds, 1),
    }
    sys.stdout.write(f"\n{json.dumps(figures)}\n")
    assert max(Counter(address for address, _ in sink.arrived.elements()).values()) == 1
    assert at_last_kill < MAILS - 50, "the last kill came too late to be in the middle"
    assert set(rows) - arrived <= doubtful, "a mail is lost"
    assert {address for address, (state, _) in rows.items() if state == "sent"} <= arrived
    assert by_state["sent"] + by_state["unknown"] == MAILS
    assert by_state["unknown"] <= len(KILL_AT) * stack.slots
    assert {(address, message_id) for address, (_, message_id) in rows.items()} >= set(sink.arrived)
    assert seconds < 30
