"""The walk of one person, step by step: when in their zone, and what the gate would say. Computed, never stored."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Stop:
    """One thing that would happen. `at` and `until` are in the person's zone."""

    position: int
    words: str
    what: What
    at: datetime
    reason: str = ""
    until: datetime | None = None
    rival: str = ""

    @property
    def local(self) -> str:
        """Not by the template's own filter, which would turn it into the reader's zone."""
        return formats.date_format(self.at, SHORT)

    @property
    def local_until(self) -> str:
        return formats.date_format(self.until, SHORT) if self.until else ""


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
        stops = [_stop(event, zone, scene.draft.words) for event in events if event.flow is played.ours]
        walk = played.ours.walk
        found.append(Trail(bound, str(zone), stops, walk.state, walk.exit_reason, len(played.others)))
    return found


def _stop(event: Event, zone: ZoneInfo, words: dict[int, str]) -> Stop:
    rival = event.rival.message.enrolment if event.rival and event.rival is not event.flow else None
    return Stop(
        position=event.step.position,
        words=words[event.step.position],
        what=event.what,
        at=event.at.astimezone(zone),
        reason=event.reason,
        until=event.until.astimezone(zone) if event.until else None,
        rival=str(rival.sequence) if rival else "",
    )
