"""The post office: one queue per person over all flows, looked at ahead of time. Reads, never writes.

Everybody who walks a live sequence is walked on under a simulated clock, all their flows at once, as a rehearsal
does with a draft. Above `MOST` people a draw is walked, weighted by what the whole table says is due on which day:
the next day is then counted rather than guessed. Who will come in meanwhile is not known and not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Mod, TruncDate
from django.utils import timezone

from campaigns import sending
from campaigns.kept import Kept
from leads.models import Enrolment, Message, Person
from leads.nurture.rehearsal.audience import SLOTS, SPREAD
from leads.nurture.rehearsal.cast import LOT, RUNNING, Bound, Versions, let_answer, other_flows
from leads.nurture.rehearsal.collisions import Collisions
from leads.nurture.rehearsal.limits import most_an_hour
from leads.nurture.rehearsal.play import Event, Flow, Play, What
from leads.nurture.rehearsal.tally import hour_of
from leads.sending import gate

MOST = 2000  # people walked for one look at the page
DAYS = 30
HOURS = 24
Stratum = tuple[int, date]  # sequence, the day on which the flow's next mail or step is due


@dataclass(frozen=True)
class Slot:
    """An hour or a day: mails of sequences, mails people asked for, and what the server may send."""

    when: str
    mails: int
    asked_for: int
    allowed: int | None

    @property
    def together(self) -> int:
        return self.mails + self.asked_for

    @property
    def over(self) -> bool:
        return self.allowed is not None and self.together > self.allowed


@dataclass(frozen=True)
class Forecast:
    """`walked` of `people` were played; `flows`: sequence number, name, mails of the 30 days."""

    at: datetime
    people: int
    walked: int
    hours: list[Slot]
    days: list[Slot]
    flows: list[tuple[int, str, int]]
    collisions: dict[str, Any]
    held: dict[str, int]

    @property
    def next_day(self) -> int:
        return sum(slot.together for slot in self.hours[:HOURS])

    @property
    def next_month(self) -> int:
        return sum(slot.together for slot in self.days)

    @property
    def ramp_is_on(self) -> bool:
        return any(slot.allowed is not None for slot in self.days)

    @property
    def is_sample(self) -> bool:
        return self.walked < self.people


def forecast(*, at: datetime, most: int = MOST) -> Forecast:
    """The mail of the next 30 days by day and of the next 24 hours by hour, of everybody who is on the way now."""
    drawn = _Drawn(at, most)
    book = _Book(at, drawn.weights())
    for lot in drawn.lots():
        book.play(lot)
    return Forecast(
        at=at,
        people=drawn.number,
        walked=drawn.walked,
        hours=_hours(at, book),
        days=_days(at, book),
        flows=[(pk, book.names[pk], round(mails)) for pk, mails in _ranked(book.by_flow)],
        collisions=book.collisions.as_json(),
        held={reason: round(mails) for reason, mails in _ranked(book.held)},
    )


K = TypeVar("K")


def _ranked(numbers: Mapping[K, float]) -> list[tuple[K, float]]:
    return sorted(numbers.items(), key=lambda item: -item[1])


# The page is asked for again and again; a moment old is new enough.
_kept = Kept(lambda _key: forecast(at=timezone.now()))


def kept_forecast() -> Forecast:
    """`forecast` as of a moment ago at most."""
    return _kept("ahead")


class _Drawn:
    """Whom a look walks: everybody on a live sequence, or a draw by person."""

    def __init__(self, at: datetime, most: int) -> None:
        self._at = at
        walking = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, sequence__state__in=RUNNING)
        self._walking: QuerySet[Enrolment] = walking
        self.number = walking.aggregate(people=Count("person", distinct=True))["people"]
        slots = SLOTS if self.number <= most else max(1, SLOTS * most // self.number)
        self._mine = walking.annotate(draw=Mod(F("person_id") * SPREAD, SLOTS)).filter(draw__lt=slots)
        self._all = slots == SLOTS
        self.walked = 0

    def lots(self) -> Iterator[list[Person]]:
        people = Person.objects.filter(pk__in=self._mine.values("person")).order_by("pk")
        last = 0
        while lot := list(people.filter(pk__gt=last)[:LOT]):
            last = lot[-1].pk
            self.walked += len(lot)
            yield lot

    def weights(self) -> dict[Stratum, float]:
        """Stratum → how many flows of the table one drawn flow stands for."""
        if self._all:
            return {}
        drawn, every = _strata(self._mine, self._at), _strata(self._walking, self._at)
        seen = sum(every[stratum] for stratum in drawn)
        missed = sum(every.values()) / seen if seen else 1  # strata of which nobody was drawn
        return {stratum: every[stratum] / number * missed for stratum, number in drawn.items()}


def _strata(walking: QuerySet[Enrolment], at: datetime) -> Counter[Stratum]:
    """How many flows of which sequence have their next thing due on which day; what is overdue counts as today."""
    zone, today = ZoneInfo(settings.TIME_ZONE), sending.day_of(at)
    mails = Message.objects.filter(
        state=Message.State.SCHEDULED, enrolment__in=walking.filter(due_at=None).values("pk")
    )
    rows = [
        walking.filter(due_at__isnull=False).values_list("sequence", TruncDate("due_at", tzinfo=zone)),
        mails.values_list("enrolment__sequence", TruncDate("due_at", tzinfo=zone)),
    ]
    found: Counter[Stratum] = Counter()
    for counted in rows:
        for sequence, day, number in counted.annotate(number=Count("pk")).order_by():
            found[sequence, max(day, today)] += number
    return found


@dataclass
class _Book:
    """What the plays add up to. `weights` is empty where everybody is walked."""

    at: datetime
    weights: dict[Stratum, float]
    by_hour: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_flow: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    held: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    names: dict[int, str] = field(default_factory=dict)
    collisions: Collisions = field(default_factory=Collisions)

    def __post_init__(self) -> None:
        self._base = ZoneInfo(settings.TIME_ZONE)
        self._versions = Versions()
        self._until = sending.day_begins(self.at) + timedelta(days=DAYS + 1)

    def play(self, lot: Sequence[Person]) -> None:
        flows = other_flows(lot, self._versions)
        every = [flow for mine in flows.values() for flow in mine]
        let_answer(every, at=self.at, bound=Bound.NOBODY, ours=False)
        known = gate.load([flow.message for flow in every], self.at)
        for person in lot:
            mine = flows.get(person.pk, [])
            weight = {id(flow): self._weight(flow) for flow in mine}
            tell = partial(self._tell, weight)
            Play(mine, known, gate.zone_of(person), tell).run(begins_at=self.at, until=self._until)

    def _weight(self, flow: Flow) -> float:
        due_at, enrolment = flow.due_at, flow.message.enrolment
        if not self.weights or due_at is None or enrolment is None:
            return 1
        day = max(sending.day_of(due_at), sending.day_of(self.at))
        return self.weights.get((enrolment.sequence_id, day), 1)

    def _tell(self, weight: dict[int, float], event: Event) -> None:
        self.collisions.tell(event)
        number, enrolment = weight[id(event.flow)], event.flow.message.enrolment
        if event.what == What.SENT and enrolment is not None:
            self.by_hour[hour_of(event.at, self._base)] += number
            self.by_flow[enrolment.sequence_id] += number
            self.names.setdefault(enrolment.sequence_id, str(enrolment.sequence))
        elif event.what in (What.HELD, What.REFUSED):
            self.held[event.reason] += number


def _asked_for(at: datetime) -> Counter[str]:
    """Downloads, confirmations and one-to-one mails that wait, by the hour they are due."""
    rows = Message.objects.filter(state=Message.State.SCHEDULED).exclude(kind=Message.Kind.SEQUENCE)
    base = ZoneInfo(settings.TIME_ZONE)
    return Counter(hour_of(max(due, at), base) for due in rows.values_list("due_at", flat=True).iterator())


def _hours(at: datetime, book: _Book) -> list[Slot]:
    asked, base = _asked_for(at), ZoneInfo(settings.TIME_ZONE)
    most = most_an_hour(sending.policy())
    hours = dict.fromkeys(hour_of(at + timedelta(hours=ahead), base) for ahead in range(HOURS + 1))
    return [Slot(hour, round(book.by_hour.get(hour, 0)), asked[hour], most) for hour in hours]


def _days(at: datetime, book: _Book) -> list[Slot]:
    asked, policy = Counter[str](), sending.policy()
    for hour, number in _asked_for(at).items():
        asked[hour[:10]] += number
    mails: dict[str, float] = defaultdict(float)
    for hour, weighed in book.by_hour.items():
        mails[hour[:10]] += weighed
    days = [sending.day_of(at) + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    return [_day(day, mails, asked, sending.most_on(policy, day)) for day in days]


def _day(day: date, mails: Mapping[str, float], asked: Counter[str], allowed: int | None) -> Slot:
    key = day.isoformat()
    return Slot(key, round(mails.get(key, 0)), asked[key], allowed)
