"""The rep's day: who is next and why. Each row says why it is there; the number of queries never grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import LeadMove, Touch, TouchKind
from leads.timeline import touch_about
from prospects.models import Deal, FollowUp, Meeting, Prospect
from prospects.week import Week, midnight, week

HOT_WITHIN = timedelta(hours=1)
MOST_CYCLES, MOST_UNASSIGNED = 1000, 20
ACTIONS = {FollowUp.Kind.CALL: "call", FollowUp.Kind.MAIL: "mail", FollowUp.Kind.ANSWER: "answer"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing to do. `action` is accept, call, answer, mail, open or meet. `clock` is by when; `at` when it was."""

    prospect: Prospect
    why: str
    action: str
    clock: datetime | None = None
    late: bool = False
    said: str = ""
    at: datetime | None = None
    follow_up: FollowUp | None = None
    meeting: Meeting | None = None
    value: Decimal | None = None

    @property
    def grade(self) -> str:
        return grade_of(self.prospect)


@dataclass(frozen=True)
class Section:
    key: str
    title: str | Promise
    hint: str | Promise
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Today:
    """`next` is the first thing to do and stands in no section. `unassigned` are at most 20 of `unassigned_total`."""

    at: datetime
    next: Row | None
    sections: list[Section]
    week: Week
    unassigned: list[Prospect]
    unassigned_total: int
    done: int

    @property
    def to_do(self) -> int:
        return sum(len(section.rows) for section in self.sections) + bool(self.next)

    @property
    def clocks(self) -> int:
        """Rows whose first answer is still awaited."""
        rows = [row for section in self.sections for row in section.rows] + ([self.next] if self.next else [])
        return sum(row.action == "accept" and row.clock is not None for row in rows)


def grade_of(prospect: Prospect) -> str:
    """The grade of the person's lead; empty for a cold contact and before the first score."""
    score = getattr(getattr(prospect.person, "lead", None), "score", None)
    return score.grade if score else ""


def today(user: Any, at: datetime) -> Today:
    """The day of `user` as seen at `at`: own prospects only, for a manager as well."""
    day = _gather(user, at)
    sections = [
        Section("new", gettext_lazy("New for you"), gettext_lazy("Answer by the clock"), _new(day)),
        Section(
            "replied", gettext_lazy("Replied"), gettext_lazy("Their sequence has stopped"), _replied(day)
        ),
        Section(
            "calls", gettext_lazy("Calls due"), gettext_lazy("Promised for today or before"), _calls(day)
        ),
        Section("hot", gettext_lazy("Hot right now"), gettext_lazy("Active in the last hour"), _hot(day)),
        Section("back", gettext_lazy("Back today"), gettext_lazy("Returned on the date you set"), _back(day)),
        Section("meetings", gettext_lazy("Meetings"), gettext_lazy("Today"), _meetings(day)),
    ]
    first = min((row for section in sections[:5] for row in section.rows), key=_urgency(at), default=None)
    nobodys = Prospect.objects.open().filter(owner=None)
    return Today(
        at=at,
        next=first,
        sections=[_without(section, first) for section in sections],
        week=week(user, at),
        unassigned=list(nobodys.for_card().order_by("answer_by", "pk")[:MOST_UNASSIGNED]),
        unassigned_total=nobodys.count(),
        done=_done(user, at),
    )


@dataclass
class _Day:
    """All rows of the day, read once. `taken` are prospects that stand in a section already."""

    at: datetime
    cycles: dict[int, Prospect]
    promises: list[FollowUp]
    values: dict[int, Decimal]
    touches: dict[int, Touch]
    meetings: list[Meeting]
    taken: set[int] = field(default_factory=set)

    def row(self, prospect: Prospect, why: str, action: str, **more: Any) -> Row:
        self.taken.add(prospect.pk)
        prospect = self.cycles.get(prospect.pk, prospect)
        return Row(prospect=prospect, why=why, action=action, value=self.values.get(prospect.pk), **more)

    def left(self) -> Iterable[Prospect]:
        return [cycle for cycle in self.cycles.values() if cycle.pk not in self.taken]


def _gather(user: Any, at: datetime) -> _Day:
    cycles = Prospect.objects.open().filter(owner=user).for_card()
    cycles = cycles.select_related("person__lead__score", "lead_move__submission", "previous__reason")[
        :MOST_CYCLES
    ]
    mine = {cycle.pk: cycle for cycle in cycles}
    promises = FollowUp.objects.filter(owner=user, done_at=None).order_by("due_at", "pk")
    with_person = (
        "prospect__person__company",
        "prospect__person__lead__score",
        "prospect__stage",
        "work_request",
    )
    deals = Deal.objects.filter(prospect__owner=user, status=Deal.Status.OPEN).order_by()
    values: Any = deals.values_list("prospect").annotate(total=Sum("base_amount"))
    meetings = Meeting.objects.filter(prospect__owner=user, outcome=Meeting.Outcome.BOOKED)
    meetings = meetings.filter(at__gte=midnight(at), at__lt=_tomorrow(at)).order_by("at", "pk")
    return _Day(
        at=at,
        cycles=mine,
        promises=list(promises.select_related(*with_person)),
        values={pk: total for pk, total in values if total is not None},
        touches=_last_touches(mine.values(), at),
        meetings=list(meetings.select_related(*with_person[:3])),
    )


def _last_touches(cycles: Iterable[Prospect], at: datetime) -> dict[int, Touch]:
    """Person → their latest touch of the last hour. An opened mail is no sign of anything."""
    people = [cycle.person_id for cycle in cycles]
    touches = Touch.objects.filter(person__in=people, at__gt=at - HOT_WITHIN, at__lte=at).exclude(
        kind=TouchKind.OPEN
    )
    return {
        touch.person_id: touch
        for touch in touches.select_related("asset", "page", "message").order_by("at", "pk")
    }


