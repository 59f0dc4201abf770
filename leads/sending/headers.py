"""The headers of a mail and its two senders: who is shown (From), and where bounces go (the envelope)."""

from __future__ import annotations

from email.utils import parseaddr, quote
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from campaigns.models import Sequence
from leads import tokens
from leads.consent import email_hash
from leads.keyrings import keys
from leads.models import Message


def headers(message: Message) -> dict[str, str]:
    """RFC 8058 one-click, RFC 2919 List-Id; mail by a machine that was asked for says so (RFC 3834)."""
    sequence = message.enrolment.sequence if message.enrolment else None
    found = {
        "Message-ID": message.message_id,
        "List-Unsubscribe": f"<{unsubscribe_url(message)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{sequence.slug if sequence else message.kind}.{_sending_domain()}>",
    }
    owner = _writes_as(message)
    if owner and not is_ours(owner.email):
        found["Reply-To"] = owner.email
    if sequence is None and message.kind != Message.Kind.ONE_TO_ONE:
        found["Auto-Submitted"] = "auto-generated"
    return found


def unsubscribe_url(message: Message) -> str:
    """The person's own page. It knows which mail it stood in and which address that mail went to."""
    ring = (*keys("unsubscribe"), *keys("suppression"))
    return f"{settings.BASE_URL}/u/{_way_out(message.person_id, message.pk, message.person.email_key, ring)}/"


@lru_cache(maxsize=64)  # a mail says it several times
def _way_out(person: int, message: int, key: str | None, ring: tuple[str, ...]) -> str:
    """`ring`: the keys it was signed with, so that none outlives a change of keys here."""
    return tokens.unsubscribe_token(person, message_id=message, email_hash=email_hash(key) if key else "")


def sender(message: Message) -> str:
    """The From header, not yet encoded: a prospect hears from their owner, everybody else from the organisation.

    A receiver trusts only a From of the domain that sends; an owner's other address goes into Reply-To.
    """
    owner = _writes_as(message)
    if owner is None:
        return settings.DEFAULT_FROM_EMAIL
    name = " ".join(owner.get_full_name().split()) or settings.ORG_BRAND
    address = owner.email if is_ours(owner.email) else _from_address()
    return f'"{quote(name)}" <{address}>'


def envelope_sender(message: Message) -> str:
    """Where what cannot be delivered goes: with BOUNCE_ADDRESS an address of each message's own (VERP)."""
    if not settings.BOUNCE_ADDRESS:
        return _from_address()
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{tokens.bounce_token(message.pk)}@{domain}"


def _writes_as(message: Message) -> Any:
    """The owner in whose name a sequence for prospects speaks, if they have an address."""
    sequence = message.enrolment.sequence if message.enrolment else None
    if sequence is None or sequence.audience != Sequence.Audience.PROSPECTS:
        return None
    owner = message.person.sales_owner
    return owner if owner and _is_bare_address(owner.email) else None


def _is_bare_address(address: str) -> bool:
    return bool(address) and "@" in address and parseaddr(address) == ("", address)


def is_ours(address: str) -> bool:
    """Whether an address is of the domain that sends."""
    return address.rpartition("@")[2].lower() == _sending_domain()


def _from_address() -> str:
    return _address_of(settings.DEFAULT_FROM_EMAIL)


def _sending_domain() -> str:
    return _from_address().rpartition("@")[2].lower()


@cache
def _address_of(sender: str) -> str:
    return parseaddr(sender)[1]
