"""The parts of a mail as text, whatever a broken sender made of them. Pure; never raises on a bad mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

MOST_TEXT = 200_000
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+"
)
MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)


def parsed(raw: bytes) -> Message:
    """The mail; an mbox line before its head is left out."""
    return message_from_bytes(re.sub(rb"\A(?:\s*>?From [^\n]*\n)", b"", raw), policy=policy.compat32)


def header(mail: Message, name: str) -> str:
    """A header as readable text on one line; empty where there is none."""
    value = mail.get(name, "")
    try:
        text = str(make_header(decode_header(str(value))))
    except (HeaderParseError, LookupError, ValueError):
        text = str(value)
    return " ".join(text.replace("\x00", "").split())


def addresses(mail: Message, *names: str) -> list[str]:
    """Bare addresses of these headers, in small letters."""
    values = [str(value) for name in names for value in mail.get_all(name, [])]
    return [address.lower() for _name, address in getaddresses(values) if "@" in address]


def walk(mail: Message) -> Iterator[Message]:
    """All parts, but none of a mail that is enclosed."""
    yield mail
    if mail.get_content_type() in ("message/rfc822", "message/delivery-status", "message/feedback-report"):
        return
    if mail.is_multipart():
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from walk(part)


def text_of(part: Message) -> str:
    """The decoded text of one part; HTML without its tags."""
    if part.is_multipart():
        return "\n".join(str(inner) for inner in part.get_payload() if isinstance(inner, Message))[:MOST_TEXT]
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else str(payload or "").encode("utf-8", "replace")
    text = _decoded(raw[:MOST_TEXT], part.get_content_charset() or "")
    if part.get_content_subtype() == "html":
        text = (
            _TAG.sub(" ", _BREAK.sub("\n", text))
            .replace("&nbsp;", " ")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
        )
    return text.replace("\r\n", "\n").replace("\x00", "")


def _decoded(raw: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return raw.decode("latin-1")


def texts(mail: Message) -> str:
    """What a person would read: the plain parts, else the HTML ones."""
    # A multipart whose boundary is wrong comes as one text.
    leaves = [part for part in walk(mail) if not part.is_multipart()]
    parts = [part for part in leaves if part.get_content_maintype() in ("text", "multipart")]
    written = [part for part in parts if part.get_content_subtype() != "rfc822-headers"]
    plain = [part for part in written if part.get_content_subtype() != "html"]
    return "\n".join(text_of(part) for part in plain or written)[:MOST_TEXT]
