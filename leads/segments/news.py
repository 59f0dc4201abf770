"""Whom an evaluation must look at again: who changed since the last one, and whom the clock carries over a line.

Whatever a segment may ask, its change makes the lead dirty (`leads.tracking.make_dirty`), and the sweep stamps
`computed_at`. So news are the rows computed since, and those that are dirty now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet

from leads.models import Lead, LeadScore, ScoreRun, SegmentCondition, Touch
from leads.segments.lines import Field

# What is stamped now is seen by others when its transaction ends: so far back "since the last time" reaches.
OVERLAP = timedelta(minutes=10)
MOST = 50_000  # more than so many: one statement over everybody is quicker


def people_to_look_at(
    lines: Sequence[SegmentCondition], *, since: datetime, until: datetime
) -> list[int] | None:
    """Ids of people, ascending; None where they are too many to look at one by one."""
    found: set[int] = set()
    for some in (*_changed(_stamped_from(since)), *_carried_over(lines, since, until)):
        found.update(some.order_by()[: MOST + 1])
        if len(found) > MOST:
            return None
    return sorted(found)


def _stamped_from(since: datetime) -> datetime:
    """A long run stamps its rows with the time it is for, however late it writes them."""
    running = ScoreRun.objects.filter(Q(finished_at=None) | Q(finished_at__gte=since - OVERLAP))
    began = running.aggregate(began=Min("at"))["began"]
    return min(since, began or since) - OVERLAP


def _changed(since: datetime) -> Iterator[QuerySet]:
    rows = LeadScore.objects.values_list("lead__person", flat=True)
    yield rows.filter(computed_at__gte=since)
    yield rows.filter(dirty_at__isnull=False)


def _carried_over(lines: Sequence[SegmentCondition], since: datetime, until: datetime) -> Iterator[QuerySet]:
    """Who left a line's days between the two times, or whose act had a date that has come."""
    for line in lines:
        if line.field == Field.TOUCHED:
            yield Lead.objects.filter(_left("last_touch__at", line.value, since, until)).values_list(
                "person", flat=True
            )
        elif line.field == Field.BECAME:
            yield Lead.objects.filter(_left("created_at", line.value, since, until)).values_list(
                "person", flat=True
            )
        elif line.field == Field.DID:
            touches = Touch.objects.filter(kind=line.name).values_list("person", flat=True)
            yield touches.filter(at__gt=since, at__lte=until)
            if line.days:
                yield touches.filter(_left("at", line.days, since, until))


def _left(column: str, days: int | str, since: datetime, until: datetime) -> Q:
    back = timedelta(days=int(days))
    return Q(**{f"{column}__gte": since - back, f"{column}__lte": until - back})
