"""Small worlds for mail tests: somebody who may be written to, and a mail of theirs that is due."""

from datetime import datetime

from campaigns.models import Sequence
from leads.consent import MARKETING, record_consent
from leads.models import Enrolment, Message, Person
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.sending import ledger
from leads.tests.builders import NOON, a_lead, a_page, a_sequence, submitted


def a_reader(email: str = "piet@maasland.example", **said) -> Person:
    """A lead with consent to marketing mail."""
    person = a_lead(email=email, **said).person
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON)
    return person


def the_sequence() -> Sequence:
    return Sequence.objects.filter(slug="guide-series").first() or a_sequence()


def walking(person: Person, at: datetime = NOON) -> Enrolment:
    """On the sequence, its first mail in the ledger."""
    row = enrol(person=person, sequence=the_sequence(), at=at)
    advance(at=at)
    row.refresh_from_db()
    return row


def a_due_mail(email: str = "piet@maasland.example", at: datetime = NOON, **said) -> Message:
    """The first mail of the sequence, due now."""
    return walking(a_reader(email, **said), at).messages.get()


def due_mails(number: int) -> list[Message]:
    return [a_due_mail(f"reader{one}@maasland.example") for one in range(number)]


def a_download(email: str = "piet@maasland.example") -> Message:
    """The mail of a form that gives a file."""
    slug = f"paper-{Message.objects.count()}"
    return Message.objects.get(submission=submitted(a_page(slug), email=email, consent=False).submission)


def in_hand(message: Message, at: datetime = NOON) -> tuple[Message, ledger.Batch]:
    """The message under a lease of ours, as a sender holds it."""
    batch = ledger.lease(slot="one", at=at)
    return next(row for row in batch.messages if row.pk == message.pk), batch


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)
