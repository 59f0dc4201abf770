"""What a rep's day is made of, read in a fixed number of queries, none of which grows with the number of prospects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.query import QuerySet

from leads.models import Touch, TouchKind
from prospects.clocks.calling_hours import Line, line, with_silence
from prospects.clocks.local_days import tomorrow
from prospects.models import Deal, FollowUp, Meeting, MeetingGuest, Prospect
from prospects.models.prospect import ProspectQuerySet

HOT_WITHIN = timedelta(hours=1)
PERSON = (
    "first_name", "last_name", "email", "phone", "phone_key", "job_title", "company_name", "country", "time_zone",
    "company__name", "company__city", "company__country", "company__size", "company__industry", "lead__score",
)  # fmt: skip
DRAWN = (
    "origin", "verdict", "opened_at", "answer_by", "first_acted_at", "closed_at", "owner", "pipeline",
    "stage__slug", "stage__name",
    "lead_move__way", "lead_move__grade", "lead_move__at", "lead_move__submission__answers",
    "lead_move__submission__inquiry", "previous__closed_at", "previous__reason__name",
    *(f"person__{name}" for name in PERSON),
)  # fmt: skip
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


def read_day(user: Any, at: datetime) -> Day:
    """Own rows only, for a manager as well. Nine queries at most.

    In two steps: narrow statements say which cycles, one wide statement reads all that is drawn of them. What costs is
    planning the wide join, not its rows, so it is planned once.
    """
    more: set[str] = set()
    mine = Prospect.objects.open().filter(owner=user)
    waiting = mine.filter(origin=Prospect.Origin.INBOUND, verdict="")
    unanswered = waiting.exclude(came_back()).order_by(F("answer_by").asc(nulls_last=True), "pk")
    back_now = waiting.filter(came_back(), first_acted_at=None).order_by("opened_at", "pk")
    new = _cut("new", unanswered.values_list("pk", flat=True), more)
    told = _cut("due", _promises(user, at), more)
    red = _cut("due", _forgotten(mine, at).order_by("stage_since", "pk").values_list("pk", flat=True), more)
    back = _cut("back", back_now.values_list("pk", flat=True), more)
    hot, meetings = _hot(mine, at), _meetings(user, at)
    asked = {*new, *red, *back, *hot, *(row.prospect_id for row in [*told, *meetings])}
    shown = {cycle.pk: cycle for cycle in _drawn(asked, at)}
    for cycle in shown.values():
        if cycle.owner_id == user.pk:
            cycle.owner = user
    for row in [*told, *meetings]:
        row.prospect = shown[row.prospect_id]
    return Day(
        at=at,
        new=[shown[pk] for pk in new],
        promises=told,
        forgotten=[shown[pk] for pk in red],
        back=[shown[pk] for pk in back],
        hot=[(shown[pk], touch) for pk, touch in hot.items()],
        meetings=meetings,
        promised=_first_promises(back),
        values={pk: cycle.worth for pk, cycle in shown.items() if cycle.worth is not None},
        lines={pk: line(cycle, at) for pk, cycle in shown.items()},
        more=more,
    )


def _drawn(ids: Collection[int], at: datetime) -> Iterable[Any]:
    """The columns that a row of the day shows, and no other; `worth`: what the open deals sum up to."""
    deals: Any = Deal.objects.filter(prospect=OuterRef("pk"), status=Deal.Status.OPEN).order_by()
    total = deals.values("prospect").annotate(total=Sum("base_amount")).values("total")
    rows = with_silence(Prospect.objects.filter(pk__in=ids), at).annotate(worth=Subquery(total))
    told = rows.select_related("person__company", "person__lead__score", "stage")
    return told.select_related("lead_move__submission", "previous__reason").only(*DRAWN)


def came_back() -> Q:
    """By the date of a "not now": the cycle before says when that was."""
    return Q(previous__isnull=False, previous__returned_at=F("opened_at"))


def _cut(kind: str, rows: QuerySet[Any], more: set[str]) -> list[Any]:
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        more.add(kind)
    return found[:MOST]


def _promises(user: Any, at: datetime) -> QuerySet[FollowUp]:
    """Due by the end of today. On closed cycles only what they wrote: a customer writes, too."""
    due = FollowUp.objects.filter(owner=user, done_at=None, due_at__lt=tomorrow(at))
    wanted = due.filter(Q(prospect__closed_at=None) | Q(kind=FollowUp.Kind.ANSWER))
    return wanted.select_related("work_request").order_by("due_at", "pk")


def _forgotten(mine: ProspectQuerySet, at: datetime) -> QuerySet[Prospect]:
    """Nobody promised anything for them, neither ahead nor overdue, and no verdict is awaited."""
    undone = FollowUp.objects.filter(prospect=OuterRef("pk"), done_at=None)
    awaited = Q(origin=Prospect.Origin.INBOUND, verdict="")
    return mine.without_next_step(at).exclude(awaited).filter(~Exists(undone))


def _hot(mine: QuerySet[Prospect], at: datetime) -> dict[int, Touch]:
    """Cycles whose person did something in the last hour → the latest of it. An opened mail is no sign of anything."""
    lately = Touch.objects.filter(at__gt=at - HOT_WITHIN, at__lte=at).exclude(kind=TouchKind.OPEN)
    touches = lately.filter(person__in=mine.values("person")).order_by("-at", "-pk")
    latest: dict[int, Touch] = {}
    for touch in touches.select_related("asset", "page", "message")[: MOST * 5]:
        latest.setdefault(touch.person_id, touch)
    cycles = mine.filter(person__in=list(latest)[:MOST]).order_by("pk").values_list("pk", "person_id")
    return {pk: latest[person] for pk, person in cycles}


def _meetings(user: Any, at: datetime) -> list[Meeting]:
    """Booked for today, or over without a word on how it went; `their_answer` is to the invitation."""
    booked = Meeting.objects.filter(prospect__owner=user, outcome=Meeting.Outcome.BOOKED)
    theirs = MeetingGuest.objects.filter(meeting=OuterRef("pk"), person=OuterRef("prospect__person"))
    booked = booked.annotate(their_answer=Subquery(theirs.values("answer")[:1]))
    return list(booked.filter(at__lt=tomorrow(at)).order_by("at", "pk")[:MOST])


def _first_promises(cycles: Collection[int]) -> dict[int, FollowUp]:
    """Prospect → its first promise that is not kept."""
    found: dict[int, FollowUp] = {}
    if cycles:
        for promise in FollowUp.objects.filter(prospect__in=cycles, done_at=None).order_by("due_at", "pk"):
            found.setdefault(promise.prospect_id, promise)
    return found
