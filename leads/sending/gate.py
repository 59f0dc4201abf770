"""The one gate: may this person get this message now? The answer and its reason are stored beside the message.

Everything it needs of a batch is read in a fixed number of queries (`load`); the judgement itself (`judge`) is
pure. Sequence mail needs consent and passes every check. Mail that a person asked for (download, confirmation)
is stopped only by an address that does not work, a complaint, or too many of them: an unsubscribed person who
asks for a download gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from campaigns.models import Sequence as MailSequence
from leads.consent import MARKETING, email_hashes
from leads.models import (
    ConsentEvent,
    Enrolment,
    Lead,
    LeadStatus,
    Message,
    Pause,
    Person,
    Suppression,
    TopicChoice,
)

ASKED_FOR = (Message.Kind.DOWNLOAD, Message.Kind.OPT_IN, Message.Kind.REQUEST)
ENDS_ALL = (Suppression.Reason.BOUNCED, Suppression.Reason.COMPLAINED)
WENT_OUT = (Message.State.SENDING, Message.State.SENT, Message.State.UNKNOWN)
LOOK_AGAIN = timedelta(minutes=15)
TOO_LATE = timedelta(days=7)
MOST_AN_HOUR, MOST_A_DAY = 3, 10  # mails asked for, a person (RELIABILITY C9)


class Why:
    """Reasons as they are stored and shown. `TOO_LATE` skips a step; the other endings end an enrolment."""

    NO_ADDRESS = "no address"
    ERASED = "erased"
    MERGED = "merged into another person"
    NO_CONSENT = "no consent to marketing mail"
    TOPIC = "does not want this topic"
    TOO_MANY = "too many mails asked for today"
    LEFT = "left the sequence"
    ENDED = "the sequence has ended"
    TOO_LATE = "too late"
    NOT_A_LEAD = "not a lead"
    WITH_SALES = "with sales"
    AUDIENCE = "not in the sequence's audience"
    PAUSED = "the sequence is paused"
    PERSON_PAUSED = "the person asked for a pause"
    QUIET = "quiet hours"
    GAP = "another mail went out shortly before"
    HOUR = "three mails asked for within an hour"


@dataclass(frozen=True)
class Answer:
    """`until` (aware): ask again then. Not allowed and no `until`: `state` is how the message ends."""

    allowed: bool
    reason: str = ""
    until: datetime | None = None
    state: str = ""


YES = Answer(allowed=True)


def _no(reason: str, state: str = Message.State.SUPPRESSED) -> Answer:
    return Answer(allowed=False, reason=reason, state=state)


def _wait(reason: str, until: datetime) -> Answer:
    return Answer(allowed=False, reason=reason, until=until)


@dataclass(frozen=True)
class Known:
    """What the checks of a batch read, by person id."""

    suppressed: dict[int, list[tuple[int | None, str]]] = field(default_factory=dict)  # (topic id, reason)
    consented: frozenset[int] = frozenset()
    paused: dict[int, datetime] = field(default_factory=dict)
    unwanted: frozenset[tuple[int, int]] = frozenset()  # (person id, topic id)
    went_out: dict[int, list[tuple[str, datetime]]] = field(
        default_factory=dict
    )  # (kind, when), a day and more
    leads: dict[int, str] = field(default_factory=dict)  # status


def may_send(message: Message, at: datetime) -> Answer:
    """The gate for one message. Reads, never writes."""
    return judge(message, load([message], at), at)


def judge(message: Message, known: Known, at: datetime) -> Answer:
    """The first check that says no, or yes. `message` carries person, enrolment and sequence."""
    for check in _CHECKS[_flow(message)]:
        answer = check(message, known, at)
        if answer is not None:
            return answer
    return YES


def gap() -> timedelta:
    """Least time between two sequence mails to one person, over all sequences."""
    return timedelta(hours=settings.NURTURE_GAP_HOURS)


def load(messages: Sequence[Message], at: datetime) -> Known:
    """Read what the checks need, in a fixed number of queries."""
    people = {message.person_id: message.person for message in messages}
    ids = list(people)
    leads = Lead.objects.filter(person__in=ids).values_list("person_id", "status")
    return Known(
        suppressed=_suppressions(people.values()),
        consented=frozenset(_consented(ids)),
        paused=dict(
            Pause.objects.filter(person__in=ids).order_by("at", "pk").values_list("person_id", "until")
        ),
        unwanted=frozenset(
            TopicChoice.objects.filter(person__in=ids, wanted=False).values_list("person_id", "topic_id")
        ),
        went_out=_went_out(ids, at),
        leads=dict(leads),
    )


def _suppressions(people: Iterable[Person]) -> dict[int, list[tuple[int | None, str]]]:
    whose = {
        digest: person.pk
        for person in people
        if person.email_key
        for digest in email_hashes(person.email_key)
    }
    rows = Suppression.objects.filter(email_hash__in=whose, lifted_at=None)
    found: dict[int, list[tuple[int | None, str]]] = {}
    for digest, topic, reason in rows.values_list("email_hash", "topic_id", "reason"):
        found.setdefault(whose[digest], []).append((topic, reason))
    return found


def _consented(ids: Sequence[int]) -> Iterable[int]:
    """People whose latest marketing row says yes; a row that waits for its confirmation does not count."""
    rows = ConsentEvent.objects.filter(person__in=ids, purpose=MARKETING, pending=False).order_by("at", "pk")
    latest = dict(rows.values_list("person_id", "given"))
    return (person for person, given in latest.items() if given)


def _went_out(ids: Sequence[int], at: datetime) -> dict[int, list[tuple[str, datetime]]]:
    since = at - max(gap(), timedelta(days=1))
    rows = Message.objects.filter(person__in=ids, state__in=WENT_OUT, claimed_at__gt=since).order_by(
        "claimed_at"
    )
    found: dict[int, list[tuple[str, datetime]]] = {}
    for person, kind, when in rows.values_list("person_id", "kind", "claimed_at"):
        if when:
            found.setdefault(person, []).append((kind, when))
    return found


def _flow(message: Message) -> str:
    if message.kind == Message.Kind.REQUEST:
        return "request"
    if message.kind in ASKED_FOR:
        return "asked for"
    return "sequence" if message.kind == Message.Kind.SEQUENCE else "one to one"


def _sequence(message: Message) -> MailSequence:
    assert message.enrolment is not None, "_on_a_sequence comes first"
    return message.enrolment.sequence


def _reachable(message: Message, known: Known, at: datetime) -> Answer | None:
    person = message.person
    if person.erased_at:
        return _no(Why.ERASED)
    if person.merged_into_id:
        return _no(Why.MERGED)
    return None if person.email and person.email_key else _no(Why.NO_ADDRESS)


def _works(message: Message, known: Known, at: datetime) -> Answer | None:
    """An address that does not exist or complained gets nothing, whoever asks."""
    reasons = [reason for topic, reason in known.suppressed.get(message.person_id, []) if topic is None]
    ends = next((reason for reason in reasons if reason in ENDS_ALL), None)
    return _no(ends) if ends else None


def _exists(message: Message, known: Known, at: datetime) -> Answer | None:
    """Who complained may still ask what we know of them, or to be forgotten, and gets the answer."""
    reasons = [reason for topic, reason in known.suppressed.get(message.person_id, []) if topic is None]
    bounced = Suppression.Reason.BOUNCED
    return _no(bounced) if bounced in reasons else None


def _on_a_sequence(message: Message, known: Known, at: datetime) -> Answer | None:
    """A row that lost its enrolment is nobody's; the checks after this one rely on it."""
    return None if message.enrolment else _no(Why.LEFT, Message.State.CANCELLED)


