"""Segments: saved conditions over leads, as one SQL condition, and their stored membership (docs/segments.md)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from leads.models import Person, Segment
from leads.segments.conditions import matching
from leads.segments.due import keep_up, refresh_all, refresh_due
from leads.segments.lines import problem_of
from leads.segments.members import refresh

__all__ = ["count", "keep_up", "matching", "people", "problem_of", "refresh", "refresh_all", "refresh_due"]


def people(segment: Segment, *, at: datetime | None = None) -> QuerySet[Person]:
    """Who is in it at `at` (now), worked out anew. One SELECT, not yet run."""
    return matching(list(segment.conditions.all()), at=at or timezone.now(), match=segment.match)


def count(segment: Segment) -> int:
    """How many are in it now."""
    return people(segment).count()
