"""The checks, in the order in which they are asked. Each says no, not yet, or nothing. Pure.

Sequence mail needs a ground and passes every check. Mail that a person asked for (download, confirmation) is
stopped only by an address that does not work, a complaint, or too many of them: an unsubscribed person who asks
for a download gets it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from campaigns.models import Sequence as MailSequence
from campaigns.offers import is_over
from campaigns.sending import day_of
from leads.models import Enrolment, LeadStatus, Message, Person, Suppression
from leads.sending.gate import basis
from leads.sending.gate.answer import Answer, Why, no, wait
from leads.sending.gate.hours import quiet_until, zone_of
from leads.sending.gate.known import WEEK, Known, gap

ASKED_FOR = (Message.Kind.DOWNLOAD, Message.Kind.OPT_IN, Message.Kind.REQUEST)
ENDS_ALL = (Suppression.Reason.BOUNCED, Suppression.Reason.COMPLAINED)
LOOK_AGAIN = timedelta(minutes=15)
TOO_LATE = timedelta(days=7)
MOST_AN_HOUR, MOST_A_DAY = 3, 10  # mails asked for, a person (RELIABILITY C9)


def flow_of(message: Message) -> str:
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
        return no(Why.ERASED)
    if person.merged_into_id:
        return no(Why.MERGED)
    return None if person.email and person.email_key else no(Why.NO_ADDRESS)


def _on_every_topic(message: Message, known: Known, at: datetime) -> list[str]:
    rows = known.suppressed.get(message.person_id, [])
    return [reason for topic, reason, until in rows if topic is None and (until is None or until > at)]


def _works(message: Message, known: Known, at: datetime) -> Answer | None:
    """An address that does not exist or complained gets nothing, whoever asks."""
    reasons = _on_every_topic(message, known, at)
    ends = next((reason for reason in reasons if reason in ENDS_ALL), None)
    return no(ends) if ends else None


def _exists(message: Message, known: Known, at: datetime) -> Answer | None:
    """Who complained may still ask what we know of them, or to be forgotten, and gets the answer."""
    bounced = Suppression.Reason.BOUNCED
    return no(bounced) if bounced in _on_every_topic(message, known, at) else None


def _on_a_sequence(message: Message, known: Known, at: datetime) -> Answer | None:
    """A row that lost its enrolment is nobody's; the checks after this one rely on it."""
    return None if message.enrolment else no(Why.LEFT, Message.State.CANCELLED)


def _not_suppressed(message: Message, known: Known, at: datetime) -> Answer | None:
    """For good, or for a while: a hold keeps the mail until its end."""
    topic = _sequence(message).topic_id if message.kind == Message.Kind.SEQUENCE else None
    rows = [row for row in known.suppressed.get(message.person_id, []) if row[0] is None or row[0] == topic]
    for_good = next((reason for _topic, reason, until in rows if until is None), None)
    if for_good:
        return no(for_good)
    holds = [(until, reason) for _topic, reason, until in rows if until and until > at]
    if not holds:
        return None
    until, reason = max(holds)
    return wait(reason, until)


def _allowed_by_law(message: Message, known: Known, at: datetime) -> Answer | None:
    return None if basis.of_sequence(message, known, at) else no(basis.missing(message, known))


def _ground_by_hand(message: Message, known: Known, at: datetime) -> Answer | None:
    if basis.of_one_to_one(message, known, at):
        return None
    return no(basis.why_not_by_hand(message, known))


def _topic(message: Message, known: Known, at: datetime) -> Answer | None:
    topic = _sequence(message).topic_id
    return no(Why.TOPIC) if topic and (message.person_id, topic) in known.unwanted else None


