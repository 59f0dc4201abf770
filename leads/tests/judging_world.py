"""Hits for the tests of judging: a browser, a sent mail with its links, clicks in it."""

from datetime import datetime, timedelta

from campaigns.models import MailLink
from leads.models import Hit, Message, Verdict
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_lead, a_sequence

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
BROWSER = f"{WINDOWS} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
LATER = NOON + timedelta(minutes=5)


def a_hit(**columns) -> Hit:
    columns.setdefault("agent", BROWSER)
    return Hit.objects.create(**{"kind": Hit.Kind.PAGE, "at": NOON, **columns})


def a_message(
    email: str = "piet@maasland.example", links: int = 3, sent: datetime = NOON - timedelta(minutes=1)
):
    """A mail of a sequence that the other server took at `sent`, with so many links."""
    lead, sequence = a_lead(email), a_sequence(f"guide-{email.partition('@')[0]}")
    enrolment = enrol(person=lead.person, sequence=sequence, at=NOON)
    step = enrolment.version.steps.first()
    words = step.words.get()
    for position in range(2, links + 1):
        address = f"https://averdahl.example/{position}"
        MailLink.objects.create(words=words, position=position, source=address, target=address)
    return Message.objects.create(
        key=email, message_id=f"<{email}>", kind="sequence", person=lead.person, enrolment=enrolment, step=step,
        words=words, due_at=NOON, state="sent", ended_at=sent,
    )  # fmt: skip


def a_click(message, at: datetime = NOON, position: int = 1, **columns) -> Hit:
    link = MailLink.objects.get(words__step=message.step, position=position)
    return a_hit(kind="click", message=message, person=message.person, mail_link=link, at=at, **columns)


def verdict_of(hit: Hit) -> str:
    """The latest, in words: `machine: known agent`."""
    verdict = Verdict.objects.filter(hit=hit).order_by("-version").first()
    return f"{verdict.verdict}: {verdict.reasons}".rstrip(": ") if verdict else ""
