"""The pool of a Celery worker: a child may be killed at any moment, the worker goes on (real children, real loop)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Set

import pytest
from kombu.asynchronous import Hub

from crm.celery import app
from crm.pool import Children, Pool


@pytest.fixture
def pool() -> Iterator[Children]:
    made = Children(processes=2, threads=False)
    yield made
    made.terminate()
    made.join()


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


def kill(*children) -> set[int]:
    """kill -9 of all of them, before the loop can hear of the first. Returns their process ids."""
    for child in children:
        os.kill(child.pid, signal.SIGKILL)
    for child in children:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    return {child.pid for child in children}


def loop_until(hub: Hub, holds: Callable[[], bool]) -> None:
    loop, end = hub.create_loop(), time.monotonic() + 20
    hub.call_repeatedly(0.1, lambda: None)
    while not holds():
        assert time.monotonic() < end, "not within 20 s"
        try:
            next(loop)
        except StopIteration:
            loop = hub.create_loop()


def whole(pool: Children, *, without: Set[int] = frozenset()) -> bool:
    """Two living children, both ready to take work, and none of those."""
    pids = {child.pid for child in pool._pool if child._is_alive()}
    return len(pids) == 2 and len(pool._all_inqueues) == 2 and not pids & without


def test_the_worker_uses_this_pool():
    assert app.conf.worker_pool == f"{Pool.__module__}:{Pool.__name__}"


def test_a_child_killed_before_the_broker_was_there_is_replaced(pool, hub):
    gone = kill(pool._pool[0])
    pool.flush()  # what the worker does when the broker goes away
    pool.register_with_event_loop(hub)
    assert pool.did_start_ok()
    loop_until(hub, lambda: whole(pool, without=gone))


def test_a_child_that_cannot_start_still_ends_the_worker(hub):
    pool = Children(processes=2, threads=False, initializer=os._exit, initargs=(3,))
    try:
        for child in pool._pool:
            while child.exitcode is None:
                time.sleep(0.01)
        pool.register_with_event_loop(hub)
        assert not pool.did_start_ok()
    finally:
        pool.terminate()
        pool.join()


def test_after_two_were_killed_at_once_the_worker_takes_up_a_broker_that_comes_back(pool, hub):
    pool.register_with_event_loop(hub)
    loop_until(hub, lambda: whole(pool))
    for _ in range(6):  # the news of two deaths comes in either order
        gone = kill(*pool._pool)
        loop_until(hub, lambda gone=gone: whole(pool, without=gone))
        hub.reset()
        pool.flush()
        pool.register_with_event_loop(hub)
        one = kill(pool._pool[0])
        loop_until(hub, lambda one=one: whole(pool, without=one))
