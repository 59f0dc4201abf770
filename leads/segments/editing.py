"""Making and changing segments. Other lines are put in place of the old ones in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.models import EntryRule, Mailing, Segment, SegmentCondition
from leads.segments.lines import Field, circle, ids_in, problem_of

COLUMNS = ("field", "negate", "name", "compare", "value", "times", "days")
Lines = Sequence[SegmentCondition]


class NameTaken(Refused):
    """Another segment is called so."""


def create(
    *,
    name: str,
    lines: Lines,
    submit_key: UUID,
    by: Any,
    description: str = "",
    match: str = Segment.Match.ALL,
) -> Segment:
    """A new segment; `lines` are not saved yet. The same `submit_key` answers with the first one. Raises Refused."""
    with transaction.atomic():
        twin = Segment.objects.filter(submit_key=submit_key).first()
        if twin is not None:
            return twin
        segment = Segment(name=name, description=description, match=match, owner=by, submit_key=submit_key)
        _refuse(segment, lines)
        segment.save()
        _put(segment, lines)
    return segment


def change(*, segment: Segment, lines: Lines, seen: str = "", **columns: Any) -> Segment:
    """Other lines, name, description or match. `seen`: `state_of` as it was shown; raises Conflict if another was
    saved since, Refused for a line that cannot be. What is stored is of the old lines until the next look.
    """
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        if seen and seen != state_of(segment) and state_of(segment) != _told(columns.get("match", ""), lines):
            raise Conflict(now=_("other lines than you saw"))
        before = state_of(segment)
        for name, value in columns.items():
            setattr(segment, name, value)
        _refuse(segment, lines)
        if before != _told(segment.match, lines):
            segment.conditions.all().delete()
            _put(segment, lines)
            segment.evaluated_at = None
        segment.save(update_fields=[*columns, "evaluated_at"])
    return segment


def copy(*, segment: Segment, submit_key: UUID, by: Any) -> Segment:
    """The same lines under a name that is free. The same `submit_key` answers with the first one."""
    lines = [SegmentCondition(**_columns(line)) for line in segment.conditions.order_by("pk")]
    names = set(Segment.objects.filter(name__startswith=segment.name[:100]).values_list("name", flat=True))
    tries = (f"{segment.name[:100]} ({number})" for number in range(2, len(names) + 3))
    free = next(name for name in tries if name not in names)
    return create(
        name=free,
        lines=lines,
        submit_key=submit_key,
        by=by,
        description=segment.description,
        match=segment.match,
    )


def archive(*, segment: Segment, at: datetime) -> None:
    """Hide it from new work. Raises Refused while something that runs needs it."""
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        if users := users_of(segment):
            raise Refused(_("It is still used by: %(users)s.") % {"users": ", ".join(users)})
        Segment.objects.filter(pk=segment.pk, archived_at=None).update(archived_at=at)


def restore(*, segment: Segment) -> None:
    Segment.objects.filter(pk=segment.pk).update(archived_at=None, evaluated_at=None)


def users_of(segment: Segment) -> list[str]:
    """What needs it from now on, in words: ways in that are on, mailings not started, segments that name it."""
    ways_in = EntryRule.objects.filter(segment=segment, is_on=True).select_related("sequence")
    mailings = Mailing.objects.filter(segment=segment, started_at=None, sequence__archived_at=None)
    return [
        *(_("the sequence “%(name)s”") % {"name": rule.sequence} for rule in ways_in),
        *(_("the mailing “%(name)s”") % {"name": one} for one in mailings.select_related("sequence")),
        *(_("the segment “%(name)s”") % {"name": one.name} for one in naming(segment)),
    ]


def naming(segment: Segment) -> list[Segment]:
    """Segments in use whose lines name this one."""
    lines = SegmentCondition.objects.filter(field=Field.SEGMENT, segment__archived_at=None)
    found = {line.segment for line in lines.select_related("segment") if segment.pk in ids_in(line.value)}
    return sorted(found - {segment}, key=lambda one: one.name)


def state_of(segment: Segment) -> str:
    """What it asks, as a word to compare: in another tab it may have become another."""
    return _told(segment.match, list(segment.conditions.order_by("pk")))


def _told(match: str, lines: Lines) -> str:
    return repr((str(match), [_row(line) for line in lines]))


def _row(line: SegmentCondition) -> tuple[Any, ...]:
    return tuple(str(value) if isinstance(value, str) else value for value in _columns(line).values())


def _columns(line: SegmentCondition) -> dict[str, Any]:
    return {name: getattr(line, name) for name in COLUMNS}


def _refuse(segment: Segment, lines: Lines) -> None:
    if not lines:
        raise Refused(_("Say at least one thing about the people in it."))
    if Segment.objects.filter(name=segment.name).exclude(pk=segment.pk).exists():
        raise NameTaken(_("There is a segment of this name already."))
    if problem := next((found for line in lines if (found := problem_of(line))), ""):
        raise Refused(problem)
    if segment.pk and (way := circle(segment.pk, lines)):
        names = " → ".join(f"“{one.name}”" for one in way)
        raise Refused(
            _("This goes round in a circle: %(names)s. A segment cannot ask for itself.") % {"names": names}
        )


def _put(segment: Segment, lines: Lines) -> None:
    for line in lines:
        line.segment = segment
    SegmentCondition.objects.bulk_create(lines)
