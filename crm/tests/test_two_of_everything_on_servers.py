"""Two beats, two workers, and every tick enqueued fifty times more: one message each (RELIABILITY N10)."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from celery import Celery

from crm.schedule import BY_NAME
from crm.tests.storm import Stack, kill, mail_sink, stack_of

PEOPLE = 150
TICKS = 50


@pytest.fixture
def sink():
    with mail_sink() as made:
        yield made


def enqueue(stack: Stack) -> None:
    broker = Celery(broker=stack.environment["REDIS_URL"])
    with broker.connection_for_write() as connection:
        for _ in range(TICKS):
            for name in ("advance", "deliver"):
                queue = BY_NAME[name].queue
                broker.send_task("crm.run_job", args=[name], queue=queue, connection=connection)
            broker.send_task("crm.tick", queue="jobs", connection=connection)


def until_sent(stack: Stack) -> Counter[str]:
    end = time.monotonic() + 90
    states: Counter[str] = Counter()
    while time.monotonic() < end:
        states = Counter(state for state, _ in stack.states().values())
        if states["sent"] == PEOPLE:
            break
        time.sleep(1)
    return states


def test_everybody_gets_one_message_whoever_asks_and_however_often(sink, tmp_path):
    stack = stack_of(tmp_path, sink.port)
    stack.run("manage.py", "migrate", "-v0")
    stack.run("-m", "crm.tests.due_mails", "enrol", str(PEOPLE))
    enqueue(stack)
    second = Stack([*stack.command, "-n", "second@%h", "-s", str(tmp_path / "beat2")], stack.environment, 2)
    running = [stack.start(), second.start()]
    try:
        states = until_sent(stack)
        enqueue(stack)
        time.sleep(3)
    finally:
        for process in running:
            kill(process)
    assert states == {"sent": PEOPLE}, stack.log.read_text()[-2000:]
    assert (len(stack.states()), len(sink.arrived), set(sink.arrived.values())) == (PEOPLE, PEOPLE, {1})
