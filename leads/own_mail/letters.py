"""What a mail to a private address is: a colleague's own mail, or one of somebody else that they pass on. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.message import Message
from typing import Any

from leads.feedback.parts import header, texts
from leads.models import OwnMail
from leads.own_mail import forwarded
from leads.own_mail.forwarded import Original, within
from leads.own_mail.words import answered, dated, message_id_or_hash, named, own_words

MOST_PEOPLE = 50
OUT, IN = OwnMail.Direction.OUT, OwnMail.Direction.IN


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail to be filed. `people`: address and name of everybody outside whose it may be."""

    direction: str
    people: tuple[tuple[str, str], ...]
    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    at: datetime

    @property
    def said(self) -> dict[str, Any]:
        """The columns of its row in a talk, by which a twin is known."""
        return {
            "message_id": self.message_id, "direction": self.direction, "subject": self.subject,
            "text": self.text, "at": self.at,
        }  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """Message-IDs of the mails before it, nearest first."""
        return tuple(one for one in dict.fromkeys([self.in_reply_to, *reversed(self.references)]) if one)


def read_letter(
    mail: Message, raw: bytes, *, is_ours: Callable[[str], bool], received_at: datetime, zone: tzinfo
) -> Letter:
    """`is_ours`: whether an address is a colleague's or the house's. A mail to nobody outside passes another one on."""
    senders = named(mail, "From")[:1]
    if senders and not is_ours(senders[0][0]):
        return _whole(mail, raw, IN, senders, received_at)
    outside = [one for one in named(mail, "To", "Cc", "Bcc") if not is_ours(one[0])]
    inner = None if outside else forwarded.original(mail, zone=zone)
    if inner is None:
        return _whole(mail, raw, OUT, outside, received_at)
    if not is_ours(inner.sender):
        return _inner(inner, IN, [(inner.sender, inner.name)], received_at)
    return _inner(inner, OUT, [(one, "") for one in inner.sent_to if not is_ours(one)], received_at)


def _whole(
    mail: Message, raw: bytes, direction: str, people: list[tuple[str, str]], received_at: datetime
) -> Letter:
    parent, references = answered(mail)
    return Letter(
        direction=direction,
        people=tuple(people[:MOST_PEOPLE]),
        message_id=message_id_or_hash(mail, raw),
        in_reply_to=parent,
        references=references,
        subject=header(mail, "Subject")[:200],
        text=own_words(texts(mail)),
        at=within(dated(mail), received_at),
    )


def _inner(one: Original, direction: str, people: list[tuple[str, str]], received_at: datetime) -> Letter:
    return Letter(
        direction=direction,
        people=tuple(people[:MOST_PEOPLE]),
        message_id=one.message_id,
        in_reply_to=one.in_reply_to,
        references=one.references,
        subject=one.subject,
        text=one.text,
        at=within(one.at, received_at),
    )
