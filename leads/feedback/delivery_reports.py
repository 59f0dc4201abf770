"""Delivery reports written for machines (RFC 3464), and the same fields where they stand in plain text. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email.message import Message
from itertools import islice

from leads.feedback import notices
from leads.feedback.parts import ADDRESS, storable, texts, walk
from leads.feedback.verdicts import FULL, GONE, SOFT, Verdict, code_of, of_notice, reply_of, verdict
from leads.models import MailEvent

_FIELD = re.compile(r"^(?P<name>[A-Za-z-]+):[ \t]*(?P<value>.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_PASSED_ON = ("delivered", "relayed", "expanded")
MOST_BLOCKS = 20  # a report tells of so many addresses; each is looked up in all of the notice
MOST_SAID = 5_000  # of one server's words


@dataclass(frozen=True)
class Failure:
    """One address that a mail did not reach, and what the server said of it. An empty address: the notice has none.

    Not `final`: the server goes on trying.
    """

    address: str
    verdict: Verdict
    code: str = ""
    words: str = ""
    final: bool = True

    @classmethod
    def of(cls, address: str, words: str, *, status: str = "") -> Failure:
        """What a server's words make of it."""
        words = words[:MOST_SAID]
        return cls._with(verdict(" ".join(words.split()), status=status), address, words, status)

    @classmethod
    def of_notice(cls, address: str, text: str, *, status: str = "") -> Failure:
        """What a notice for people makes of it."""
        return cls._with(of_notice(text, status=status), address, text, status)

    @classmethod
    def _with(cls, found: Verdict, address: str, words: str, status: str) -> Failure:
        words = " ".join(words.split())
        code = code_of(words) or code_of(status) or reply_of(words)
        return cls(address.lower(), found, code, words[:300])


def failures(mail: Message) -> list[Failure] | None:
    """The addresses that were not reached; None where the mail holds no such report, empty where all went well."""
    found = (block for report in _reports(mail) for block in _blocks(report))
    blocks = list(islice(found, MOST_BLOCKS))
    if not blocks:
        return None
    said = texts(mail)
    return [failure for block in blocks if (failure := _failure(block, said))]


def _reports(mail: Message) -> Iterator[str]:
    for part in walk(mail):
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            yield _text(part)
    text = notices.without_original(texts(mail))
    if re.search(r"^final-recipient:", text, re.IGNORECASE | re.MULTILINE):
        yield text


def _text(part: Message) -> str:
    """The fields of a report; the parser has cut them into heads of parts of their own, or left them encoded."""
    inner = part.get_payload()
    text = "\n\n".join(str(one) for one in inner) if isinstance(inner, list) else str(inner)
    if str(part.get("Content-Transfer-Encoding", "")).lower() == "base64":
        with suppress(binascii.Error, ValueError):
            text = base64.b64decode(text).decode("utf-8", "replace")
    return storable(text.replace("\r\n", "\n"))


def _blocks(report: str) -> Iterator[dict[str, str]]:
    """The fields about one recipient each."""
    for block in re.split(r"\n[ \t]*\n", report):
        fields: dict[str, str] = {}
        for found in _FIELD.finditer(block):
            fields.setdefault(found["name"].lower(), " ".join(found["value"].split()))
        if {"final-recipient", "original-recipient", "diagnostic-code", "action"} & set(fields):
            yield fields


def _failure(fields: dict[str, str], said: str) -> Failure | None:
    action = fields.get("action", "failed").lower()
    if action.startswith(_PASSED_ON):
        return None
    address = _address(fields)
    status = fields.get("status", "")
    words = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    found = Failure.of(address, f"{words} {_comment(status)}".strip(), status=status)
    around = notices.about(address, said)
    if not found.verdict.sure and around:
        found = Failure.of_notice(address, around, status=status)
    elif found.verdict.kind == MailEvent.Kind.HARD_BOUNCE and _doubted(found, around):
        found = replace(found, verdict=SOFT)
    if action.startswith("delayed"):
        hard = found.verdict.kind == MailEvent.Kind.HARD_BOUNCE
        return replace(found, verdict=SOFT if hard else found.verdict, final=False)
    return found


def _doubted(found: Failure, around: str) -> bool:
    """The part for people tells of a full disk, or of a refusal that came after the mail itself."""
    return bool(FULL.search(around)) or (found.code not in GONE and notices.came_after_data(around))


def _comment(status: str) -> str:
    """`5.1.10 (host/domain does not accept mail)`: the words in brackets."""
    found = re.search(r"\(([^)]{4,})\)", status)
    return found[1] if found else ""


def _address(fields: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        found = ADDRESS.search(fields.get(name, "").rpartition(";")[2])
        if found:
            return found[0].strip("'").lower()
    return ""
