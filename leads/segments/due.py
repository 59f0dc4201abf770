"""Keeping segments up to date: those that something uses by a job every minute, the others when they are looked at."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from leads.models import EntryRule, Mailing, Segment
from leads.nudge import nudge
from leads.segments.members import refresh
from leads.segments.patience import TooSlow, at_most

FRESH = timedelta(seconds=50)  # newer than this is new enough to be shown
WANTED = timedelta(minutes=30)  # so long after a look a segment is kept up to date
WORTH = 20  # one that took a second is refreshed every twenty
TAKES = timedelta(seconds=20)  # what is not done then comes first in the next minute
PATIENCE = 3.0  # seconds that a page waits


def refresh_due(*, at: datetime) -> dict[str, int]:
    """Segments that let people in, wait for a mailing or were looked at lately, the longest waiting first."""
    counts = {"segments": 0, "added": 0, "removed": 0}
    began = time.monotonic()
    for segment in in_use(at).order_by(F("evaluated_at").asc(nulls_first=True), "pk"):
        if time.monotonic() - began > TAKES.total_seconds():
            break
        if segment.evaluated_at and segment.evaluated_at + _pause(segment) > at:
            continue
        result = refresh(segment=segment, at=at)
        counts = {name: number + result.get(name, 1) for name, number in counts.items()}
    return counts


def refresh_all(*, at: datetime) -> dict[str, int]:
    """Each night everybody is looked at once. Counts what differed: 0 where every change was noticed in time."""
    counts = {"segments": 0, "added": 0, "removed": 0}
    for segment in in_use(at).exclude(evaluated_at=None).order_by("pk"):
        refresh(segment=segment, at=at)
        result = refresh(segment=segment, at=at, all=True)
        counts = {name: number + result.get(name, 1) for name, number in counts.items()}
    return counts


def in_use(at: datetime) -> QuerySet[Segment]:
    ways_in = EntryRule.objects.filter(kind=EntryRule.Kind.SEGMENT, is_on=True).values("segment")
    mailings = Mailing.objects.filter(started_at=None, sequence__archived_at=None).values("segment")
    asked = Q(pk__in=ways_in) | Q(pk__in=mailings) | Q(wanted_at__gt=at - WANTED)
    return Segment.objects.in_use().filter(asked)


def keep_up(segment: Segment, *, at: datetime, seconds: float = PATIENCE) -> bool:
    """Somebody looks at it: refresh it if that is soon done, else leave it to the job. False: not done yet."""
    if segment.wanted_at is None or segment.wanted_at < at - WANTED / 3:
        Segment.objects.filter(pk=segment.pk).update(wanted_at=at)
    if segment.evaluated_at is not None and at - FRESH < segment.evaluated_at <= at:
        return True
    try:
        with at_most(seconds):
            refresh(segment=segment, at=at)
    except TooSlow:
        nudge("leads.segments.refresh_due")
        return False
    segment.refresh_from_db()
    return True


def _pause(segment: Segment) -> timedelta:
    return max(FRESH, timedelta(milliseconds=WORTH * (segment.took_ms or 0)))
