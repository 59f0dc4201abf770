"""Nudges from requests to the worker: through a bounded queue and one thread, so no request waits for Redis.

A nudge only saves the second until the next sweep. Where the queue is full, the broker away or nobody listens
(a web process beside an embedded worker), it is dropped and counted.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from queue import Empty, Full, Queue

from django.conf import settings

from crm.schedule import BY_VERB, Job

log = logging.getLogger(__name__)

MOST_WAITING = 1000
EXPIRES = 10  # seconds a nudge stays of use
# Seconds in which nudges for the same job become one, and the rest after a round: asking the broker costs as much
# processor time as taking a form in.
_GATHER, _REST = 0.1, 0.4

waiting: Queue[str] = Queue(maxsize=MOST_WAITING)
counted: Counter[str] = Counter()
_lock = threading.Lock()
_thread: tuple[int, threading.Thread] | None = None
_worker_here = threading.Event()


def worker_is_here(here: bool) -> None:
    """Told by the embedded worker: in-memory messages reach it only from its own process."""
    _worker_here.set() if here else _worker_here.clear()


def nudge(verb: str) -> None:
    """Ask for the scheduled verb of this dotted path to run now. Returns at once; KeyError for an unknown verb."""
    job = BY_VERB[verb]
    if settings.EMBEDDED and not _worker_here.is_set():
        counted["nobody"] += 1
        return
    try:
        waiting.put_nowait(job.name)
    except Full:
        counted["dropped"] += 1
        return
    _start_thread()


def _start_thread() -> None:
    """One thread a process; a fork leaves threads behind, so the process id is part of the question."""
    global _thread
    if _thread and _thread[0] == os.getpid() and _thread[1].is_alive():
        return
    with _lock:
        if _thread and _thread[0] == os.getpid() and _thread[1].is_alive():
            return
        thread = threading.Thread(target=_drain, name="nudges", daemon=True)
        thread.start()
        _thread = (os.getpid(), thread)


def _drain() -> None:
    while True:
        names = {waiting.get()}
        time.sleep(_GATHER)
        while True:
            try:
                names.add(waiting.get_nowait())
            except Empty:
                break
        for name in sorted(names):
            _send(name)
        time.sleep(_REST)


def _send(name: str) -> None:
    from crm.schedule import BY_NAME
    from crm.tasks import run_job

    job: Job = BY_NAME[name]
    try:
        run_job.apply_async([job.name], queue=job.queue, expires=EXPIRES, retry=False)
        counted["sent"] += 1
    except Exception as error:  # noqa: BLE001 - whatever ails the broker, the sweep does the work a second later
        counted["failed"] += 1
        if counted["failed"] % 100 == 1:
            log.warning("The broker does not take nudges: %s", type(error).__name__)
