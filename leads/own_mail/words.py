"""What a mail says of itself: its Message-ID, what it answers, when it was written, and its own words. Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from leads.feedback.parts import MESSAGE_ID, MOST_HEADER, header, readable, storable
from leads.feedback.reading import QUOTE

MOST_WORDS = 20_000  # letters kept of one mail
MOST_IDS = 50


def message_id(mail: Message) -> str:
    """With its brackets; empty where the mail has none that is one (RFC 5322, 3.6.4)."""
    found = MESSAGE_ID.search(header(mail, "Message-ID"))
    return found[0] if found and len(found[0]) <= 250 else ""


def message_id_or_hash(mail: Message, raw: bytes) -> str:
    """Of a mail without a Message-ID one made of what it says."""
    return message_id(mail) or made_of(mail, raw)


def made_of(mail: Message, raw: bytes) -> str:
    """The same for each copy of a mail: these have other lines of their way here above it."""
    said = "\n".join([header(mail, "From"), header(mail, "Date"), header(mail, "Subject")])
    _head, _blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    digest = hashlib.sha256(said.encode() + b"\n" + body).hexdigest()
    return f"<{digest[:40]}@without-id.invalid>"


def answered(mail: Message) -> tuple[str, tuple[str, ...]]:
    """The mail it answers, and the whole talk before it, oldest first."""
    parents = MESSAGE_ID.findall(header(mail, "In-Reply-To"))
    talk = [one for one in MESSAGE_ID.findall(header(mail, "References")) if len(one) <= 250]
    parent = next((one for one in parents if len(one) <= 250), talk[-1] if talk else "")
    return parent, tuple(dict.fromkeys(talk))[:MOST_IDS]


def dated(mail: Message) -> datetime | None:
    """Its Date, or None where that is none."""
    try:
        found = parsedate_to_datetime(header(mail, "Date"))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def own_words(text: str) -> str:
    """What was written anew, in its paragraphs, without the mail that is quoted below."""
    text = text.replace("\r", "")
    found = QUOTE.search(text)
    kept = text[: found.start()] if found else text
    lines = "\n".join(line.rstrip() for line in kept.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)[:MOST_WORDS]


def named(mail: Message, *names: str) -> list[tuple[str, str]]:
    """Address (in small letters) and name of everybody in these headers, each once.

    Names are decoded after the header was taken apart: a comma in an encoded name is no comma of the header.
    """
    values = [str(value)[:MOST_HEADER] for name in names for value in mail.get_all(name, [])[:20]]
    try:
        found = getaddresses([storable(value) for value in values])
    except RecursionError:  # brackets in brackets
        return []
    said: dict[str, str] = {}
    for name, address in found:
        if "@" in address:
            said.setdefault(address.lower(), readable(name)[:120])
    return list(said.items())
