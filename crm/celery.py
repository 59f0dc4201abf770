"""The Celery app: `celery -A crm worker` and `celery -A crm beat` in production, threads in embedded mode."""

from __future__ import annotations

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init

from crm.schedule import JOBS, SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
TICK_SECONDS = 30


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The schedule as beat wants it. A nudge that waited too long is dropped: the next one does its work."""
    entries: dict[str, dict[str, Any]] = {
        job.name: {
            "task": "crm.run_job",
            "args": [job.name],
            "schedule": job.every,
            "options": {"queue": job.queue, "expires": max(2 * job.every, 5)},
        }
        for job in SCHEDULE
        if job.every
    }
    options = {"queue": JOBS, "expires": TICK_SECONDS}
    return entries | {"tick": {"task": "crm.tick", "schedule": TICK_SECONDS, "options": options}}


app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_schedule()
app.conf.imports = ["crm.tasks"]


@celeryd_init.connect
def _put_nothing_back(**kwargs: Any) -> None:
    """A message is a nudge and may be lost. Putting one back where Redis has just gone would end the worker."""
    from kombu.transport.redis import Channel

    Channel.do_restore = False


@celeryd_init.connect
@beat_init.connect
def _need_servers(**kwargs: Any) -> None:
    """Before `celery worker` and `celery beat` do anything: the same start as every other process."""
    from crm.database import end, wait_for_database

    if threading.current_thread() is not threading.main_thread():
        return  # the embedded worker, whose process has looked already
    if app.conf.broker_url.startswith("memory:"):
        end(
            "REDIS_URL is not set: the embedded worker is `manage.py worker`, Celery's processes need a broker."
        )
    wait_for_database()
