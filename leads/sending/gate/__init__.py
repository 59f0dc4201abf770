"""The one gate: may this person get this message now? The answer and its reason are stored beside the message.

Everything it needs of a batch is read in a fixed number of queries (`load`); the judgement itself (`judge`) is
pure, so a rehearsal asks the same function over a simulated clock. No other code decides who gets what.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leads.models import Message
from leads.sending.gate import basis
from leads.sending.gate.answer import SKIPS, Answer, Why, wait
from leads.sending.gate.checks import ASKED_FOR, CHECKS, ENDS_ALL, LOOK_AGAIN, audience_refuses, flow_of
from leads.sending.gate.hours import quiet_until, zone_of
from leads.sending.gate.known import Known, gap, load, sent

__all__ = [
    "ASKED_FOR",
    "ENDS_ALL",
    "NO_GROUND_BY_HAND",
    "SKIPS",
    "Answer",
    "Known",
    "Why",
    "audience_refuses",
    "first_of",
    "gap",
    "judge",
    "load",
    "may_send",
    "quiet_until",
    "rank",
    "sent",
    "zone_of",
]

NO_GROUND_BY_HAND = frozenset({Why.NO_CONTACT_BASIS, Why.OBJECTED})  # what an invitation is not asked for
_GROUNDS = {
    "asked for": basis.of_asked_for,
    "request": basis.of_asked_for,
    "one to one": basis.of_one_to_one,
    "sequence": basis.of_sequence,
}


def may_send(message: Message, at: datetime) -> Answer:
    """The gate for one message. Reads, never writes."""
    return judge(message, load([message], at), at)


def judge(message: Message, known: Known, at: datetime) -> Answer:
    """The first check that says no, or yes with its ground. `message` carries person, enrolment and sequence."""
    flow = flow_of(message)
    for check in CHECKS[flow]:
        answer = check(message, known, at)
        if answer is not None:
            return answer
    return Answer(allowed=True, ground=_GROUNDS[flow](message, known, at))


def first_of(messages: Sequence[Message], known: Known, at: datetime) -> list[tuple[Message, Answer]]:
    """Judge the due messages of one person: the first that may go goes, those after it wait their turn.

    What may not go now stands in nobody's way. Only due mail competes; nothing waits for what is to come.
    """
    answers: list[tuple[Message, Answer]] = []
    taken = False
    for message in sorted(messages, key=rank):
        waits = taken and message.kind == Message.Kind.SEQUENCE
        answer = wait(Why.RIVAL, at + LOOK_AGAIN) if waits else judge(message, known, at)
        taken = taken or answer.allowed
        answers.append((message, answer))
    return answers


def rank(message: Message) -> tuple[bool, int, datetime, int]:
    """What goes first to one person: mail for them alone, then the flow of higher priority, then the older."""
    priority = message.enrolment.sequence.priority if message.enrolment else 0
    return message.kind == Message.Kind.SEQUENCE, -priority, message.due_at, message.pk or 0
