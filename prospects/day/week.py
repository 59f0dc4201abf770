"""A rep's week in numbers, from Monday to now. Three queries, and three for their hours; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q

from prospects.clocks.clock import working_minutes
from prospects.clocks.local_days import midnight
from prospects.clocks.working_time import hours_of
from prospects.models import Call, Meeting, Prospect


@dataclass(frozen=True, kw_only=True)
class Week:
    """`answered` of `answerable` clocks in time; `accepted` of `verdicts`; `first_touch` in their working minutes."""

    calls: int
    conversations: int
    meetings_held: int
    answered: int
    answerable: int
    accepted: int
    verdicts: int
    sales_qualified: int
    first_touch: int | None

    @property
    def conversation_share(self) -> int | None:
        """Conversations per hundred calls."""
        return round(100 * self.conversations / self.calls) if self.calls else None

    @property
    def acceptance_share(self) -> int | None:
        """Accepted per hundred verdicts."""
        return round(100 * self.accepted / self.verdicts) if self.verdicts else None


def week(user: Any, at: datetime) -> Week:
    """The numbers of this user from Monday, local midnight, to `at`."""
    monday = midnight(at)
    monday -= timedelta(days=monday.weekday())
    calls = Call.objects.filter(by=user, at__gte=monday, at__lte=at)
    meetings = Meeting.objects.filter(by=user, at__gte=monday, at__lte=at)
    # Not by `counted`: of a union the planner makes a parallel plan, whose start takes longer than the counting.
    talked = Count("pk", filter=Q(outcome=Call.Outcome.CONVERSATION))
    numbers = calls.aggregate(calls=Count("pk"), talked=talked)
    rows = _prospects(user, monday)
    accepted = sum(_within(row.accepted_at, monday) for row in rows)
    rejected = sum(
        row.verdict == Prospect.Verdict.REJECTED and _within(row.closed_at, monday) for row in rows
    )
    clocks = [row for row in rows if row.opened_at >= monday and _clock_is_over(row, at)]
    return Week(
        calls=numbers["calls"],
        conversations=numbers["talked"],
        meetings_held=meetings.filter(outcome=Meeting.Outcome.HELD).count(),
        answered=sum(_in_time(row) for row in clocks),
        answerable=len(clocks),
        accepted=accepted,
        verdicts=accepted + rejected,
        sales_qualified=sum(_within(row.sales_qualified_at, monday) for row in rows),
        first_touch=_first_touch(rows, monday, user, at),
    )


def _prospects(user: Any, monday: datetime) -> Sequence[Prospect]:
    """Whatever of mine moved this week, only the columns the numbers need."""
    moved = Q(opened_at__gte=monday) | Q(closed_at__gte=monday) | Q(sales_qualified_at__gte=monday)
    moved |= Q(accepted_at__gte=monday) | Q(first_acted_at__gte=monday)
    columns = (
        "opened_at",
        "answer_by",
        "first_acted_at",
        "verdict",
        "accepted_at",
        "closed_at",
        "sales_qualified_at",
    )
    return list(Prospect.objects.filter(moved, owner=user).only(*columns))


def _within(when: datetime | None, monday: datetime) -> bool:
    return when is not None and when >= monday


def _clock_is_over(row: Prospect, at: datetime) -> bool:
    return row.answer_by is not None and (row.first_acted_at is not None or row.answer_by < at)


def _in_time(row: Prospect) -> bool:
    return bool(row.first_acted_at and row.answer_by and row.first_acted_at <= row.answer_by)


def _first_touch(rows: Sequence[Prospect], monday: datetime, user: Any, at: datetime) -> int | None:
    """Median working minutes from the handover to the first human act, of those first touched this week.

    In the rep's own hours, as their clocks run: who works until noon has not waited in the afternoon.
    """
    waits = [
        (row.opened_at, row.first_acted_at)
        for row in rows
        if row.answer_by and row.first_acted_at and row.first_acted_at >= monday
    ]
    if not waits:
        return None
    hours = hours_of(user, at)
    return round(median(working_minutes(start, end, hours) for start, end in waits))
