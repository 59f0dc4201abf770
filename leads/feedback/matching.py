"""Which of our mails an answer is about: by its envelope, by the Message-ID it names, by the address last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from leads import tokens
from leads.feedback.reading import Answer
from leads.identity import BadAddress, email_key
from leads.models import Message, Person

# An address alone is weak evidence, so it must have had a mail of ours not long ago.
BY_ADDRESS = timedelta(days=30)
LEFT_US = (Message.State.SENDING, Message.State.SENT, Message.State.UNKNOWN, Message.State.FAILED)


def by_envelope(addresses: Iterable[str]) -> Message | None:
    """The mail whose own bounce address (VERP) is among these."""
    local, _at, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    for address in addresses:
        name, _at, host = address.lower().rpartition("@")
        if not domain or host != domain or not name.startswith(f"{local}+"):
            continue
        try:
            return _messages().filter(pk=tokens.read_bounce(name.removeprefix(f"{local}+"))).first()
        except tokens.BadToken:
            continue
    return None


def by_message_id(names: Iterable[str]) -> Message | None:
    """The first of these Message-IDs that is one of ours."""
    wanted = list(names)
    found = {message.message_id: message for message in _messages().filter(message_id__in=wanted)}
    return next((found[name] for name in wanted if name in found), None)


def of(answer: Answer) -> Message | None:
    """The mail that a whole inbound mail is about."""
    return by_envelope(answer.sent_to) or by_message_id(answer.names)


def by_address(address: str, *, at: datetime) -> tuple[Person | None, Message | None]:
    """Whose address this is and the newest mail that went to it lately; neither without such a mail."""
    key = key_of(address)
    person = Person.objects.filter(email_key=key, erased_at=None, merged_into=None).first() if key else None
    if person is None:
        return None, None
    sent = _messages().filter(
        person=person, state__in=LEFT_US, claimed_at__gt=at - BY_ADDRESS, claimed_at__lte=at
    )
    message = sent.order_by("-claimed_at", "-pk").first()
    return (person, message) if message else (None, None)


def key_of(address: str) -> str:
    """The canonical form, or nothing where it is no address."""
    try:
        return email_key(address) if address else ""
    except BadAddress:
        return ""


def _messages():
    return Message.objects.select_related("person", "enrolment__sequence__campaign__owner")
