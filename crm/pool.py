"""Celery's pool of child processes, with three gaps closed in which a killed child ended the whole worker.

Celery 5.7 takes up a broker that went away and came back, and replaces a child that was killed. Where both happen at
once, or a child is killed while the worker still starts, it ended with "Unrecoverable error" (celery/celery#6052).
"""

from __future__ import annotations

from typing import Any

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool


class Children(AsynPool):
    """Children that are replaced whenever one of them is killed."""

    def maintain_pool(self) -> None:
        # Before the event loop runs Celery has nothing to call for a child that is gone and keeps its pipes from the
        # next one: StopIteration, where the broker goes away so early. The loop hears of the dead as soon as it runs.
        if self._registered_with_event_loop:
            super().maintain_pool()

    def did_start_ok(self) -> bool:
        """False where a child ended by itself. One that was killed says nothing about the next, which is to come."""
        return not any(child.exitcode is not None and child.exitcode >= 0 for child in self._pool)

    def _track_child_process(self, proc: Any, hub: Any) -> None:
        # Two die at the same moment: the news of the second reaches the child that has its descriptor by now, which is
        # then watched no more. When the broker comes back all are watched anew, and a None among them is a ValueError.
        if getattr(proc, "_sentinel_poll", 0) is None:
            del proc._sentinel_poll
        super()._track_child_process(proc, hub)


class Pool(TaskPool):
    """`CELERY_WORKER_POOL`: prefork, with these children."""

    Pool = Children
