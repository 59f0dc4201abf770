"""A look at lines that may not be saved yet: how many, and some of them. Never longer than a reader waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leads.models import Person, Segment, SegmentCondition
from leads.scoring.reading import engagements_at, score_of
from leads.segments.conditions import matching
from leads.segments.patience import TooSlow, at_most

MOST = 100_000  # counted so far; "more than" then
SECONDS = 2.0
SAMPLE = 10


@dataclass(frozen=True)
class Look:
    """`number` is None where counting took too long; `more` where there are more than `number`."""

    number: int | None = None
    more: bool = False
    some: list[Person] = field(default_factory=list)
    engagements: dict[int, int] = field(default_factory=dict)  # lead → as shown now


def look(lines: Sequence[SegmentCondition], *, match: str = Segment.Match.ALL, at: datetime) -> Look:
    """How many these lines hold now, and ten of them, the newest first."""
    try:
        with at_most(SECONDS):
            found = matching(lines, at=at, match=match)
            number = found.order_by().values("pk")[: MOST + 1].count()
            newest = found.select_related("company", "lead__score").order_by("-pk")[:SAMPLE]
            some = list(newest) if number else []
            shown = engagements_at((score_of(person) for person in some), at)
            return Look(min(number, MOST), number > MOST, some, shown)
    except TooSlow:
        return Look()
