"""The headers of a mail and its two senders: who is shown (From), and where bounces go (the envelope)."""

from __future__ import annotations

import re
from email.utils import parseaddr, quote
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from campaigns.models import Sequence
from leads import tokens
from leads.consent import email_hash
from leads.keyrings import keys
from leads.models import Message, OwnMail

MOST_REFERENCES = 20
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,248}>")  # of RFC 5322 what is safe to repeat: visible ASCII, no space


def headers(message: Message) -> dict[str, str]:
    """RFC 8058 one-click, RFC 2919 List-Id; mail by a machine that was asked for says so (RFC 3834)."""
    if message.kind == Message.Kind.ONE_TO_ONE:
        return _of_one_to_one(message)
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
    if sequence is None:
        found["Auto-Submitted"] = "auto-generated"
    return found


def _of_one_to_one(message: Message) -> dict[str, str]:
    """Mail from one person to another is no list: List-Unsubscribe and List-Id belong to bulk mail (RFC 2369, 2919),
    and mailboxes sort by them. The thread is told by In-Reply-To and References (RFC 5322, 3.6.4)."""
    found = {"Message-ID": message.message_id}
    owner = _writes_as(message)
    if owner and not is_ours(owner.email):
        found["Reply-To"] = owner.email
    own: OwnMail | None = getattr(message, "own_mail", None)
    before = _references(own) if own else []
    if before:
        found |= {"In-Reply-To": before[-1], "References": " ".join(before)}
    return found


def _references(own: OwnMail) -> list[str]:
    """The mails this one continues, the first of the talk to the one answered. Only what is a Message-ID: some of
    them were made by other people's programs, and some stand for one that nobody knows (`.invalid`)."""
    if not own.in_reply_to:
        return []
    talk = OwnMail.objects.filter(person=own.person_id, thread=own.thread)
    parents = dict(talk.values_list("message_id", "in_reply_to"))
    chain: list[str] = []
    at = own.in_reply_to
    while at and at not in chain and len(chain) < MOST_REFERENCES - 1:
        chain.append(at)
        at = parents.get(at, "")
    chain += [own.thread] if own.thread not in chain else []
    return [one for one in reversed(chain) if _MESSAGE_ID.fullmatch(one) and not one.endswith(".invalid>")]


def unsubscribe_url(message: Message) -> str:
    """The person's own page. It knows which mail it stood in and which address that mail went to."""
    ring = (*keys("unsubscribe"), *keys("suppression"))
    return f"{settings.BASE_URL}/u/{_way_out(message.person_id, message.pk, message.person.email_key, ring)}/"


@lru_cache(maxsize=64)  # a mail says it several times
def _way_out(person: int, message: int, key: str | None, ring: tuple[str, ...]) -> str:
    """`ring`: the keys it was signed with, so that none outlives a change of keys here."""
    return tokens.unsubscribe_token(person, message_id=message, email_hash=email_hash(key) if key else "")


def sender(message: Message) -> str:
    """The From header, not yet encoded: a prospect hears from their owner, one to one it is whoever wrote, everybody
    else hears from the organisation.

    A receiver trusts only a From of the domain that sends; an owner's other address goes into Reply-To.
    """
    owner = _writes_as(message)
    if owner is None:
        return settings.DEFAULT_FROM_EMAIL
    name = " ".join(owner.get_full_name().split()) or settings.ORG_BRAND
    return f'"{quote(name)}" <{writes_from(owner)}>'


def writes_from(user: Any) -> str:
    """The address in From of what this colleague writes: their own, where a receiver may trust it."""
    return user.email if _is_bare_address(user.email) and is_ours(user.email) else _from_address()


def envelope_sender(message: Message) -> str:
    """Where what cannot be delivered goes: with BOUNCE_ADDRESS an address of each message's own (VERP)."""
    if not settings.BOUNCE_ADDRESS:
        return _from_address()
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{tokens.bounce_token(message.pk)}@{domain}"


def _writes_as(message: Message) -> Any:
    """The owner in whose name a sequence for prospects speaks, or whoever wrote a mail, if they have an address."""
    if message.kind == Message.Kind.ONE_TO_ONE:
        own: OwnMail | None = getattr(message, "own_mail", None)
        return own.user if own and own.user and _is_bare_address(own.user.email) else None
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
