"""A nudge saves a second and may cost nothing: no wait, no error, bounded memory."""

from __future__ import annotations

import threading
import time
from queue import Queue

import pytest
from django.db import transaction

from crm import nudges
from crm.schedule import SCHEDULE
from leads.nudge import nudge as nudge_after_commit

VERB = SCHEDULE[0].verb


@pytest.fixture
def queue(monkeypatch, settings):
    """A queue of three, and no thread that empties it."""
    settings.EMBEDDED = False
    queue: Queue[str] = Queue(maxsize=3)
    monkeypatch.setattr(nudges, "waiting", queue)
    monkeypatch.setattr(nudges, "_start_thread", lambda: None)
    nudges.counted.clear()
    return queue


def test_a_full_queue_drops_and_counts(queue):
    for _ in range(10):
        nudges.nudge(VERB)
    assert (queue.qsize(), nudges.counted["dropped"]) == (3, 7)


def test_an_unknown_verb_is_an_error(queue):
    with pytest.raises(KeyError):
        nudges.nudge("leads.nowhere.nothing")


def test_beside_an_embedded_worker_of_another_process_a_nudge_is_dropped(queue, settings):
    settings.EMBEDDED = True
    nudges.worker_is_here(False)
    nudges.nudge(VERB)
    assert (queue.qsize(), nudges.counted["nobody"]) == (0, 1)


def test_a_broker_that_is_away_neither_delays_nor_fails_the_caller(monkeypatch, settings):
    settings.EMBEDDED = False

    went_on, asked = threading.Event(), []

    def away(*args, **kwargs):
        asked.append(went_on.wait(5))
        raise ConnectionError

    monkeypatch.setattr("crm.tasks.run_job.apply_async", away)
    nudges.counted.clear()
    for _ in range(50):
        nudges.nudge(VERB)
    went_on.set()
    end = time.monotonic() + 5
    while not nudges.counted["failed"] and time.monotonic() < end:
        time.sleep(0.02)
    assert asked and all(asked), "the caller waited for the broker"
    assert 1 <= nudges.counted["failed"] <= 3  # fifty nudges for one job became one message, or a few


@pytest.mark.django_db(transaction=True)
def test_a_nudge_is_sent_only_after_the_commit(queue):
    with transaction.atomic():
        nudge_after_commit(VERB)
        assert queue.qsize() == 0
    assert queue.qsize() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_nudges_nobody(queue):
    with pytest.raises(ValueError), transaction.atomic():
        nudge_after_commit(VERB)
        raise ValueError
    assert queue.qsize() == 0
