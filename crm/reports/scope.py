"""Which people a report is about: the period, the view, the credit rule and the filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

FIRST_TOUCH = "first_touch"
LAST_TOUCH = "last_touch"
COHORT = "cohort"
EVENTS = "events"
NONE = "-"  # the line of those who came through no channel or campaign that we know


@dataclass(frozen=True, kw_only=True)
class Scope:
    """`start` and `end` are days of the installation's zone, both included; None leaves that side open.

    `view` cohort: leads by the day they became one, and what became of them since; events: what
    happened in the period, whenever they became leads. `by` is the touch that gets the credit. `channel` and
    `campaign` are slugs; empty: all; NONE: those without one. `segment` is a segment's id, with its people as stored.
    """

    start: date | None = None
    end: date | None = None
    by: str = FIRST_TOUCH
    view: str = COHORT
    channel: str = ""
    campaign: str = ""
    segment: int | None = None

    def __post_init__(self) -> None:
        if self.by not in (FIRST_TOUCH, LAST_TOUCH):
            raise ValueError(f"no credit rule {self.by!r}")
        if self.view not in (COHORT, EVENTS):
            raise ValueError(f"no view {self.view!r}")

    @property
    def since(self) -> datetime | None:
        return _midnight(self.start) if self.start else None

    @property
    def until(self) -> datetime | None:
        """The first instant after the period."""
        return _midnight(self.end + timedelta(days=1)) if self.end else None

    def within(self, column: str) -> Q:
        """Whether the time in `column` lies in the period; a missing time never does."""
        found = Q(**{f"{column}__isnull": False})
        if self.since:
            found &= Q(**{f"{column}__gte": self.since})
        if self.until:
            found &= Q(**{f"{column}__lt": self.until})
        return found

    def holds(self, time: datetime) -> bool:
        """Whether a step reached at `time` counts: always in the cohort view, else when it lies in the period."""
        if self.view == COHORT:
            return True
        return (not self.since or time >= self.since) and (not self.until or time < self.until)

    def before(self) -> Self | None:
        """The period of the same length that ends where this one starts; None where a side is open."""
        if not (self.start and self.end):
            return None
        days = (self.end - self.start).days + 1
        return replace(self, start=self.start - timedelta(days=days), end=self.start - timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))