def _walking(message: Message, known: Known, at: datetime) -> Answer | None:
    """The sequence still runs and the person is still on it."""
    cancelled = Message.State.CANCELLED
    if message.enrolment.state == Enrolment.State.EXITED:
        return no(Why.LEFT, cancelled)
    if _sequence(message).state in (MailSequence.State.ENDED, MailSequence.State.DRAFT):
        return no(Why.ENDED, cancelled)
    return no(Why.TOO_LATE, cancelled) if message.due_at < at - TOO_LATE else None


def _offer_stands(message: Message, known: Known, at: datetime) -> Answer | None:
    """A mail that offers what nobody can take any more is left out."""
    offer = message.words.offer if message.words else None
    over = offer is not None and is_over(offer, day_of(at))
    return no(Why.OFFER_OVER, Message.State.CANCELLED) if over else None


def _audience(message: Message, known: Known, at: datetime) -> Answer | None:
    reason = audience_refuses(_sequence(message), message.person, known.leads.get(message.person_id))
    return no(reason, Message.State.CANCELLED) if reason else None


def audience_refuses(sequence: MailSequence, person: Person, status: str | None) -> str:
    """Why a person is not of a sequence's audience; empty when they are. `status`: of their lead, None: no lead.

    A mailing is marketing, whomever it is addressed to: it takes nobody without a lead.
    """
    audiences = MailSequence.Audience
    if sequence.kind == MailSequence.Kind.MAILING and status is None:
        return Why.NOT_A_LEAD
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
        return wait(Why.PAUSED, at + LOOK_AGAIN)
    return None


def _person_pause(message: Message, known: Known, at: datetime) -> Answer | None:
    until = known.paused.get(message.person_id)
    return wait(Why.PERSON_PAUSED, until) if until and until > at else None


def _quiet(message: Message, known: Known, at: datetime) -> Answer | None:
    sequence = _sequence(message)
    if sequence.quiet_from is None or sequence.quiet_until is None:
        return None
    until = quiet_until(at, sequence.quiet_from, sequence.quiet_until, zone_of(message.person))
    return wait(Why.QUIET, until) if until else None


def _sequence_mails(message: Message, known: Known) -> list[datetime]:
    """When this person's sequence mails of the week went out, over all flows."""
    return [when for kind, when in known.went_out.get(message.person_id, []) if kind == Message.Kind.SEQUENCE]


def _spacing(message: Message, known: Known, at: datetime) -> Answer | None:
    times = _sequence_mails(message, known)
    until = max(times) + gap() if times else at
    return wait(Why.GAP, until) if until > at else None


def _not_too_many_a_week(message: Message, known: Known, at: datetime) -> Answer | None:
    """A week is the last seven days, at any moment."""
    times = sorted(when for when in _sequence_mails(message, known) if when > at - WEEK)
    most = max(known.most_a_week, 1)
    return wait(Why.CAP, times[-most] + WEEK) if len(times) >= most else None


def _not_too_many(message: Message, known: Known, at: datetime) -> Answer | None:
    times = [when for kind, when in known.went_out.get(message.person_id, []) if kind in ASKED_FOR]
    if len([when for when in times if when > at - timedelta(days=1)]) >= MOST_A_DAY:
        return no(Why.TOO_MANY)
    hour = [when for when in times if when > at - timedelta(hours=1)]
    return wait(Why.HOUR, hour[-MOST_AN_HOUR] + timedelta(hours=1)) if len(hour) >= MOST_AN_HOUR else None


Check = Callable[[Message, Known, datetime], Answer | None]
CHECKS: dict[str, tuple[Check, ...]] = {
    "asked for": (_reachable, _works, _not_too_many),
    "request": (_reachable, _exists, _not_too_many),
    "one to one": (_reachable, _not_suppressed, _ground_by_hand),
    "sequence": (
        _on_a_sequence,
        _reachable,
        _not_suppressed,
        _allowed_by_law,
        _topic,
        _walking,
        _offer_stands,
        _audience,
        _running,
        _person_pause,
        _quiet,
        _spacing,
        _not_too_many_a_week,
    ),
}
