"""Stored membership. The first time everybody is looked at, in one statement; afterwards only who may have changed.

Both give the same members. Everybody is looked at again where the lines mean something else than at the last time
(`Segment.meaning`), where too many changed, and each night, which heals what a slip elsewhere may have left.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Asset, LandingPage
from leads.models import Person, Segment, SegmentCondition, SegmentMember
from leads.segments.conditions import matching
from leads.segments.engagement import live_model, midnight
from leads.segments.lines import SLUGS, Field, ids_in, named_segments, problem_of, said
from leads.segments.news import MOST, OVERLAP, people_to_look_at

AT_ONCE = 2_000  # people looked at in one statement
MEMORY = "128MB"  # for one statement over everybody: a hash of a million people
_COLUMNS = ("field", "negate", "name", "compare", "value", "times", "days")


def refresh(
    *, segment: Segment, at: datetime, all: bool = False, above: frozenset[int] = frozenset()
) -> dict[str, int]:
    """Bring the stored members up to `at`; returns counts: added, removed. Twice at once waits for the first.

    Segments that its lines name come first, those that name it follow. `all`: look at everybody whatever is known.
    `above`: whom this is done for, so that a circle ends.
    """
    above |= {segment.pk}
    for named in Segment.objects.filter(pk__in=named_segments(segment.conditions.all())).exclude(
        pk__in=above
    ):
        if named.evaluated_at is None or named.evaluated_at < at:
            refresh(segment=named, at=at, above=above)
    began = time.monotonic()
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        lines = list(segment.conditions.order_by("pk"))
        meaning = meaning_of(segment, lines, at)
        news = None if all or meaning != segment.meaning else _news(segment, lines, at)
        counts = _everybody(segment, lines, at) if news is None else _some(segment, lines, news, at)
        Segment.objects.filter(pk=segment.pk).update(
            evaluated_at=at,
            meaning=meaning,
            size=SegmentMember.objects.filter(segment=segment).count(),
            took_ms=int((time.monotonic() - began) * 1000),
        )
    return counts


def meaning_of(segment: Segment, lines: Sequence[SegmentCondition], at: datetime) -> str:
    """A hash of what the lines ask, with the rows behind short names and, where engagement is asked, the day."""
    told = [
        [*(getattr(line, name) for name in _COLUMNS), not problem_of(line), _rows_behind(line)]
        for line in lines
    ]
    day: list[str] = []
    if any(line.field == Field.ENGAGEMENT for line in lines):
        model = live_model()
        day = [midnight(at).isoformat(), str(model and (model.pk, model.reference_at))]
    words = json.dumps([segment.match, told, day], default=str)
    return hashlib.sha256(words.encode()).hexdigest()


def _rows_behind(line: SegmentCondition) -> list[int]:
    models: tuple[Any, ...] = (SLUGS[line.field],) if line.field in SLUGS else ()
    if line.field == Field.DID:
        models = (Asset, LandingPage)
    slugs = said(line.value.casefold())
    rows = [
        model.objects.filter(slug__in=slugs).order_by("pk").values_list("pk", flat=True) for model in models
    ]
    return [pk for some in rows for pk in some]


def _news(segment: Segment, lines: Sequence[SegmentCondition], at: datetime) -> list[int] | None:
    """Whom to look at; None: everybody. The clock of another process may be a little behind."""
    last = segment.evaluated_at
    if last is None or last > at + OVERLAP:
        return None
    return people_to_look_at(lines, since=min(last, at), until=max(last, at))


def _everybody(segment: Segment, lines: Sequence[SegmentCondition], at: datetime) -> dict[str, int]:
    """INSERT … SELECT and DELETE: a million members never pass through this process."""
    _give_memory()
    now = matching(lines, at=at, match=segment.match)
    members = SegmentMember.objects.filter(segment=segment)
    followers = _followers(segment)
    gone: list[int] = []
    removed = 0
    if members.exists():
        leaving = members.filter(~Exists(now.filter(pk=OuterRef("person"))))
        gone = list(leaving.values_list("person", flat=True)[: MOST + 1]) if followers else []
        removed = leaving.delete()[0]
    added = _add(segment, now, at)
    if followers:
        came = list(members.filter(since=at).values_list("person", flat=True)[: MOST + 1])
        _follow(followers, [*gone, *came], at)
    return {"added": added, "removed": removed}


def _some(
    segment: Segment, lines: Sequence[SegmentCondition], people: Sequence[int], at: datetime
) -> dict[str, int]:
    """Look at these people only. Nobody else's membership can have changed."""
    counts = {"added": 0, "removed": 0}
    changed: list[int] = []
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        holds = set(matching(lines, at=at, match=segment.match, among=some).values_list("pk", flat=True))
        rows = SegmentMember.objects.filter(segment=segment, person__in=some)
        stored = set(rows.values_list("person", flat=True))
        gone, came = stored - holds, holds - stored
        if gone:
            counts["removed"] += rows.filter(person__in=gone).delete()[0]
        new = [SegmentMember(segment=segment, person_id=pk, since=at) for pk in sorted(came)]
        SegmentMember.objects.bulk_create(new, ignore_conflicts=True)
        counts["added"] += len(new)
        changed += [*gone, *came]
    _follow(_followers(segment), changed, at)
    return counts


def _followers(segment: Segment) -> list[int]:
    """Segments whose lines name this one."""
    lines = SegmentCondition.objects.filter(field=Field.SEGMENT).exclude(segment=segment)
    return sorted(
        {owner for owner, value in lines.values_list("segment", "value") if segment.pk in ids_in(value)}
    )


def _follow(followers: Sequence[int], people: Sequence[int], at: datetime) -> None:
    """Who came into a segment or left it is looked at in those that name it."""
    for pk in followers if people else ():
        other = Segment.objects.select_for_update().get(pk=pk)
        if other.evaluated_at is None:
            continue
        if len(people) > MOST:
            Segment.objects.filter(pk=pk).update(evaluated_at=None)
            continue
        lines = list(other.conditions.order_by("pk"))
        _some(other, lines, sorted(set(people)), max(at, other.evaluated_at))
        Segment.objects.filter(pk=pk).update(size=SegmentMember.objects.filter(segment=pk).count())


def _give_memory() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('work_mem', %s, true)", [MEMORY])


def _add(segment: Segment, now: QuerySet[Person], at: datetime) -> int:
    """The ORM knows no INSERT … SELECT."""
    try:
        sql, params = now.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:  # a line that nobody can meet
        return 0
    table = connection.ops.quote_name(SegmentMember._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (segment_id, person_id, since) "
            f"SELECT %s, found.id, %s FROM ({sql}) found WHERE true ON CONFLICT DO NOTHING",
            [segment.pk, connection.ops.adapt_datetimefield_value(at), *params],
        )
        return cursor.rowcount
