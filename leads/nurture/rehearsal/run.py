"""The walk of the audience through the draft: lots of people, each played once for each bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from leads.models import Mailing, Person
from leads.nurture import mailings
from leads.nurture.rehearsal.cast import LOT, Bound, Versions, let_answer, other_flows, our_flow
from leads.nurture.rehearsal.collisions import Collisions
from leads.nurture.rehearsal.draft import Draft
from leads.nurture.rehearsal.play import Event, Flow, Play, What
from leads.nurture.rehearsal.tally import Tally, unreachable
from leads.sending import gate

SPAN = timedelta(days=400)  # nobody is walked further ahead
DueInZone = Callable[[ZoneInfo], datetime]


@dataclass(frozen=True)
class Scene:
    """What is the same for everybody: the draft, when they come in, and what a mailing says of when its mail is due."""

    draft: Draft
    at: datetime
    due_in_zone: DueInZone | None = None

    @property
    def until(self) -> datetime:
        return self.at + SPAN

    def bounds(self) -> tuple[Bound, ...]:
        return (Bound.NOBODY, Bound.EVERYBODY) if self.draft.behaviour_decides else (Bound.NOBODY,)


def scene_of(draft: Draft, *, at: datetime) -> Scene:
    """A mailing's first mail is due when its form says; every other walk begins at `at`."""
    mailing = Mailing.objects.filter(sequence=draft.sequence.pk).first()
    return Scene(draft, at, mailings.due_in_zone(mailing, at=at) if mailing else None)


def lots(people: QuerySet[Person]) -> Iterator[list[Person]]:
    """The people, `LOT` at a time."""
    rows = people.iterator(chunk_size=LOT)
    while lot := list(islice(rows, LOT)):
        yield lot


def rehearse(
    scene: Scene, people: Iterable[list[Person]], walked: Callable[[int], None] = lambda number: None
) -> dict[str, Any]:
    """Play every person once for each bound and add up what would happen. Writes nothing.

    `walked` is told after each lot how many are done.
    """
    base = ZoneInfo(settings.TIME_ZONE)
    tallies = {bound: Tally(scene.draft.steps, base) for bound in scene.bounds()}
    collisions, versions, zones, number = Collisions(), Versions(), Zones(), 0
    for lot in people:
        zones.add(lot)
        for bound, tally in tallies.items():
            meet = collisions.tell if bound == Bound.NOBODY else None
            for performance in performances(scene, lot, bound, versions):
                performance.run(tally, meet)
        walked(number := number + len(lot))
    return {
        "bounds": {bound: tally.as_json() for bound, tally in tallies.items()},
        "collisions": collisions.as_json(),
        "unreachable": unreachable(scene.draft.steps),
        "zones": zones.as_json(),
    }


@dataclass
class Performance:
    """One person, their walk through the draft, and what else they walk meanwhile."""

    scene: Scene
    person: Person
    ours: Flow
    others: Sequence[Flow]
    known: gate.Known

    def play(self, tell: Callable[[Event], None]) -> None:
        Play([self.ours, *self.others], self.known, gate.zone_of(self.person), tell).run(
            begins_at=self.scene.at, until=self.scene.until, about=self.ours
        )

    def run(self, tally: Tally, meet: Callable[[Event], None] | None) -> None:
        zone, mails = gate.zone_of(self.person), 0

        def tell(event: Event) -> None:
            nonlocal mails
            if event.flow is self.ours:
                mails += event.what == What.SENT
                tally.tell(event, zone)
            if meet is not None and self.others:
                meet(event)

        self.play(tell)
        tally.over(self.ours, mailed=mails > 0)


def performances(
    scene: Scene, lot: Sequence[Person], bound: Bound, versions: Versions
) -> Iterator[Performance]:
    ours = {
        person.pk: our_flow(scene.draft, person, at=scene.at, first_due=_given(scene, person))
        for person in lot
    }
    others = other_flows(lot, versions, without=scene.draft.sequence.pk)
    let_answer(list(ours.values()), at=scene.at, bound=bound, ours=True)
    let_answer([flow for flows in others.values() for flow in flows], at=scene.at, bound=bound, ours=False)
    every = [*ours.values(), *(flow for flows in others.values() for flow in flows)]
    known = gate.load([flow.message for flow in every], scene.at)
    for person in lot:
        yield Performance(scene, person, ours[person.pk], others.get(person.pk, []), known)


def performance_of(scene: Scene, person: Person, bound: Bound) -> Performance:
    """One person alone, for their trail."""
    return next(performances(scene, [person], bound, Versions()))


def _given(scene: Scene, person: Person) -> datetime | None:
    return scene.due_in_zone(gate.zone_of(person)) if scene.due_in_zone else None


class Zones:
    """How many people live in which zone. Holds them: the standard library forgets all but eight, and reads anew."""

    NAMED = 12

    def __init__(self) -> None:
        self._people: dict[str, int] = {}
        self._held: set[ZoneInfo] = set()

    def add(self, lot: Sequence[Person]) -> None:
        for person in lot:
            zone = gate.zone_of(person)
            self._held.add(zone)
            name = str(zone)
            self._people[name] = self._people.get(name, 0) + 1

    def as_json(self) -> list[tuple[str, int]]:
        """The largest first; what is left over under an empty name."""
        ranked = sorted(self._people.items(), key=lambda item: (-item[1], item[0]))
        rest = sum(number for _name, number in ranked[self.NAMED :])
        return [*ranked[: self.NAMED], *([("", rest)] if rest else [])]
