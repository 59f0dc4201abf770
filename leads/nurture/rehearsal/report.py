"""A kept result as a page draws it: names read now, hours as a calendar, the two bounds side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from leads.models import Person, Rehearsal
from leads.nurture.rehearsal.calendar import Day, Strip, calendar_of, days_left_out, strip_of
from leads.nurture.rehearsal.cast import Bound
from leads.nurture.rehearsal.collisions import why_in_words

People = Mapping[int, Person]


@dataclass(frozen=True)
class Ends:
    """One number under both bounds; `high` is None where behaviour decides nothing."""

    low: int
    high: int | None = None

    @property
    def differ(self) -> bool:
        return self.high is not None and self.high != self.low

    @property
    def is_nothing(self) -> bool:
        return not self.low and not self.high


@dataclass(frozen=True)
class StepLine:
    """A row of the steps table."""

    position: int
    kind: str
    words: str
    entered: Ends
    mails: Ends
    waits: Ends  # held for a while
    stops: Ends  # held for good
    first_way: Ends | None
    other_way: Ends | None
    first_at: datetime | None
    last_at: datetime | None
    local_hours: list[int]
    base_hours: list[int]
    no_way: bool  # no way leads here, whoever walks

    @property
    def nobody(self) -> bool:
        return self.entered.is_nothing

    @property
    def local_bars(self) -> Strip:
        return strip_of(self.local_hours)

    @property
    def here(self) -> str:
        """Mails by the hour of the organisation's zone, in words."""
        return strip_of(self.base_hours).says


@dataclass
class Reason:
    """Mails held for one reason over all steps, and who."""

    words: str
    ends: bool
    mails: int = 0
    people: int = 0
    steps: Counter[int] = field(default_factory=Counter)
    named: list[Person] = field(default_factory=list)

    @property
    def places(self) -> list[tuple[int, int]]:
        """(step, people)"""
        return sorted(self.steps.items())


@dataclass(frozen=True)
class Meeting:
    """One person whom two flows want."""

    person: Person | None
    at: datetime
    until: datetime | None
    loses: str
    wins: str
    reason: str
    why: str


@dataclass(frozen=True)
class MeetingOf:
    """Two flows that meet, and in how many people."""

    loses: str
    wins: str
    why: str
    people: int


