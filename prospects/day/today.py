"""The rep's day: who is next and why. Each row says why it is there; the number of queries never grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import LeadMove
from leads.timeline import touch_about
from prospects.clocks.calling_hours import Line
from prospects.clocks.local_days import midnight
from prospects.day.counting import counted
from prospects.day.reading import Day, read_day
from prospects.models import FollowUp, Meeting, MeetingGuest, Prospect

MOST_UNASSIGNED = 20
ACTIONS = {
    FollowUp.Kind.CALL: "call",
    FollowUp.Kind.MAIL: "mail",
    FollowUp.Kind.ANSWER: "answer",
    FollowUp.Kind.SOCIAL: "social",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing to do. `action` is accept, call, answer, mail, social, open, meet or met.

    `clock` is by when; `at` when it was.

    `red`: an open prospect for whom nothing lies ahead. `dial` says whether a call is decent where they are.
    """

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
    red: bool = False
    dial: Line | None = None

    @property
    def waits(self) -> str:
        """Why this call cannot be made now; empty where it can, and for what is no call."""
        return self.dial.words if self.action == "call" and self.dial and not self.dial.free else ""

    @property
    def grade(self) -> str:
        return grade_of(self.prospect)


@dataclass(frozen=True)
class Section:
    key: str
    title: str | Promise
    hint: str | Promise
    rows: list[Row] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Today:
    """`next` is the first thing to do and stands in no section. `unassigned` are at most 20 of `unassigned_total`."""

    at: datetime
    next: Row | None
    sections: list[Section]
    unassigned: list[Prospect]
    unassigned_total: int
    done: int

    @property
    def to_do(self) -> int:
        return sum(len(section.rows) for section in self.sections) + bool(self.next)

    @property
    def clocks(self) -> int:
        """Rows whose first answer is still awaited."""
        return sum(row.action == "accept" and row.clock is not None for row in self.rows())

    def rows(self) -> Iterator[Row]:
        """All that is to do, the first thing first, then as it stands on the page."""
        if self.next:
            yield self.next
        for section in self.sections:
            yield from section.rows

    def after(self, prospect: int) -> Row | None:
        """The row to go on with, once this prospect is done with."""
        return next((row for row in self.rows() if row.prospect.pk != prospect), None)


def grade_of(prospect: Prospect) -> str:
    """The grade of the person's lead; empty for a cold contact and before the first score."""
    score = getattr(getattr(prospect.person, "lead", None), "score", None)
    return score.grade if score else ""


def today(user: Any, at: datetime, *, first: int | None = None) -> Today:
    """The day of `user` as seen at `at`: own prospects only, for a manager as well. `first` opens this prospect."""
    day = read_day(user, at)
    sections = [
        Section("new", gettext_lazy("New for you"), gettext_lazy("Answer by the clock"), _new(day)),
        Section("replied", gettext_lazy("Replied"), gettext_lazy("Their sequence has stopped"), _replied(day)),
        Section("met", gettext_lazy("Met?"), gettext_lazy("Say how the meeting went"), _met(day)),
        Section("due", gettext_lazy("Due"), gettext_lazy("Promised for today or before"), _due(day)),
        Section("hot", gettext_lazy("Hot right now"), gettext_lazy("Active in the last hour"), _hot(day)),
        Section("back", gettext_lazy("Back today"), gettext_lazy("Returned on the date you set"), _back(day)),
        Section("meetings", gettext_lazy("Meetings"), gettext_lazy("Today"), _meetings(day)),
    ]  # fmt: skip
    opened = _opened([row for section in sections[:-1] for row in section.rows], first, at)
    nobodys = Prospect.objects.open().filter(owner=None)
    unassigned = nobodys.select_related("person__company", "stage").order_by("answer_by", "pk")
    numbers = counted(nobodys=nobodys, **_done(user, at))
    return Today(
        at=at,
        next=opened,
        sections=[_left_of(section, opened, day) for section in sections],
        unassigned=list(unassigned[:MOST_UNASSIGNED]),
        unassigned_total=numbers["nobodys"],
        done=numbers["kept"] + numbers["accepted"],
    )


def _opened(rows: list[Row], first: int | None, at: datetime) -> Row | None:
    """The row somebody asked for, else the most urgent one."""
    asked = next((row for row in rows if row.prospect.pk == first), None)
    return asked or min(rows, key=_urgency(at), default=None)


def _row(day: Day, prospect: Prospect, why: str, action: str, **more: Any) -> Row:
    day.taken.add(prospect.pk)
    value, dial = day.values.get(prospect.pk), day.lines.get(prospect.pk)
    return Row(prospect=prospect, why=why, action=action, value=value, dial=dial, **more)


def _new(day: Day) -> list[Row]:
    """Handed over and without a verdict. The clock runs until somebody acts."""
    rows = [
        _row(day, cycle, _why_new(cycle), "accept", at=cycle.opened_at, said=_said(cycle), **_clock(cycle, day.at))
        for cycle in day.new
    ]  # fmt: skip
    return sorted(rows, key=_urgency(day.at))


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