def _not_suppressed(message: Message, known: Known, at: datetime) -> Answer | None:
    topic = _sequence(message).topic_id if message.kind == Message.Kind.SEQUENCE else None
    for about, reason in known.suppressed.get(message.person_id, []):
        if about is None or about == topic:
            return _no(reason)
    return None


def _consent(message: Message, known: Known, at: datetime) -> Answer | None:
    return None if message.person_id in known.consented else _no(Why.NO_CONSENT)


def _topic(message: Message, known: Known, at: datetime) -> Answer | None:
    topic = _sequence(message).topic_id
    return _no(Why.TOPIC) if topic and (message.person_id, topic) in known.unwanted else None


def _walking(message: Message, known: Known, at: datetime) -> Answer | None:
    """The sequence still runs and the person is still on it."""
    cancelled = Message.State.CANCELLED
    if message.enrolment.state == Enrolment.State.EXITED:
        return _no(Why.LEFT, cancelled)
    if _sequence(message).state in (MailSequence.State.ENDED, MailSequence.State.DRAFT):
        return _no(Why.ENDED, cancelled)
    return _no(Why.TOO_LATE, cancelled) if message.due_at < at - TOO_LATE else None


def _audience(message: Message, known: Known, at: datetime) -> Answer | None:
    reason = audience_refuses(_sequence(message), message.person, known.leads.get(message.person_id))
    return _no(reason, Message.State.CANCELLED) if reason else None


