"""Celery tasks: nudges to look at the database. What is to be done stands there, never in the message."""

from __future__ import annotations

from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from crm import jobs
from crm.celery import app
from crm.schedule import BY_NAME


@app.task(name="crm.run_job")
def run_job(name: str) -> dict[str, Any]:
    """Run one job of the schedule by its name."""
    close_old_connections()
    try:
        return jobs.run(BY_NAME[name], at=timezone.now())
    finally:
        close_old_connections()


@app.task(name="crm.tick")
def tick() -> list[str]:
    """Ask for the nightly jobs that are due; whoever gets to one first claims it."""
    close_old_connections()
    try:
        asked = jobs.due(at=timezone.now())
    finally:
        close_old_connections()
    for job in asked:
        run_job.apply_async([job.name], queue=job.queue, expires=60)
    return [job.name for job in asked]