def _replied(day: Day) -> list[Row]:
    """What they did and somebody must answer, on closed cycles of mine as well: a customer writes, too."""
    rows = [
        _row(day, promise.prospect, promise.text or str(promise.get_kind_display()), "answer", at=promise.due_at,
             follow_up=promise)
        for promise in day.promises
        if promise.kind == FollowUp.Kind.ANSWER and promise.prospect_id not in day.taken
    ]  # fmt: skip
    return sorted(rows, key=_urgency(day.at))


def _met(day: Day) -> list[Row]:
    """Meetings that are over and of which nobody said how they went, the latest first."""
    over = [meeting for meeting in day.meetings if _is_over(meeting, day.at)]
    return [
        _row(day, meeting.prospect, meeting.subject or _("Meeting"), "met", at=meeting.at, meeting=meeting)
        for meeting in reversed(over)
    ]


def _is_over(meeting: Meeting, at: datetime) -> bool:
    return meeting.at + timedelta(minutes=meeting.minutes) <= at


def _due(day: Day) -> list[Row]:
    """Promises that are due, in the order of their hour; then cycles that nobody promised anything for.

    Whoever cannot be rung at this hour stands below those who can.
    """
    back = {cycle.pk for cycle in day.back}
    rows = []
    for promise in day.promises:
        if promise.kind == FollowUp.Kind.ANSWER or promise.prospect_id in day.taken | back:
            continue
        action = ACTIONS.get(FollowUp.Kind(promise.kind), "open")
        why = promise.text or _without_a_note(promise)
        late = promise.due_at < day.at
        rows.append(
            _row(day, promise.prospect, why, action, clock=promise.due_at, late=late, follow_up=promise)
        )
    forgotten = [cycle for cycle in day.forgotten if cycle.pk not in day.taken | back]
    rows += [_row(day, cycle, _("No next step is planned"), "call", red=True) for cycle in forgotten]
    return sorted(rows, key=lambda row: bool(row.waits))


def _without_a_note(promise: FollowUp) -> str:
    if promise.kind == FollowUp.Kind.OTHER:
        return _("A step without a note")
    return str(promise.get_kind_display()).capitalize()


def _hot(day: Day) -> list[Row]:
    back = {cycle.pk for cycle in day.back}
    rows = []
    for cycle, touch in day.hot:
        if cycle.pk not in day.taken | back:
            about = f"{touch.get_kind_display()} {touch_about(touch)}".strip()
            rows.append(_row(day, cycle, about[:1].upper() + about[1:], "call", at=touch.at))
    return sorted(rows, key=_urgency(day.at))


def _back(day: Day) -> list[Row]:
    rows = []
    for cycle in day.back:
        if cycle.pk not in day.taken:
            reason = cycle.previous.reason.name if cycle.previous and cycle.previous.reason else _("Not now")
            why = _("“%(reason)s”, and this is the date") % {"reason": reason}
            rows.append(_row(day, cycle, why, "open", follow_up=day.promised.get(cycle.pk)))
    return sorted(rows, key=_urgency(day.at))


def _meetings(day: Day) -> list[Row]:
    """Those of today that are still to come."""
    return [
        _row(day, meeting.prospect, _about(meeting), "meet", at=meeting.at, meeting=meeting)
        for meeting in day.meetings
        if not _is_over(meeting, day.at)
    ]


def _about(meeting: Any) -> str:
    """What it is about, and what they answered to the invitation."""
    about = meeting.subject or _("Meeting")
    return f"{about}, {MeetingGuest.Answer(meeting.their_answer).label}" if meeting.their_answer else about


def _urgency(at: datetime) -> Callable[[Row], tuple[int, str, Decimal, datetime]]:
    """Broken clock, running clock, due, the rest, and last whoever sleeps now; inside that by grade, then value."""

    def key(row: Row) -> tuple[int, str, Decimal, datetime]:
        due = row.clock is None or row.clock <= at
        heat = 4 if row.waits else 0 if row.late else 1 if row.action == "accept" else 2 if due else 3
        return heat, row.grade or "Z", -(row.value or Decimal(0)), row.clock or row.at or at

    return key


def _left_of(section: Section, opened: Row | None, day: Day) -> Section:
    """The section without the row that stands opened above it."""
    rows = [row for row in section.rows if row is not opened]
    return replace(section, rows=rows, more=section.key in day.more)


def _done(user: Any, at: datetime) -> dict[str, QuerySet[Any]]:
    """What this user finished today: promises kept and verdicts given."""
    since = midnight(at)
    return {
        "kept": FollowUp.objects.filter(done_by=user, done_at__gte=since, done_at__lte=at),
        "accepted": Prospect.objects.filter(owner=user, accepted_at__gte=since, accepted_at__lte=at),
    }
