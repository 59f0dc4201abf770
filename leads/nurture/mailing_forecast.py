"""Before a mailing is sent: who would get it, who would not, and why. Asks the gate itself; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from campaigns.models import Sequence as MailSequence
from leads import segments
from leads.models import Enrolment, Mailing, Message, Person
from leads.nurture.mailings import due_in_zone
from leads.sending import gate

AT_ONCE = 1000  # people judged with one set of queries
MOST = 10_000  # more are not looked at one by one: the page would keep its reader waiting
NAMED = 8


@dataclass
class Reason:
    """Why some would not get it. `for_good`: they never will; else it waits until a time."""

    words: str
    for_good: bool
    people: int = 0
    named: list[Person] = field(default_factory=list)


@dataclass(frozen=True)
class Forecast:
    """`people`: in the segment. `asked`: of them so many were judged. `first_at` to `last_at`: when it is due."""

    people: int
    asked: int
    gets: int
    reasons: list[Reason]
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def is_sample(self) -> bool:
        return self.asked < self.people


def forecast(mailing: Mailing, *, at: datetime) -> Forecast:
    """As of now: who is in the segment and what the gate knows may change until it is due."""
    chosen = segments.people(mailing.segment, at=at)
    due, running = due_in_zone(mailing, at=at), _running(mailing.sequence)
    reasons: dict[tuple[str, bool], Reason] = {}
    gets = asked = 0
    times: list[datetime] = []
    for some in _chunks(chosen.order_by("pk")[:MOST].iterator(chunk_size=AT_ONCE)):
        mails = [_mail(person, running, due(gate.zone_of(person))) for person in some]
        known = gate.load(mails, at)
        for mail in mails:
            asked += 1
            times.append(mail.due_at)
            answer = gate.judge(mail, known, mail.due_at)
            gets += answer.allowed
            if not answer.allowed:
                _note(reasons, answer, mail.person)
    found = sorted(reasons.values(), key=lambda reason: (not reason.for_good, -reason.people, reason.words))
    people = asked if asked < MOST else chosen.count()
    return Forecast(people, asked, gets, found, min(times, default=None), max(times, default=None))


def _running(sequence: MailSequence) -> MailSequence:
    """As it will stand once it is started."""
    running = copy(sequence)
    running.state = MailSequence.State.LIVE
    return running


def _mail(person: Person, sequence: MailSequence, due_at: datetime) -> Message:
    walk = Enrolment(person=person, sequence=sequence, state=Enrolment.State.ACTIVE)
    return Message(kind=Message.Kind.SEQUENCE, person=person, enrolment=walk, due_at=due_at)


def _note(reasons: dict[tuple[str, bool], Reason], answer: gate.Answer, person: Person) -> None:
    key = (answer.reason, answer.until is None)
    reason = reasons.setdefault(key, Reason(*key))
    reason.people += 1
    if len(reason.named) < NAMED:
        reason.named.append(person)


def _chunks(people: Iterable[Person]) -> Iterator[list[Person]]:
    rest = iter(people)
    while some := list(islice(rest, AT_ONCE)):
        yield some
