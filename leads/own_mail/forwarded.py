"""Finds the mail that was passed on: attached whole (RFC 2046, 5.2.1), or written out below a few lines about it.

Each mail program has its own lines (Gmail, Outlook, Apple Mail, Thunderbird), in the language of whoever passes it on.
Pure: no database, no "now".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import Message

from leads.feedback.parts import ADDRESS, MESSAGE_ID, addresses, header, storable, texts, walk
from leads.own_mail.dates import read_date
from leads.own_mail.words import answered, dated, message_id, own_words

LONG_AGO = timedelta(days=3653)  # an older date is a clock that was never set
MOST_LINES = 400  # from the top of a mail to the lines about the one passed on
LABELS: dict[str, str] = {
    label: field
    for field, labels in {
        "from": "from von de da mittente expéditeur expediteur remitente",
        "date": "date datum data fecha sent gesendet envoyé envoye inviato enviado",
        "subject": "subject betreff objet sujet oggetto asunto",
        "to": "to an à a para pour destinatario",
        "cc": "cc kopie copie copia",
    }.items()
    for label in labels.split()
}
_LINE = re.compile(
    r"^[>\s*_]*([^\W\d_]{1,13})(?: el| \([a-z]{2}\))?[ \u00a0\u202f]*\*?[ \u00a0\u202f]?:[ \t\u00a0*]*(.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Original:
    """The mail passed on, as far as it says. `sent_to`: To and Cc; `message_id` may be made up (`made_up`)."""

    sender: str
    name: str = ""
    sent_to: tuple[str, ...] = ()
    subject: str = ""
    at: datetime | None = None
    text: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def original(mail: Message, *, zone: tzinfo) -> Original | None:
    """The mail inside this one, or None. `zone`: of the clock on the wall of whoever passed it on."""
    return _attached(mail) or _written_out(mail, zone)


def _attached(mail: Message) -> Original | None:
    for part in walk(mail):
        inner = part.get_payload() if part.get_content_type() == "message/rfc822" else None
        one = inner[0] if isinstance(inner, list) and inner else None
        senders = addresses(one, "From") if isinstance(one, Message) else []
        if isinstance(one, Message) and senders:
            parent, references = answered(one)
            found = Original(
                sender=senders[0],
                name=_name(header(one, "From")),
                sent_to=tuple(addresses(one, "To", "Cc")),
                subject=header(one, "Subject")[:200],
                at=dated(one),
                text=own_words(texts(one)),
                in_reply_to=parent,
                references=references,
            )
            return _named(found, message_id(one))
    return None


def _written_out(mail: Message, zone: tzinfo) -> Original | None:
    text = texts(mail)
    lines = text.splitlines()
    found = _block(lines[:MOST_LINES])
    if found is None:
        return None
    said, end = found
    sender = ADDRESS.search(said["from"])
    assert sender is not None
    body = "\n".join(_unquoted(lines[end:], lines[end - 1]))
    sent_to = ADDRESS.findall(f"{said.get('to', '')} {said.get('cc', '')}"[:4000])
    one = Original(
        sender=sender[0].lower(),
        name=_name(said["from"]),
        sent_to=tuple(dict.fromkeys(address.lower() for address in sent_to)),
        subject=said.get("subject", "")[:200],
        at=read_date(said.get("date", ""), zone),
        text=own_words(body),
    )
    return _named(one, _passed_on(mail))


def _block(lines: list[str]) -> tuple[dict[str, str], int] | None:
    """The first lines that say from whom, and two more things: field → value, and the line where the mail begins."""
    start = 0
    while start < len(lines):
        said, end = _fields(lines, start)
        if "from" in said and ADDRESS.search(said["from"]) and len(said.keys() - {"cc"}) >= 3:
            return said, end
        start = max(end, start + 1) if said else start + 1
    return None


def _fields(lines: list[str], start: int) -> tuple[dict[str, str], int]:
    """Labelled lines from here on; a long list of addresses may go on for two lines, one line may be empty."""
    said: dict[str, str] = {}
    end = place = start
    while place < len(lines) and place - end <= 2:
        found = _LINE.match(lines[place][:2000])
        field = LABELS.get(found[1].lower()) if found else None
        if found and field and field not in said:
            between = " ".join(line.strip(" >\t") for line in lines[end:place])
            if said and between.strip():
                last = next(reversed(said))
                said[last] = f"{said[last]} {between}"
            said[field] = " ".join(found[2].split())
            end = place + 1
        elif not said:
            break
        place += 1
    return said, end


def _unquoted(lines: list[str], head: str) -> list[str]:
    """Apple Mail puts "> " before each line of the mail it passes on, and before the `head` above it."""
    return [line.removeprefix(">").removeprefix(" ") for line in lines] if head.startswith(">") else lines


def _name(text: str) -> str:
    """What stands before the address."""
    name = re.split(r"[<\[(]", text, maxsplit=1)[0]
    name = "" if ADDRESS.search(name) else name
    return storable(" ".join(name.replace('"', " ").replace("*", " ").split()))[:120]


def _passed_on(mail: Message) -> str:
    """The Message-ID of the original in the head of the mail that passes it on: most programs put it there."""
    for name in ("X-Forwarded-Message-Id", "In-Reply-To", "References"):
        found = [one for one in MESSAGE_ID.findall(header(mail, name)) if len(one) <= 250]
        if found:
            return found[-1]
    return ""


def _named(one: Original, name: str) -> Original:
    return replace(one, message_id=name or made_up(one.sender, one.at, one.subject, one.text))


def made_up(sender: str, at: datetime | None, subject: str, text: str) -> str:
    """Nobody said its Message-ID: one made of sender, minute and subject, so that passed on twice it is one mail."""
    plain = re.sub(r"^(?:\W*\w{1,4}\s*:)+", "", subject).strip().lower()
    minute = at.astimezone(UTC).strftime("%Y%m%d%H%M") if at else text[:200]
    digest = hashlib.sha256(f"{sender}\n{minute}\n{plain}".encode())
    return f"<{digest.hexdigest()[:40]}@passed-on.invalid>"


def within(at: datetime | None, before: datetime) -> datetime:
    """The date a mail gives itself, unless that is none, lies ahead, or before anybody could have meant it."""
    return at if at and before - LONG_AGO <= at <= before + timedelta(minutes=10) else before
