"""Why did Ann not get step 3? One line for each mail of a sequence: what became of it, or what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.models import PublishedStep, Sequence, StepKind
from leads.models import Enrolment, Message, Person
from leads.sending import gate

State = Message.State


@dataclass(frozen=True)
class Told:
    """`position`: of the step, 0 for the sequence as a whole. `at`: since when. `until`: for so long, or when due."""

    position: int
    words: str
    at: datetime | None = None
    until: datetime | None = None


def why(*, person: Person, sequence: Sequence, at: datetime) -> list[Told]:
    """What the ledger and the gate say of every mail of a sequence for one person, in the order of its steps."""
    walk = (
        Enrolment.objects.filter(person=person, sequence=sequence)
        .select_related("person", "sequence")
        .order_by("-round")
        .first()
    )
    if walk is None:
        return [_outside(person, sequence, at)]
    steps = PublishedStep.objects.filter(version=walk.version_id, kind=StepKind.MAIL).order_by("position")
    mails = {mail.step_id: mail for mail in walk.messages.select_related("words__offer")}
    return [
        _of_mail(mails[step.pk], walk, step, at) if step.pk in mails else _without(step, walk, at)
        for step in steps
    ]


def _outside(person: Person, sequence: Sequence, at: datetime) -> Told:
    answer = _as_of_now(Enrolment(person=person, sequence=sequence), at)
    if answer.allowed:
        return Told(0, _("Never entered this sequence; nothing would hold its mails."))
    return Told(0, _("Never entered this sequence. Its mails would be held: %s") % answer.reason)


def _as_of_now(walk: Enrolment, at: datetime) -> gate.Answer:
    mail = Message(kind=Message.Kind.SEQUENCE, person=walk.person, enrolment=walk, due_at=at)
    return gate.may_send(mail, at)


def _of_mail(mail: Message, walk: Enrolment, step: PublishedStep, at: datetime) -> Told:
    position = step.position
    if mail.state == State.SENT:
        return Told(position, _("Sent, on the ground of: %s") % mail.ground, at=mail.ended_at)
    if mail.state == State.UNKNOWN:
        return Told(position, _("Handed over without an answer: in doubt."), at=mail.ended_at)
    if mail.state == State.FAILED:
        return Told(position, _("Failed: %s") % f"{mail.code} {mail.reason}".strip(), at=mail.ended_at)
    if mail.state == State.SENDING:
        return Told(position, _("Being sent at this moment."), at=mail.claimed_at)
    if mail.state == State.SCHEDULED:
        return _of_waiting(mail, walk, position, at)
    return Told(position, _("Not sent: %s") % mail.reason, at=mail.ended_at)


def _of_waiting(mail: Message, walk: Enrolment, position: int, at: datetime) -> Told:
    if mail.due_at > at:
        words = _("Waits: %s") % mail.reason if mail.reason else _("Waits for its time.")
        return Told(position, words, until=mail.due_at)
    mail.person, mail.enrolment = walk.person, walk
    answer = gate.may_send(mail, at)
    if answer.allowed:
        return Told(position, _("Due: it goes out as soon as the limits of sending allow."), at=mail.due_at)
    return Told(position, _("Due, and the gate says: %s") % answer.reason, at=mail.due_at, until=answer.until)


def _without(step: PublishedStep, walk: Enrolment, at: datetime) -> Told:
    """A mail step of which there is no mail."""
    position = step.position
    if walk.state == Enrolment.State.EXITED:
        return Told(position, _("Never reached: left the sequence, %s") % walk.exit_reason, at=walk.ended_at)
    if walk.state == Enrolment.State.FINISHED or position < walk.next_position:
        return Told(position, _("Passed by: the walk took another way."), at=walk.ended_at)
    if position > walk.next_position:
        return Told(position, _("Not reached yet."))
    answer = _as_of_now(walk, at)
    if answer.allowed or answer.until:
        return Told(position, _("Comes next."), until=walk.due_at)
    return Told(position, _("Comes next, but the gate would say: %s") % answer.reason, until=walk.due_at)