def _new(day: _Day) -> list[Row]:
    """Handed over and without a verdict. The clock runs until somebody acts."""
    waiting = [
        cycle
        for cycle in day.cycles.values()
        if cycle.origin == Prospect.Origin.INBOUND and not cycle.verdict and not _came_back(cycle)
    ]
    rows = [
        day.row(
            cycle, _why_new(cycle), "accept", at=cycle.opened_at, said=_said(cycle), **_clock(cycle, day.at)
        )
        for cycle in waiting
    ]
    return sorted(rows, key=_urgency(day.at))


def _came_back(cycle: Prospect) -> bool:
    """By the date of a "not now": the cycle before says when that was."""
    before = cycle.previous
    return bool(before and before.returned_at and before.returned_at == cycle.opened_at)


def _waits_since_return(cycle: Prospect) -> bool:
    return _came_back(cycle) and not cycle.verdict and cycle.first_acted_at is None


def _clock(cycle: Prospect, at: datetime) -> dict[str, Any]:
    running = cycle.answer_by if cycle.first_acted_at is None else None
    return {"clock": running, "late": running is not None and running < at}


def _why_new(cycle: Prospect) -> str:
    move = cycle.lead_move
    if cycle.previous and cycle.previous.closed_at:
        pause = timesince(cycle.previous.closed_at, cycle.opened_at, depth=1)
        return _("Came back after %(time)s") % {"time": pause}
    if move and move.way == LeadMove.Way.INQUIRY:
        asked = move.submission.get_inquiry_display() if move.submission else ""
        return _("Asked for: %(what)s") % {"what": asked} if asked else _("Asked for contact")
    if move and move.grade:
        return _("Over the threshold with grade %(grade)s; all required facts known") % {"grade": move.grade}
    return _("Marketing-qualified")


def _said(cycle: Prospect) -> str:
    submission = cycle.lead_move.submission if cycle.lead_move else None
    return str(submission.answers.get("message", "")) if submission else ""


def _replied(day: _Day) -> list[Row]:
    """What they did and somebody must answer, on closed cycles of mine as well: a customer writes, too."""
    rows = [
        day.row(promise.prospect, promise.text or str(promise.get_kind_display()), "answer", at=promise.due_at,
                follow_up=promise)
        for promise in day.promises
        if promise.kind == FollowUp.Kind.ANSWER
        and promise.due_at < _tomorrow(day.at)
        and promise.prospect_id not in day.taken
    ]  # fmt: skip
    return sorted(rows, key=_urgency(day.at))


def _calls(day: _Day) -> list[Row]:
    """Promises that are due, in the order of their hour; then cycles that nobody promised anything for."""
    back = {cycle.pk for cycle in day.cycles.values() if _waits_since_return(cycle)}
    rows = [
        day.row(promise.prospect, promise.text or str(promise.get_kind_display()),
                ACTIONS.get(FollowUp.Kind(promise.kind), "open"), clock=promise.due_at,
                late=promise.due_at < day.at, follow_up=promise)
        for promise in day.promises
        if promise.kind != FollowUp.Kind.ANSWER
        and promise.due_at < _tomorrow(day.at)
        and promise.prospect_id in day.cycles
        and promise.prospect_id not in day.taken | back
    ]  # fmt: skip
    promised = {promise.prospect_id for promise in day.promises} | back
    forgotten = [cycle for cycle in day.left() if cycle.pk not in promised]
    return rows + [day.row(cycle, _("No next step is planned"), "call") for cycle in forgotten]


def _hot(day: _Day) -> list[Row]:
    rows = []
    for cycle in day.left():
        touch = day.touches.get(cycle.person_id)
        if touch and not _waits_since_return(cycle):
            about = f"{touch.get_kind_display()} {touch_about(touch)}".strip()
            rows.append(day.row(cycle, about[:1].upper() + about[1:], "call", at=touch.at))
    return sorted(rows, key=_urgency(day.at))


def _back(day: _Day) -> list[Row]:
    rows = []
    for cycle in day.left():
        if _waits_since_return(cycle):
            reason = cycle.previous.reason.name if cycle.previous and cycle.previous.reason else _("Not now")
            rows.append(day.row(cycle, _("“%(reason)s”, and this is the date") % {"reason": reason}, "open"))
    return sorted(rows, key=_urgency(day.at))


def _meetings(day: _Day) -> list[Row]:
    return [
        day.row(meeting.prospect, meeting.subject or _("Meeting"), "meet", at=meeting.at, meeting=meeting)
        for meeting in day.meetings
    ]


def _tomorrow(at: datetime) -> datetime:
    return midnight(at) + timedelta(days=1)


def _urgency(at: datetime) -> Callable[[Row], tuple[int, str, Decimal, datetime]]:
    """Broken clock first, then a running one, then what is due, then the rest; inside that by grade, then value."""

    def key(row: Row) -> tuple[int, str, Decimal, datetime]:
        due = row.clock is None or row.clock <= at
        heat = 0 if row.late else 1 if row.action == "accept" else 2 if due else 3
        return heat, row.grade or "Z", -(row.value or Decimal(0)), row.clock or row.at or at

    return key


def _without(section: Section, row: Row | None) -> Section:
    return Section(section.key, section.title, section.hint, [one for one in section.rows if one is not row])


def _done(user: Any, at: datetime) -> int:
    """What this user finished today: promises kept and verdicts given."""
    kept = FollowUp.objects.filter(done_by=user, done_at__gte=midnight(at), done_at__lte=at).count()
    return (
        kept + Prospect.objects.filter(owner=user, accepted_at__gte=midnight(at), accepted_at__lte=at).count()
    )
