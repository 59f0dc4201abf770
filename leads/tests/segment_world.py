"""Segments for tests: a line in a word, who is in one, two leads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leads.models import Segment, SegmentCondition
from leads.segments import people
from leads.tests.builders import NOON


def a_line(field: str, value: str = "", negate: bool = False, **columns: Any) -> SegmentCondition:
    return SegmentCondition(field=field, value=value, negate=negate, **columns)


def a_segment(*lines: Any, name: str = "some", match: str = "all") -> Segment:
    """Each line is (field, value) or (field, value, turned round), or one of `a_line`."""
    segment = Segment.objects.create(name=name, match=match)
    for line in lines:
        row = line if isinstance(line, SegmentCondition) else a_line(*line)
        row.segment = segment
        row.save()
    return segment


def names(segment: Segment, at: datetime = NOON) -> set[str]:
    return {person.email.partition("@")[0] for person in people(segment, at=at)}
