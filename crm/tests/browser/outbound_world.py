"""What the outbound story asks of the house, besides `world`: a cadence, our mailbox, what a rep is to do."""

from __future__ import annotations


def cadence() -> str:
    """A live sequence for prospects: a social touch, a call, and ten days later a mail; returns its name."""
    from django.utils import timezone

    from campaigns.models import EmailTemplate, Sequence, SequenceStep
    from campaigns.sequences import publish

    made = Sequence.objects.create(name="Cold outreach", slug="cold-outreach", audience="prospects")
    for order, (does, note) in enumerate((("social", "Ask to connect"), ("call", "Ask about scrap"))):
        SequenceStep.objects.create(sequence=made, order=order, kind="follow_up", rep_does=does, note=note)
    template = EmailTemplate.objects.get(slug="first-reading")
    SequenceStep.objects.create(sequence=made, order=2, template=template, delay_hours=240)
    publish(sequence=made, by=None, at=timezone.now())
    return made.name


def asked_of(email: str) -> list[list[str]]:
    """What the rep is to do with somebody, oldest first."""
    from prospects.models import FollowUp

    rows = FollowUp.objects.filter(prospect__person__email_key=email, done_at=None).order_by("pk")
    return [list(row) for row in rows.values_list("kind", "text")]


def fetch() -> dict[str, int]:
    """Read our mailbox, as the job does."""
    from django.utils import timezone

    from leads.inbox.mailbox import fetch as fetch_mail

    return dict(fetch_mail(at=timezone.now()))


def talk(email: str) -> list[dict[str, str]]:
    """The mails to and fro with one person, oldest first."""
    from leads.models import OwnMail

    rows = OwnMail.objects.filter(person__email_key=email).order_by("at", "pk")
    return [{"direction": row.direction, "thread": row.thread, "subject": row.subject} for row in rows]


WORDS = {"cadence": cadence, "asked_of": asked_of, "fetch": fetch, "talk": talk}
