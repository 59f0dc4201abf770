"""What a simulation adds up to: numbers a page can draw, of a size that does not grow with the audience.

People are kept by number only: names are read when the page is drawn, so nobody's erasure has to look in here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import PublishedStep, StepKind
from leads.models import Enrolment
from leads.nurture.rehearsal.play import Event, Flow, What
from leads.nurture.walk import ASKS, Steps, Walk, following_position

NAMED = 20  # people listed beside a reason


@dataclass
class Held:
    """Mails of one step held for one reason. `ends`: for good."""

    people: int = 0
    mails: int = 0
    named: list[int] = field(default_factory=list)
    last: int = 0

    def add(self, person: int) -> None:
        self.mails += 1
        if person == self.last:
            return  # one person is played at a time
        self.last, self.people = person, self.people + 1
        if len(self.named) < NAMED:
            self.named.append(person)


@dataclass
class StepTally:
    """One step over all people."""

    entered: int = 0
    first_way: int = 0
    mails: int = 0
    others: int = 0  # follow-ups and changes
    first_at: datetime | None = None
    last_at: datetime | None = None
    days: Counter[str] = field(default_factory=Counter)  # day of the base zone
    base_hours: Counter[int] = field(default_factory=Counter)
    local_hours: Counter[int] = field(default_factory=Counter)
    held: dict[tuple[str, bool], Held] = field(default_factory=dict)

    def sent(self, at: datetime, base: ZoneInfo, zone: ZoneInfo) -> None:
        here = at.astimezone(base)
        self.mails += 1
        self.days[here.date().isoformat()] += 1
        self.base_hours[here.hour] += 1
        self.local_hours[at.astimezone(zone).hour] += 1
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)


class Tally:
    """One bound of a rehearsal. `tell` hears what happens, `over` how each walk stood at the end."""

    def __init__(self, steps: Steps, base: ZoneInfo) -> None:
        self._base = base
        self._kinds = {position: step.kind for position, step in steps.items()}
        self.steps = {position: StepTally() for position in steps}
        self.load: Counter[str] = Counter()  # hour of the base zone → mails
        self.people = self.mailed = self.finished = self.walking = 0
        self.left: Counter[str] = Counter()

    def tell(self, event: Event, zone: ZoneInfo) -> None:
        step = self.steps[event.step.position]
        person = event.flow.message.person_id
        match event.what:
            case What.SENT:
                step.sent(event.at, self._base, zone)
                self.load[hour_of(event.at, self._base)] += 1
            case What.HELD | What.REFUSED:
                key = (event.reason, event.what == What.REFUSED)
                step.held.setdefault(key, Held()).add(person)
            case _:
                step.others += 1

    def over(self, flow: Flow, *, mailed: bool) -> None:
        walk: Walk = flow.walk
        self.people += 1
        self.mailed += mailed
        self.finished += walk.state == Enrolment.State.FINISHED
        self.walking += walk.state == Enrolment.State.ACTIVE
        if walk.state == Enrolment.State.EXITED:
            self.left[walk.exit_reason] += 1
        for position, step in self.steps.items():
            step.entered += walk.entered >> position & 1
            step.first_way += walk.went_first_way >> position & 1

    def as_json(self) -> dict[str, Any]:
        return {
            "people": self.people,
            "mailed": self.mailed,
            "mails": sum(step.mails for step in self.steps.values()),
            "finished": self.finished,
            "walking": self.walking,
            "left": dict(self.left.most_common()),
            "load": dict(sorted(self.load.items())),
            "steps": [self._step(position, step) for position, step in self.steps.items()],
        }

    def _step(self, position: int, step: StepTally) -> dict[str, Any]:
        asks = self._kinds[position] in ASKS
        return {
            "position": position,
            "entered": step.entered,
            "mails": step.mails,
            "others": step.others,
            "first_way": step.first_way if asks else None,
            "other_way": step.entered - step.first_way if asks else None,
            "first_at": step.first_at.isoformat() if step.first_at else None,
            "last_at": step.last_at.isoformat() if step.last_at else None,
            "days": dict(sorted(step.days.items())),
            "base_hours": _by_hour(step.base_hours),
            "local_hours": _by_hour(step.local_hours),
            "held": [_held(key, held) for key, held in step.held.items()],
        }


def hour_of(at: datetime, zone: ZoneInfo) -> str:
    """``2026-11-25T09``. The hour that comes twice when the clocks go back is one hour here."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H")


def _by_hour(hours: Counter[int]) -> list[int]:
    return [hours[hour] for hour in range(24)] if hours else []


def _held(key: tuple[str, bool], held: Held) -> dict[str, Any]:
    reason, ends = key
    return {
        "reason": reason,
        "ends": ends,
        "people": held.people,
        "mails": held.mails,
        "named": held.named,
    }


def unreachable(steps: Steps) -> list[int]:
    """Positions to which no way leads from the first step, whoever walks."""
    seen: set[int] = set()
    ahead = [min(steps)] if steps else []
    while ahead:
        position = ahead.pop()
        if position in seen or position not in steps:
            continue
        seen.add(position)
        ahead += _ways_of(steps[position])
    return sorted(set(steps) - seen)


def _ways_of(step: PublishedStep) -> list[int]:
    if step.kind == StepKind.END:
        return []
    other = [following_position(step, first_way=False)] if step.kind in ASKS else []
    return [following_position(step), *other]
