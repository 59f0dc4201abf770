"""Walking a sequence, step by step. Pure: the real advance and the rehearsal both walk by exactly these rules.

A walk waits for a time (`due_at`) or for a mail on its way (`due_at` empty, `next_position` names its step).
Every time is reckoned from the end of the step before, never from "now". So after an outage waits and follow-ups
that came due meanwhile pass, the person gets the one mail that is due, and the usual distance begins from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from campaigns.models import PublishedStep, StepKind
from leads.models import Enrolment
from leads.nurture.times import allowed, due_after, roll
from leads.sending.gate import SKIPS
from leads.sending.gate.checks import TOO_LATE

State = Enrolment.State
Steps = Mapping[int, PublishedStep]  # position → step, of one version

LOOK_AGAIN = timedelta(hours=1)  # at what a walk waits for; what the person does wakes it earlier
LATE = timedelta(hours=1)  # from then on a mail is asked again whether this is a day for it
ASKS = (StepKind.BRANCH, StepKind.WAIT_FOR)


@dataclass
class Walk:
    """Where somebody stands, without a row: the fields of `Enrolment` that walking reads and writes."""

    position: int = 0
    next_position: int = 1
    due_at: datetime | None = None
    waits_since: datetime | None = None
    waits_until: datetime | None = None
    entered: int = 0
    went_first_way: int = 0
    state: str = State.ACTIVE
    exit_reason: str = ""
    goal_at: datetime | None = None
    ended_at: datetime | None = None


FIELDS = tuple(field.name for field in fields(Walk))
W = TypeVar("W", Walk, Enrolment)


@dataclass(frozen=True)
class Act:
    """What somebody else has to do for a step: a mail, a follow-up for a rep, a change. `at`: when it was due."""

    kind: str
    step: PublishedStep
    at: datetime


@dataclass(frozen=True)
class _Way(Generic[W]):
    """What a walk goes by: its version's steps, the time, its zone, and who answers what a step asks."""

    steps: Steps
    at: datetime
    zone: ZoneInfo
    holds: Callable[[PublishedStep, W], bool]
    look_again: timedelta


def step_on(
    walk: W,
    steps: Steps,
    *,
    at: datetime,
    zone: ZoneInfo,
    holds: Callable[[PublishedStep, W], bool],
    look_again: timedelta = LOOK_AGAIN,
) -> list[Act]:
    """Take every step that is due, until a mail, a time to come or the end. Changes `walk`; returns the acts in order.

    Before a question that follows a change it stops once, still due: do the acts, then call again, so that the
    question sees what was changed. `holds` answers what a branch or a wait asks.
    """
    way = _Way(steps, at, zone, holds, look_again)
    acts: list[Act] = []
    while walk.state == State.ACTIVE and walk.due_at is not None and walk.due_at <= at:
        step = steps.get(walk.next_position)
        if step is None:
            _finish(walk, walk.due_at)
        elif step.kind in ASKS and any(act.kind == StepKind.CHANGE for act in acts):
            break
        else:
            acts += _take(walk, step, walk.due_at, way)
    return acts


def started(steps: Steps, *, at: datetime, zone: ZoneInfo) -> Walk:
    """A walk at its beginning: the first step is due its delay after `at`."""
    first = steps.get(1)
    return Walk(due_at=due_after(ended_at=at, rule=first, zone=zone) if first else at)


def walk_of(enrolment: Enrolment) -> Walk:
    """Where an enrolment stands, to go on from without touching its row."""
    return Walk(**{name: getattr(enrolment, name) for name in FIELDS})


def mail_ended(walk: W, steps: Steps, *, ended_at: datetime, zone: ZoneInfo) -> None:
    """The mail on its way has ended, or was left out: the step is done and what comes next gets its time."""
    step = steps.get(walk.next_position)
    if step is None:
        _finish(walk, ended_at)
    else:
        _done(walk, step, steps, ended_at, zone)


def mail_refused(walk: W, steps: Steps, *, reason: str, at: datetime, zone: ZoneInfo) -> None:
    """The mail on its way was refused for good: the walk ends with the reason, or passes over this one mail."""
    if reason in SKIPS:
        mail_ended(walk, steps, ended_at=at, zone=zone)
    else:
        walk.state, walk.exit_reason, walk.ended_at = State.EXITED, reason[:60], at


def _take(walk: W, step: PublishedStep, due_at: datetime, way: _Way[W]) -> list[Act]:
    walk.entered |= 1 << step.position
    if step.kind == StepKind.MAIL:
        walk.due_at = None
        return [Act(step.kind, step, mail_time(step, due_at, at=way.at, zone=way.zone))]
    if step.kind == StepKind.WAIT_FOR:
        _look(walk, step, due_at, way)
        return []
    if step.kind == StepKind.END:
        walk.position = step.position
        _finish(walk, due_at)
        return []
    first_way = step.kind != StepKind.BRANCH or way.holds(step, walk)
    _done(walk, step, way.steps, due_at, way.zone, first_way=first_way)
    return [Act(step.kind, step, due_at)] if step.kind in (StepKind.FOLLOW_UP, StepKind.CHANGE) else []


def mail_time(step: PublishedStep, due_at: datetime, *, at: datetime, zone: ZoneInfo) -> datetime:
    """When a due mail may go out: at `due_at`, unless an outage has carried it into a day that is not for it.

    More than a week late it keeps its time: the gate leaves it out.
    """
    late = LATE <= at - due_at <= TOO_LATE
    if not late or allowed(at.astimezone(zone).date(), step.weekdays):
        return due_at
    return roll(at, weekdays=step.weekdays, at_time=step.at_time, zone=zone)


def _look(walk: W, step: PublishedStep, due_at: datetime, way: _Way[W]) -> None:
    """At what the walk waits for. It ends when it is seen, or when the limit is over; a late look still counts."""
    until = walk.waits_until
    if until is None:
        until = due_at + timedelta(hours=step.limit_hours or 0)
        walk.waits_since, walk.waits_until = due_at, until
    if way.holds(step, walk):
        _done(walk, step, way.steps, min(way.at, until), way.zone)
    elif way.at >= until:
        _done(walk, step, way.steps, until, way.zone, first_way=False)
    else:
        walk.due_at = min(until, way.at + way.look_again)


def _done(
    walk: W, step: PublishedStep, steps: Steps, ended_at: datetime, zone: ZoneInfo, *, first_way: bool = True
) -> None:
    """`step` is done; the one its way leads to is due its delay after that."""
    walk.position = step.position
    walk.waits_since = walk.waits_until = None
    if first_way and step.kind in ASKS:
        walk.went_first_way |= 1 << step.position
    following = steps.get(following_position(step, first_way=first_way))
    if following is None:
        _finish(walk, ended_at)
    else:
        walk.next_position = following.position
        walk.due_at = due_after(ended_at=ended_at, rule=following, zone=zone)


def following_position(step: PublishedStep, *, first_way: bool = True) -> int:
    """Where a step leads: forward only, so that every walk ends; 0 is the end."""
    asked = step.then_position if first_way else step.otherwise_position
    if asked is None:
        return step.position + 1 if first_way else 0
    return asked if asked > step.position else 0


def _finish(walk: W, ended_at: datetime) -> None:
    walk.state, walk.next_position, walk.due_at, walk.ended_at = State.FINISHED, 0, None, ended_at
