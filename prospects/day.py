"""What a rep's day is made of, read in a fixed number of queries, none of which grows with the number of prospects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.query import QuerySet

from leads.models import Touch, TouchKind
from prospects.calling_hours import Line, lines
from prospects.models import Deal, FollowUp, Meeting, Prospect
from prospects.models.prospect import ProspectQuerySet
from prospects.week import midnight

HOT_WITHIN = timedelta(hours=1)
MOST = 100  # rows of a kind: a day's work; whoever has more sees that there is more


@dataclass
class Day:
    """All rows of the day. `lines`: whether each may be rung now; `more`: kinds with more than MOST rows."""

    at: datetime
    new: list[Prospect]
    promises: list[FollowUp]
    forgotten: list[Prospect]
    back: list[Prospect]
    hot: list[tuple[Prospect, Touch]]
    meetings: list[Meeting]
    promised: dict[int, FollowUp] = field(default_factory=dict)
    values: dict[int, Decimal] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    more: set[str] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)


def tomorrow(at: datetime) -> datetime:
    return midnight(at) + timedelta(days=1)


def read_day(user: Any, at: datetime) -> Day:
    """Own rows only, for a manager as well. Ten queries at most."""
    more: set[str] = set()
    mine = Prospect.objects.open().filter(owner=user)
    told = _promises(user, at)
    hot = _hot(mine, at)
    waiting = mine.filter(origin=Prospect.Origin.INBOUND, verdict="")
    day = Day(
        at=at,
        new=_cut("new", _full(waiting.exclude(came_back())).order_by(F("answer_by").asc(nulls_last=True), "pk"), more),
        promises=_cut("calls", told, more),
        forgotten=_cut("calls", _full(_forgotten(mine, at)).order_by("stage_since", "pk"), more),
        back=_cut("back", _full(waiting.filter(came_back(), first_acted_at=None)).order_by("opened_at", "pk"), more),
        hot=hot,
        meetings=_meetings(user, at),
        more=more,
    )  # fmt: skip
    shown = {cycle.pk: cycle for cycle in _cycles(day)}
    day.promised = _first_promises({cycle.pk for cycle in day.back})
    day.values = _values(shown)
    day.lines = lines(shown.values(), at)
    return day


def came_back() -> Q:
    """By the date of a "not now": the cycle before says when that was."""
    return Q(previous__isnull=False, previous__returned_at=F("opened_at"))


def _cut(kind: str, rows: QuerySet[Any], more: set[str]) -> list[Any]:
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        more.add(kind)
    return found[:MOST]


def _full(rows: QuerySet[Prospect]) -> QuerySet[Prospect]:
    return rows.select_related(
        "person__company", "person__lead__score", "stage", "owner", "lead_move__submission", "previous__reason"
    )  # fmt: skip


def _promises(user: Any, at: datetime) -> QuerySet[FollowUp]:
    """Due by the end of today. On closed cycles only what they wrote: a customer writes, too."""
    due = FollowUp.objects.filter(owner=user, done_at=None, due_at__lt=tomorrow(at))
    wanted = due.filter(Q(prospect__closed_at=None) | Q(kind=FollowUp.Kind.ANSWER))
    return wanted.select_related(
        "prospect__person__company",
        "prospect__person__lead__score",
        "prospect__stage",
        "prospect__owner",
        "prospect__lead_move",
        "work_request",
    ).order_by("due_at", "pk")


def _forgotten(mine: ProspectQuerySet, at: datetime) -> QuerySet[Prospect]:
    """Nobody promised anything for them, neither ahead nor overdue, and no verdict is awaited."""
    undone = FollowUp.objects.filter(prospect=OuterRef("pk"), done_at=None)
    awaited = Q(origin=Prospect.Origin.INBOUND, verdict="")
    return mine.without_next_step(at).exclude(awaited).filter(~Exists(undone))


def _hot(mine: QuerySet[Prospect], at: datetime) -> list[tuple[Prospect, Touch]]:
    """Whose person did something in the last hour, with the latest of it. An opened mail is no sign of anything."""
    lately = Touch.objects.filter(at__gt=at - HOT_WITHIN, at__lte=at).exclude(kind=TouchKind.OPEN)
    touches = lately.filter(person__in=mine.values("person")).order_by("-at", "-pk")
    latest: dict[int, Touch] = {}
    for touch in touches.select_related("asset", "page", "message")[: MOST * 5]:
        latest.setdefault(touch.person_id, touch)
    cycles = _full(mine.filter(person__in=list(latest)[:MOST])).order_by("pk")
    return [(cycle, latest[cycle.person_id]) for cycle in cycles]


def _meetings(user: Any, at: datetime) -> list[Meeting]:
    """Booked for today, or over without a word on how it went."""
    booked = Meeting.objects.filter(prospect__owner=user, outcome=Meeting.Outcome.BOOKED)
    rows = booked.filter(at__lt=tomorrow(at)).order_by("at", "pk")
    return list(
        rows.select_related(
            "prospect__person__company", "prospect__person__lead__score", "prospect__stage", "prospect__owner",
            "prospect__lead_move",
        )[:MOST]
    )  # fmt: skip


def _cycles(day: Day) -> Iterable[Prospect]:
    yield from day.new
    yield from day.forgotten
    yield from day.back
    yield from (promise.prospect for promise in day.promises)
    yield from (cycle for cycle, _touch in day.hot)
    yield from (meeting.prospect for meeting in day.meetings)


def _first_promises(cycles: Collection[int]) -> dict[int, FollowUp]:
    """Prospect → its first promise that is not kept."""
    found: dict[int, FollowUp] = {}
    if cycles:
        for promise in FollowUp.objects.filter(prospect__in=cycles, done_at=None).order_by("due_at", "pk"):
            found.setdefault(promise.prospect_id, promise)
    return found


def _values(cycles: Iterable[int]) -> dict[int, Decimal]:
    """Prospect → what its open deals are worth."""
    deals: Any = Deal.objects.filter(prospect__in=list(cycles), status=Deal.Status.OPEN).order_by()
    totals = deals.values_list("prospect").annotate(total=Sum("base_amount"))
    return {pk: total for pk, total in totals if total is not None}