def audience_refuses(sequence: MailSequence, person: Person, status: str | None) -> str:
    """Why a person is not of a sequence's audience; empty when they are. `status`: of their lead, None: no lead."""
    audiences = MailSequence.Audience
    if sequence.audience == audiences.PROSPECTS:
        return "" if person.sales_open else Why.AUDIENCE
    if status is None:
        return Why.NOT_A_LEAD
    if sequence.audience == audiences.CUSTOMERS:
        return "" if status == LeadStatus.CUSTOMER else Why.AUDIENCE
    if person.sales_open:
        return Why.WITH_SALES
    return Why.AUDIENCE if status in (LeadStatus.CUSTOMER, LeadStatus.DISQUALIFIED) else ""


def _running(message: Message, known: Known, at: datetime) -> Answer | None:
    if _sequence(message).state == MailSequence.State.PAUSED:
        return _wait(Why.PAUSED, at + LOOK_AGAIN)
    return None


def _person_pause(message: Message, known: Known, at: datetime) -> Answer | None:
    until = known.paused.get(message.person_id)
    return _wait(Why.PERSON_PAUSED, until) if until and until > at else None


def _quiet(message: Message, known: Known, at: datetime) -> Answer | None:
    sequence = _sequence(message)
    if sequence.quiet_from is None or sequence.quiet_until is None:
        return None
    until = quiet_until(at, sequence.quiet_from, sequence.quiet_until, zone_of(message.person))
    return _wait(Why.QUIET, until) if until else None


def _spacing(message: Message, known: Known, at: datetime) -> Answer | None:
    times = [
        when for kind, when in known.went_out.get(message.person_id, []) if kind == Message.Kind.SEQUENCE
    ]
    until = max(times) + gap() if times else at
    return _wait(Why.GAP, until) if until > at else None


def _not_too_many(message: Message, known: Known, at: datetime) -> Answer | None:
    times = [when for kind, when in known.went_out.get(message.person_id, []) if kind in ASKED_FOR]
    if len([when for when in times if when > at - timedelta(days=1)]) >= MOST_A_DAY:
        return _no(Why.TOO_MANY)
    hour = [when for when in times if when > at - timedelta(hours=1)]
    return _wait(Why.HOUR, hour[-MOST_AN_HOUR] + timedelta(hours=1)) if len(hour) >= MOST_AN_HOUR else None


Check = Callable[[Message, Known, datetime], Answer | None]
_CHECKS: dict[str, tuple[Check, ...]] = {
    "asked for": (_reachable, _works, _not_too_many),
    "request": (_reachable, _exists, _not_too_many),
    "one to one": (_reachable, _not_suppressed),
    "sequence": (
        _on_a_sequence,
        _reachable,
        _not_suppressed,
        _consent,
        _topic,
        _walking,
        _audience,
        _running,
        _person_pause,
        _quiet,
        _spacing,
    ),
}


def zone_of(person: Person) -> ZoneInfo:
    """The person's zone by name; the organisation's where it is not known."""
    try:
        return ZoneInfo(person.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def quiet_until(at: datetime, begins: time, ends: time, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours around `at` end (UTC); None outside of them. Hours over midnight are fine.

    In the night the clocks go forward an end inside the gap comes at the first moment after it; in the night
    they go back it comes once, at the first of the two.
    """
    local = at.astimezone(zone)
    now = local.time()
    inside = begins <= now < ends if begins <= ends else now >= begins or now < ends
    if not inside or begins == ends:
        return None
    day = local.date() if now < ends else local.date() + timedelta(days=1)
    end = datetime.combine(day, ends, zone).astimezone(UTC)
    return end if end > at else None
