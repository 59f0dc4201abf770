"""What the gate says, and the words in which it is stored and shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leads.models import Message


class Why:
    """Reasons as they are stored and shown. Those of `SKIPS` leave out a mail; the other endings end an enrolment."""

    NO_ADDRESS = "no address"
    ERASED = "erased"
    MERGED = "merged into another person"
    NO_CONSENT = "no consent to marketing mail"
    NO_CONVERSATION = "no consent, and no open conversation with sales"
    NO_CONTACT_BASIS = "a cold contact, and no lawful basis to write to them is noted"
    TOO_MANY_UNANSWERED = "a cold contact who did not answer five mails"
    OBJECTED = "no consent, and said no to marketing mail"
    TOPIC = "does not want this topic"
    TOO_MANY = "too many mails asked for today"
    LEFT = "left the sequence"
    ENDED = "the sequence has ended"
    TOO_LATE = "too late"
    OFFER_OVER = "the offer has ended"
    NOT_A_LEAD = "not a lead"
    WITH_SALES = "with sales"
    AUDIENCE = "not in the sequence's audience"
    PAUSED = "the sequence is paused"
    PERSON_PAUSED = "the person asked for a pause"
    QUIET = "quiet hours"
    GAP = "another mail went out shortly before"
    CAP = "as many mails this week as one person gets"
    RIVAL = "another mail to this person goes first"
    HOUR = "three mails asked for within an hour"


SKIPS = frozenset({Why.TOO_LATE, Why.OFFER_OVER})


@dataclass(frozen=True)
class Answer:
    """`until` (aware): ask again then. Not allowed and no `until`: `state` is how the message ends.

    Allowed: `ground` says what allows it, such as "consent of 2026-03-01, form bearing-paper".
    """

    allowed: bool
    reason: str = ""
    until: datetime | None = None
    state: str = ""
    ground: str = ""


def no(reason: str, state: str = Message.State.SUPPRESSED) -> Answer:
    return Answer(allowed=False, reason=reason, state=state)


def wait(reason: str, until: datetime) -> Answer:
    return Answer(allowed=False, reason=reason, until=until)