class Report:
    """What a finished rehearsal says. `bound` is the one whose calendar is drawn."""

    def __init__(self, row: Rehearsal, *, bound: str = Bound.NOBODY) -> None:
        self.row = row
        self._result: dict[str, Any] = row.result
        self._bounds: dict[str, dict[str, Any]] = self._result["bounds"]
        self.bound = Bound(bound) if bound in self._bounds else Bound.NOBODY
        self.two = Bound.EVERYBODY in self._bounds
        self.audience = self._result["audience"]
        self.zones = self._result["zones"]
        self._names = names_of(self._numbers())

    @property
    def is_sample(self) -> bool:
        return self.audience["walked"] < self.audience["people"]

    @property
    def nobody_to_walk(self) -> bool:
        return not self.audience["walked"]

    def ends(self, name: str) -> Ends:
        return self._ends(lambda one: one[name])

    def _ends(self, read: Any) -> Ends:
        high = read(self._bounds[Bound.EVERYBODY]) if self.two else None
        return Ends(read(self._bounds[Bound.NOBODY]), high)

    people = property(lambda self: self.ends("people"))
    mailed = property(lambda self: self.ends("mailed"))
    mails = property(lambda self: self.ends("mails"))

    @property
    def stopped(self) -> Ends:
        """People whose walk a no for good has ended."""
        return self._ends(lambda one: sum(one["left"].values()))

    @property
    def waits(self) -> Ends:
        """Mails that would go out later than their step says."""
        return self._ends(lambda one: sum(_held(step, ends=False) for step in one["steps"]))

    @property
    def last_at(self) -> datetime | None:
        times = [step["last_at"] for one in self._bounds.values() for step in one["steps"] if step["last_at"]]
        return _moment(max(times, key=datetime.fromisoformat)) if times else None

    @property
    def busiest(self) -> tuple[datetime, int] | None:
        load = self._bounds[self.bound]["load"]
        hour = max(load, key=lambda key: load[key]) if load else None
        return (datetime.fromisoformat(f"{hour}:00"), load[hour]) if hour else None

    @property
    def calendar(self) -> list[Day]:
        over = {one["when"] for one in self.over["hours"]}
        return calendar_of(self._bounds[self.bound]["load"], over)

    @property
    def days_left_out(self) -> int:
        """Days with mail for which the calendar has no row."""
        return days_left_out(self._bounds[self.bound]["load"])

    @property
    def over(self) -> dict[str, Any]:
        return self._result["over"][self.bound]

    @property
    def over_days(self) -> list[tuple[date, int, int]]:
        return [(date.fromisoformat(one["when"]), one["mails"], one["allowed"]) for one in self.over["days"]]

    @property
    def steps(self) -> list[StepLine]:
        return [self._step(place) for place in range(len(self._bounds[Bound.NOBODY]["steps"]))]

    def _step(self, place: int) -> StepLine:
        ours = self._bounds[self.bound]["steps"][place]
        position = ours["position"]

        def ends(read: Any) -> Ends:
            return self._ends(lambda one: read(one["steps"][place]))

        asks = ours["first_way"] is not None
        return StepLine(
            position=position,
            kind=self._result["kinds"][str(position)],
            words=self._result["words"][str(position)],
            entered=ends(lambda step: step["entered"]),
            mails=ends(lambda step: step["mails"]),
            waits=ends(lambda step: _held(step, ends=False)),
            stops=ends(lambda step: _held(step, ends=True)),
            first_way=ends(lambda step: step["first_way"]) if asks else None,
            other_way=ends(lambda step: step["other_way"]) if asks else None,
            first_at=_moment(ours["first_at"]),
            last_at=_moment(ours["last_at"]),
            local_hours=ours["local_hours"],
            base_hours=ours["base_hours"],
            no_way=position in self._result["unreachable"],
        )

    @property
    def reasons(self) -> list[Reason]:
        """Of the bound that is drawn; for good first, then by number."""
        found: dict[tuple[str, bool], Reason] = {}
        for step in self._bounds[self.bound]["steps"]:
            for held in step["held"]:
                key = (held["reason"], held["ends"])
                self._add(found.setdefault(key, Reason(*key)), held, step["position"])
        return sorted(found.values(), key=lambda reason: (not reason.ends, -reason.people, reason.words))

    def _add(self, reason: Reason, held: Mapping[str, Any], position: int) -> None:
        reason.mails += held["mails"]
        reason.people = reason.people + held["people"] if reason.ends else max(reason.people, held["people"])
        reason.steps[position] += held["people"]
        known = {person.pk for person in reason.named}
        new = [self._names[pk] for pk in held["named"] if pk in self._names and pk not in known]
        reason.named = (reason.named + new)[:20]

    @property
    def meetings(self) -> Meetings:
        return Meetings(self._result["collisions"], self._names, ours=self.row.sequence_id)

    def _numbers(self) -> Iterable[int]:
        for one in self._bounds.values():
            for step in one["steps"]:
                for held in step["held"]:
                    yield from held["named"]
        yield from (line["person"] for line in self._result["collisions"]["listed"])


class Meetings:
    """Collisions as a page lists them. `ours`: the sequence that is rehearsed; 0 where none is."""

    def __init__(self, kept: Mapping[str, Any], names: People, *, ours: int = 0) -> None:
        self._kept, self._names, self.ours = kept, names, ours
        self.people, self.mails = kept["people"], kept["mails"]

    def _flow(self, pk: int) -> str:
        return self._kept["names"].get(str(pk), "")

    @property
    def pairs(self) -> list[MeetingOf]:
        return [
            MeetingOf(
                self._flow(one["loses"]), self._flow(one["wins"]), why_in_words(one["why"]), one["people"]
            )
            for one in self._kept["pairs"]
        ]

    @property
    def listed(self) -> list[Meeting]:
        return [self._meeting(line) for line in self._kept["listed"]]

    def _meeting(self, line: Mapping[str, Any]) -> Meeting:
        at, until = _moment(line["at"]), _moment(line["until"])
        assert at is not None
        return Meeting(
            person=self._names.get(line["person"]),
            at=at,
            until=until,
            loses=self._flow(line["loses"]),
            wins=self._flow(line["wins"]),
            reason=line["reason"],
            why=why_in_words(line["why"]),
        )


def names_of(numbers: Iterable[int]) -> People:
    """People by number; who was erased meanwhile is left out."""
    return {person.pk: person for person in Person.objects.filter(pk__in=set(numbers), erased_at=None)}


def _held(step: Mapping[str, Any], *, ends: bool) -> int:
    return sum(held["people"] for held in step["held"] if held["ends"] == ends)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
