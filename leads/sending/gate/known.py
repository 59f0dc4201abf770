"""What the checks of a batch need to know of its people, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import BigIntegerField, CharField, DateTimeField

from campaigns import sending
from campaigns.models import Sequence as MailSequence
from leads import consent
from leads.consent import MARKETING, email_hashes
from leads.models import (
    ConsentEvent,
    Lead,
    Message,
    OwnMail,
    Pause,
    Person,
    Suppression,
    TopicChoice,
    Touch,
    TouchKind,
)
from leads.sending.gate.contacts import COUNTED, Contacts
from leads.sending.gate.contacts import read as read_contacts
from leads.sending.one_trip import Slot
from leads.sending.questions import Many, Question, Row, among, answers

WENT_OUT = (Message.State.SENDING, Message.State.SENT, Message.State.UNKNOWN)
WEEK = timedelta(days=7)
CONVERSATION = timedelta(days=180)  # after so long without a word from them a conversation is no longer open


@dataclass(frozen=True)
class Known:
    """By person id. A simulation fills it by `load` and notes its own mails by `sent`."""

    # (topic id, reason, until): None for every topic, None for good
    suppressed: Mapping[int, list[tuple[int | None, str, datetime | None]]] = field(default_factory=dict)
    consented: Mapping[int, str] = field(default_factory=dict)  # the evidence in words
    refused: Mapping[int, datetime] = field(default_factory=dict)  # the latest word on consent is no
    conversations: Mapping[int, datetime] = field(default_factory=dict)  # they last wrote to us
    paused: Mapping[int, datetime] = field(default_factory=dict)
    unwanted: frozenset[tuple[int, int]] = frozenset()  # (person id, topic id)
    went_out: dict[int, list[tuple[str, datetime]]] = field(default_factory=dict)  # (kind, when), of a week
    leads: Mapping[int, str] = field(default_factory=dict)  # status
    contacts: Contacts = field(default_factory=Contacts)  # of those without a lead
    invitations: frozenset[int] = frozenset()  # ids of mails to them that carry a meeting
    most_a_week: int = 3


def gap() -> timedelta:
    """Least time between two sequence mails to one person, over all sequences."""
    return timedelta(hours=settings.NURTURE_GAP_HOURS)


def load(messages: Sequence[Message], at: datetime) -> Known:
    """Read what the checks need. The messages may be unsaved; they carry person, enrolment and sequence."""
    people = {message.person_id: message.person for message in messages}
    if not people:
        return Known(most_a_week=sending.policy().most_a_week)
    whose = _hashes(people.values())
    asked = _questions()
    suppressions, events, pauses, choices, mails, leads = answers(
        asked.suppressions.of(hashes=list(whose), at=at),
        asked.consents.of(people=people),
        asked.pauses.of(people=people),
        asked.unwanted.of(people=people),
        asked.went_out.of(people=people, since=at - max(gap(), WEEK)),
        asked.leads.of(people=people),
    )
    consented, refused = _consents(events)
    have_lead: dict[int, str] = dict(leads)
    prospects = _prospects_without_consent(messages, consented)
    strangers = _never_leads(messages) - consented.keys() - have_lead.keys()
    spoke = _conversations(prospects | strangers)
    return Known(
        suppressed=_suppressions(suppressions, whose),
        consented=consented,
        refused=refused,
        conversations=spoke,
        paused=dict(pauses),
        unwanted=frozenset(choices),
        went_out=_went_out(mails),
        leads=have_lead,
        contacts=read_contacts(
            (prospects - have_lead.keys()) | (strangers - spoke.keys()), spoke=spoke, went_out=WENT_OUT
        ),
        invitations=_invitations(messages, strangers - spoke.keys()),
        most_a_week=sending.policy().most_a_week,
    )


def sent(known: Known, message: Message, at: datetime) -> None:
    """Note a mail as gone out, for whoever walks a simulated clock over one `Known`."""
    known.went_out.setdefault(message.person_id, []).append((message.kind, at))
    if message.kind in COUNTED:
        unanswered = known.contacts.unanswered
        unanswered[message.person_id] = unanswered.get(message.person_id, 0) + 1


@dataclass(frozen=True)
class _Questions:
    suppressions: Question
    consents: Question
    pauses: Question
    unwanted: Question
    went_out: Question
    leads: Question


@cache
def _questions() -> _Questions:
    """Written once a process."""
    at, since = Slot("at", DateTimeField()), Slot("since", DateTimeField())
    theirs = among("person_id", Many("people", BigIntegerField()))
    stops = Suppression.objects.filter(
        consent.standing(at), among("email_hash", Many("hashes", CharField(max_length=64)))
    )
    events = ConsentEvent.objects.filter(theirs, purpose=MARKETING, pending=False).order_by("at", "pk")
    mails = Message.objects.filter(theirs, state__in=WENT_OUT, claimed_at__gt=since).order_by("claimed_at")
    return _Questions(
        suppressions=Question(stops.values_list("email_hash", "topic_id", "reason", "until")),
        consents=Question(events.values_list("person_id", "given", "at", "page__slug", "basis")),
        pauses=Question(Pause.objects.filter(theirs).order_by("at", "pk").values_list("person_id", "until")),
        unwanted=Question(
            TopicChoice.objects.filter(theirs, wanted=False).values_list("person_id", "topic_id")
        ),
        went_out=Question(mails.values_list("person_id", "kind", "claimed_at")),
        leads=Question(Lead.objects.filter(theirs).values_list("person_id", "status")),
    )


def _hashes(people: Iterable[Person]) -> dict[str, int]:
    """Whose address a hash is of."""
    return {
        digest: person.pk
        for person in people
        if person.email_key
        for digest in email_hashes(person.email_key)
    }


def _suppressions(
    rows: Iterable[Row], whose: Mapping[str, int]
) -> dict[int, list[tuple[int | None, str, datetime | None]]]:
    found: dict[int, list[tuple[int | None, str, datetime | None]]] = {}
    for digest, topic, reason, until in rows:
        found.setdefault(whose[digest], []).append((topic, reason, until))
    return found


def _consents(rows: Iterable[Row]) -> tuple[dict[int, str], dict[int, datetime]]:
    """By the latest marketing row: whose says yes, in words, and whose says no, since when.

    A row that waits for its confirmation does not count.
    """
    latest = {row[0]: row for row in rows}
    yes = {
        person: _evidence(when, page, basis) for person, given, when, page, basis in latest.values() if given
    }
    return yes, {row[0]: row[2] for row in latest.values() if not row[1]}


def _evidence(at: datetime, page: str | None, basis: str) -> str:
    where = f", form {page}" if page else f", {basis}" if basis else ""
    return f"consent of {at:%Y-%m-%d}{where}"[:120]


def _prospects_without_consent(messages: Sequence[Message], consented: Mapping[int, str]) -> set[int]:
    """Whom a sequence for prospects is about to write to and consent does not cover."""
    prospects = MailSequence.Audience.PROSPECTS
    return {
        message.person_id
        for message in messages
        if message.enrolment and message.enrolment.sequence.audience == prospects
    } - consented.keys()


def _never_leads(messages: Sequence[Message]) -> set[int]:
    """To whom a colleague writes on their own; who has a lead is taken out by the caller."""
    return {message.person_id for message in messages if message.kind == Message.Kind.ONE_TO_ONE}


def _invitations(messages: Sequence[Message], people: Collection[int]) -> frozenset[int]:
    """One query, and none where nobody is asked about."""
    ids = [
        one.pk
        for one in messages
        if one.pk and one.kind == Message.Kind.ONE_TO_ONE and one.person_id in people
    ]
    carried = OwnMail.objects.filter(sent_as__in=ids).exclude(calendar="") if ids else OwnMail.objects.none()
    return frozenset(pk for pk in carried.values_list("sent_as", flat=True) if pk)


def _conversations(people: Collection[int]) -> dict[int, datetime]:
    """When they last wrote to us."""
    if not people:
        return {}
    spoke = Touch.objects.filter(person__in=people, kind__in=[TouchKind.INQUIRY, TouchKind.REPLY])
    return dict(spoke.order_by("at").values_list("person_id", "at"))


def _went_out(rows: Iterable[Row]) -> dict[int, list[tuple[str, datetime]]]:
    found: dict[int, list[tuple[str, datetime]]] = {}
    for person, kind, when in rows:
        found.setdefault(person, []).append((kind, when))
    return found
