"""The walk of one person, step by step: when in their zone, and what the gate would say. Computed, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats

from campaigns.models import Sequence as MailSequence
from leads.models import Person
from leads.nurture.rehearsal.cast import Bound
from leads.nurture.rehearsal.draft import draft_of
from leads.nurture.rehearsal.play import Event, What
from leads.nurture.rehearsal.run import performance_of, scene_of
from leads.sending import gate

SHORT = "D j M H:i"


@dataclass
class Stop:
    """One thing that would happen, in the person's zone. `planned`: when a mail that waits was due; `waits`: why."""

    position: int
    words: str
    what: What
    at: datetime
    reason: str = ""
    planned: datetime | None = None
    waits: list[str] = field(default_factory=list)

    @property
    def local(self) -> str:
        """Not by the template's own filter, which would turn it into the reader's zone."""
        return formats.date_format(self.at, SHORT)

    @property
    def local_planned(self) -> str:
        return formats.date_format(self.planned, SHORT) if self.planned else ""


@dataclass(frozen=True)
class Trail:
    """The stops of one bound, and how the walk ends. `other_flows`: how many other sequences the person walks."""

    bound: Bound
    zone: str
    stops: list[Stop]
    state: str
    exit_reason: str
    other_flows: int


def trail(*, sequence: MailSequence, person: Person, at: datetime) -> list[Trail]:
    """What `person` would get of the working copy, entering at `at`: one trail for each bound."""
    scene = scene_of(draft_of(sequence), at=at)
    found = []
    for bound in scene.bounds():
        played = performance_of(scene, person, bound)
        events: list[Event] = []
        played.play(events.append)
        zone = gate.zone_of(person)
        ours = (event for event in events if event.flow is played.ours)
        stops = _stops(ours, zone, scene.draft.words)
        walk = played.ours.walk
        found.append(Trail(bound, str(zone), stops, walk.state, walk.exit_reason, len(played.others)))
    return found


def _stops(events: Iterable[Event], zone: ZoneInfo, words: dict[int, str]) -> list[Stop]:
    """What happens, each mail once: what it had to wait for stands beside it."""
    stops: list[Stop] = []
    waiting: Stop | None = None
    for event in events:
        stop = waiting or Stop(event.step.position, words[event.step.position], event.what, event.at)
        stop.what, stop.at = event.what, event.at.astimezone(zone)
        if event.what == What.HELD:
            stop.planned = stop.planned or stop.at
            stop.waits += [said for said in [_said(event)] if said not in stop.waits]
        else:
            stop.reason = event.reason
        if waiting is None:
            stops.append(stop)
        waiting = stop if event.what == What.HELD else None
    return stops


def _said(event: Event) -> str:
    rival = event.rival.message.enrolment if event.rival and event.rival is not event.flow else None
    return f"{event.reason}: {rival.sequence}" if rival else event.reason
