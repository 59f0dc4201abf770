"""Runs the verbs of the schedule and keeps the ledger of it (docs/jobs.md).

Nightly jobs: one JobRun row a night; its unique key makes two tickers one run, and lets a missed night be
caught up once. Frequent jobs: one row in all, a heartbeat, written over every few seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from crm import lease
from crm.logs import without_addresses
from crm.models import JobRun
from crm.schedule import SCHEDULE, Job

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
RETRY_AFTER = timedelta(minutes=10)
TAKEN_FOR_DEAD = timedelta(hours=2)
MOST_ATTEMPTS = 4

_busy = {job.name: threading.Lock() for job in SCHEDULE}
_beats: dict[str, float] = {}
_since_beat: dict[str, Counter[str]] = {}
_failing: dict[str, str] = {}


def period(job: Job, *, at: datetime, zone: ZoneInfo) -> str:
    """The night whose hour struck last at `at`, as the local date. In a gap or fold the hour counts once."""
    assert job.nightly is not None
    day = at.astimezone(zone).date()
    if datetime.combine(day, job.nightly, zone).astimezone(UTC) > at:
        day -= timedelta(days=1)
    return day.isoformat()


def due(*, at: datetime) -> list[Job]:
    """Nightly jobs whose last night has no good run yet: the night just begun, or a missed one, once."""
    zone = ZoneInfo(settings.TIME_ZONE)
    nightly = [job for job in SCHEDULE if job.nightly]
    nights = {job.name: period(job, at=at, zone=zone) for job in nightly}
    rows = JobRun.objects.filter(name__in=nights, period__in=nights.values())
    settled = {(row.name, row.period) for row in rows.exclude(_takeable(at))}
    return [job for job in nightly if (job.name, nights[job.name]) not in settled]


def run(job: Job, *, at: datetime) -> dict[str, Any]:
    """Run a job if it is this process's turn. Returns its counts, or {"skipped": why}. Errors are recorded."""
    if not lease.hold(at=at):
        return {"skipped": "another dispatcher holds the lease"}
    if not _busy[job.name].acquire(blocking=False):
        return {"skipped": "running in this process"}
    try:
        return _run_nightly(job, at) if job.nightly else _run_frequent(job, at)
    finally:
        _busy[job.name].release()


def _call(job: Job, at: datetime) -> tuple[dict[str, Any], str, float]:
    """Counts, error text (empty: none) and seconds of one call of the verb."""
    start = time.monotonic()
    try:
        counts, error = _as_counts(import_string(job.verb)(at=at)), ""
    except Exception as failure:
        counts, error = {}, without_addresses(f"{type(failure).__name__}: {failure}")[:2000]
        if _failing.get(job.name) != error:
            log.exception("Job %s failed", job.name)
    if error:
        _failing[job.name] = error
    elif _failing.pop(job.name, ""):
        log.info("Job %s works again", job.name)
    return counts, error, time.monotonic() - start


def _as_counts(result: Any) -> dict[str, Any]:
    if isinstance(result, Mapping):
        return dict(result)
    return {} if result is None else {"done": result}


def _run_nightly(job: Job, at: datetime) -> dict[str, Any]:
    claimed = _claim(job, at)
    if claimed is None:
        return {"skipped": "this night has its run"}
    counts, error, seconds = _call(job, at)
    JobRun.objects.filter(pk=claimed.pk, attempt=claimed.attempt, state=JobRun.State.RUNNING).update(
        state=JobRun.State.FAILED if error else JobRun.State.DONE,
        finished_at=at + timedelta(seconds=seconds),
        seconds=seconds,
        counts=counts,
        error=error,
    )
    return {"failed": error} if error else counts


def _takeable(at: datetime) -> Q:
    """Runs that may be tried again: failed a while ago, or begun by a process that is gone."""
    failed = Q(state=JobRun.State.FAILED, finished_at__lte=at - RETRY_AFTER)
    gone = ~Q(holder=lease.holder()) | Q(started_at__lte=at - TAKEN_FOR_DEAD)
    return Q(attempt__lt=MOST_ATTEMPTS) & (failed | (Q(state=JobRun.State.RUNNING) & gone))


def _claim(job: Job, at: datetime) -> JobRun | None:
    key = {"name": job.name, "period": period(job, at=at, zone=ZoneInfo(settings.TIME_ZONE))}
    fresh = {"state": JobRun.State.RUNNING, "holder": lease.holder(), "started_at": at}
    try:
        with transaction.atomic():
            return JobRun.objects.create(**key, **fresh)
    except IntegrityError:
        pass
    again = JobRun.objects.filter(_takeable(at), **key)
    if not again.update(**fresh, attempt=F("attempt") + 1, finished_at=None, error=""):
        return None
    return JobRun.objects.get(**key)


def _run_frequent(job: Job, at: datetime) -> dict[str, Any]:
    was_failing = job.name in _failing
    counts, error, seconds = _call(job, at)
    total = _since_beat.setdefault(job.name, Counter())
    total.update({name: value for name, value in counts.items() if isinstance(value, int)})
    late = time.monotonic() - _beats.get(job.name, float("-inf")) >= HEARTBEAT_SECONDS
    if late or bool(error) != was_failing:
        _beat(job, at, seconds, dict(total), error)
    return {"failed": error} if error else counts


def _beat(job: Job, at: datetime, seconds: float, counts: dict[str, int], error: str) -> None:
    """Write the one row of a frequent job over; `counts` are those since the last beat."""
    row = JobRun(
        name=job.name,
        period=JobRun.LATEST,
        state=JobRun.State.FAILED if error else JobRun.State.DONE,
        holder=lease.holder(),
        started_at=at,
        finished_at=at + timedelta(seconds=seconds),
        seconds=seconds,
        counts=counts,
        error=error,
    )
    fields = ["state", "holder", "started_at", "finished_at", "seconds", "counts", "error"]
    try:
        JobRun.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["name", "period"], update_fields=fields
        )
    except DatabaseError:
        log.warning("The heartbeat of job %s could not be written", job.name)
        return
    _beats[job.name] = time.monotonic()
    _since_beat.pop(job.name, None)
