"""The full run: every lead by ranges of ids, and a row that says how far it came (docs/scoring.md).

A range is written before the row that says so: after `kill -9` the next run does at most one range again, and a
range done twice gives the same rows. Who is marked or computed after the run began is left to the sweep.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.models import Max, Min, Q
from django.utils import timezone

from leads.models import Lead, ScoreRun
from leads.scoring.batch import score_range
from leads.scoring.pace import Pace
from leads.scoring.people import People
from leads.scoring.rules import Setup, load_setup
from leads.scoring.verdicts import judge_grades

log = logging.getLogger(__name__)

TOO_OLD = timedelta(days=1)  # a run begun longer ago is not gone on with
_SPACE = 0x4E57  # our part of the advisory locks' key space


def rescore_all(*, at: datetime) -> dict[str, int]:
    """Every lead; rows that stay the same are not written. Goes on where a run of the same rules was killed.

    Counts: leads, changed, skipped (edited meanwhile, still due), failed, candidates, those of `judge_grades`, and
    went_on_behind (a lead's id); or without_model; or at_work where another full run is, which is left to do it.
    """
    setup = load_setup()
    if setup.rules is None:
        return {"without_model": 1}
    with _alone() as alone:
        if not alone:
            return {"at_work": 1}
        run = _run_to_do(setup.rules.id, at)
        behind = run.last_lead
        counts = _go(run, setup)
        if counts["candidates"]:
            counts.update(judge_grades(at=at, limit=counts["candidates"]))
        finish(run, counts)
    return {**counts, **({"went_on_behind": behind} if behind else {})}


def begin(kind: str, *, model: int, at: datetime) -> ScoreRun:
    """A new run. Ones that were killed and will not be gone on with end here: segments look back to who goes on."""
    gone = Q(kind=kind) | Q(at__lte=at - TOO_OLD) | ~Q(model=model)
    ScoreRun.objects.filter(gone, finished_at=None).update(finished_at=timezone.now())
    return ScoreRun.objects.create(kind=kind, model_id=model, at=at)


def finish(run: ScoreRun, counts: Mapping[str, int]) -> None:
    run.counts, run.finished_at = dict(counts), timezone.now()
    run.save(update_fields=["counts", "finished_at"])


def note_check(counts: Mapping[str, int], *, at: datetime) -> None:
    """Keep what a check by hand found: the status page shows the newest."""
    setup = load_setup()
    if setup.rules is not None:
        finish(begin(ScoreRun.Kind.CHECK, model=setup.rules.id, at=at), counts)


def unfinished(model: int, at: datetime) -> ScoreRun | None:
    """The full run that was killed and is to be gone on with: of the same rules, and not too old."""
    run = ScoreRun.objects.filter(kind=ScoreRun.Kind.FULL, finished_at=None).first()
    return run if run and run.model_id == model and at - TOO_OLD < run.at <= at else None


def at_work() -> ScoreRun | None:
    """The full run that is not at its end."""
    return ScoreRun.objects.filter(kind=ScoreRun.Kind.FULL, finished_at=None).first()


def _run_to_do(model: int, at: datetime) -> ScoreRun:
    left = unfinished(model, at)
    if left is None:
        return begin(ScoreRun.Kind.FULL, model=model, at=at)
    log.warning("The full run of %s goes on behind lead %s", left.started_at, left.last_lead)
    return left


def _go(run: ScoreRun, setup: Setup) -> Counter[str]:
    """The ranges that are left, all worked out for the run's time."""
    counts: Counter[str] = Counter(run.counts)
    people = People(setup, run.at)
    since, pace = max(run.started_at, run.at), Pace()
    for first, last in _ranges(behind=run.last_lead, pace=pace):
        began = time.monotonic()
        counts.update(score_range(first, last, setup=setup, at=run.at, since=since, people=people))
        run.last_lead, run.counts = last, dict(counts)
        run.save(update_fields=["last_lead", "counts"])
        pace.rest(time.monotonic() - began)
    return counts


def _ranges(*, behind: int, pace: Pace) -> Iterator[tuple[int, int]]:
    """Spans of ids that hold leads, to the last there is now, as long as the pace says: holes are leapt over."""
    leads = Lead.objects.filter(pk__gt=behind)
    ends = leads.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"], ends["last"]
    while first is not None:
        end = min(first + pace.size - 1, last)
        yield first, end
        first = leads.filter(pk__gt=end, pk__lte=last).aggregate(first=Min("pk"))["first"]


@contextmanager
def _alone() -> Iterator[bool]:
    """True for one full run at a time. A killed one holds nothing: the lock goes with its connection or process."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [_SPACE])
            taken = bool(cursor.fetchone()[0])
        try:
            yield taken
        finally:
            if taken:
                _let_go()
        return
    file = os.open(Path(settings.DATA_DIR) / "full-run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(file)


def _let_go() -> None:
    """Where the connection is lost, or its transaction broken, it is given up: the lock must not outlive the run."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [_SPACE])
    except Error:
        if connection.connection is not None:
            connection.connection.close()  # else a pool would keep it, and the lock with it
        connection.close()
