"""The parts of a mail as text, whatever a broken sender made of them. Pure; never raises on a bad mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

MOST_TEXT = 200_000
MOST_HEADER = 10_000  # the standard library's reading of a header takes the square of its length
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+"
)
MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_UNREAD = re.compile(r"<(?:style|script)\b", re.IGNORECASE)
_READ_AGAIN = re.compile(r"</(?:style|script)>", re.IGNORECASE)
# None of these looks further than the next "<": a text of nothing else must not take the square of its length.
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]*>", re.IGNORECASE)


def parsed(raw: bytes) -> Message:
    """The mail; an mbox line before its head is left out. Of parts nested beyond all use only the head is read."""
    raw = re.sub(rb"\A(?:\s*>?From [^\n]*\n)", b"", raw)
    try:
        return message_from_bytes(raw, policy=policy.compat32)
    except RecursionError:
        return BytesHeaderParser(policy=policy.compat32).parsebytes(raw)


def storable(text: str) -> str:
    """Without what a database refuses to keep: NUL, and half a pair of code units."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def header(mail: Message, name: str) -> str:
    """A header as readable text on one line; empty where there is none."""
    return readable(mail.get(name, ""))


def readable(value: object) -> str:
    """The value of a header, decoded, on one line."""
    value = str(value)[:MOST_HEADER]
    try:
        text = str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        text = value
    return " ".join(storable(text).split())


def addresses(mail: Message, *names: str) -> list[str]:
    """Bare addresses of these headers, in small letters."""
    values = [storable(str(value))[:MOST_HEADER] for name in names for value in mail.get_all(name, [])]
    try:
        found = getaddresses(values)
    except RecursionError:  # brackets in brackets
        return []
    return [address.lower() for _name, address in found if "@" in address]


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
        inner = [one for one in part.get_payload() if isinstance(one, Message)]
        return storable("\n".join(map(_source, inner))[:MOST_TEXT])
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else str(payload or "").encode("utf-8", "replace")
    text = _decoded(raw[:MOST_TEXT], part.get_content_charset() or "")
    if part.get_content_subtype() == "html":
        text = (
            _TAG.sub(" ", _BREAK.sub("\n", _without_scripts(text)))
            .replace("&nbsp;", " ")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
        )
    return storable(text.replace("\r\n", "\n"))


def _source(mail: Message) -> str:
    """An enclosed mail as it came, or nothing where it cannot be written again (a charset that does not exist)."""
    try:
        return str(mail)
    except (LookupError, ValueError, RecursionError):
        return ""


def _without_scripts(html: str) -> str:
    """Style sheets and scripts left out. One that never ends is left standing: everything after it would go."""
    kept, place = [], 0
    while (begin := _UNREAD.search(html, place)) and (end := _READ_AGAIN.search(html, begin.end())):
        kept.append(html[place : begin.start()])
        place = end.end()
    return " ".join([*kept, html[place:]])


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
