"""What an inbound mail is: a bounce, a complaint, a machine's answer, or a mail of a person. Pure: no database.

In this order, the sure signs first: a report for machines (RFC 3464, 5965, 8098), a notice of a mail server that
was written for people, an automatic answer (RFC 3834). Whatever is none of these is a mail, and suppresses nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Any

from flufl.bounce import all_failures

from leads.feedback import amazon, delivery_reports, notices
from leads.feedback.automatic import has_no_return_path, is_automatic
from leads.feedback.delivery_reports import Failure
from leads.feedback.parts import (
    ADDRESS,
    MESSAGE_ID,
    MOST_HEADER,
    addresses,
    header,
    parsed,
    storable,
    text_of,
    texts,
    walk,
)

MOST_IDS = 50
MOST_FAILURES = 100


class What(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    MAIL = "mail"
    REPORT = "report"  # of machines, about nothing that went wrong with a mail


@dataclass(frozen=True)
class Answer:
    """`failures`: for a bounce, each address and why. `complainers`: for a complaint, whose mailbox, if it says.

    `sent_to`: the addresses it came in by. `names`: Message-IDs it names, the returned mail's first.
    """

    what: What
    sender: str = ""
    sent_to: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    complainers: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""


def read(raw: bytes) -> Answer:
    """What a mail is. Never raises on a mail that is broken; such a one is a mail like any other."""
    mail = parsed(raw)
    found: dict[str, Any] = {
        "sender": next(iter(addresses(mail, "From")), ""),
        "sent_to": tuple(
            addresses(
                mail,
                "To",
                "Cc",
                "Delivered-To",
                "X-Original-To",
                "Envelope-To",
                "X-Envelope-To",
                "X-Delivered-To",
            )
        ),
        "names": _names(mail),
        "subject": header(mail, "Subject")[:200],
    }
    report = _complaint(mail)
    if report is not None:
        return Answer(What.COMPLAINT if report else What.REPORT, complainers=tuple(report or ()), **found)
    failures = delivery_reports.failures(mail)
    if failures is None:
        failures = amazon.failures(mail)
    if failures is None and _is_notice(mail):
        failures = _told_in_words(mail)
    if failures is not None:
        return Answer(What.BOUNCE, failures=tuple(failures[:MOST_FAILURES]), **found)
    automatic = is_automatic(mail) or _is_receipt(mail) or bool(_NOBODY.search(header(mail, "From")))
    text = own_words(texts(mail))
    return Answer(What.AUTO_REPLY if automatic else What.MAIL, text=text, **found)


# Complaints (RFC 5965).

_COMPLAINT = re.compile(r"^feedback-type:[ \t]*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(r"^(?:original-rcpt-to|removal-recipient):[ \t]*(.+)", re.IGNORECASE | re.MULTILINE)


def _complaint(mail: Message) -> list[str] | None:
    """Whose mailboxes complained; None where it is no feedback report, empty for one about our signature or for praise.

    A report that hides the address names it "" once: the returned mail's Message-ID says whose it is.
    """
    reports = [text_of(part) for part in walk(mail) if part.get_content_type() == "message/feedback-report"]
    if not reports:
        return None
    fields = "\n".join(reports)
    kind = _COMPLAINT.search(fields)
    if kind and kind[1].lower() not in ("abuse", "fraud", "opt-out", "opt-out-list", "complaint", "other"):
        return []
    named = [found[0].lower() for line in _RECIPIENT.findall(fields) if (found := ADDRESS.search(line))]
    return list(dict.fromkeys(named))[:MOST_FAILURES] or [""]


def _is_receipt(mail: Message) -> bool:
    """A read receipt (RFC 8098)."""
    return any(part.get_content_type() == "message/disposition-notification" for part in walk(mail))


# Notices for people.

_DAEMON = re.compile(
    r"mailer[-_.]?daemon|postmaster|mail[-_. ]?(?:delivery|admin|system|master)|mdaemon|mailmaster", re.I
)
_NOBODY = re.compile(rf"{_DAEMON.pattern}|no-?_?reply|do-?_?not-?_?reply", re.IGNORECASE)
_NOTICE = re.compile(
    r"undeliver|non[- ]?deliver|not delivered|(?:failure|failed|error|delay)\w*\b.{0,20}\b(?:mail|deliver|"
    r"notice|message)|"
    r"(?:mail|deliver\w*|message|e-?mail)\b.{0,30}\b(?:fail|error|problem|return|status|could not|rejected|"
    r"delay|bounce)|"
    r"returned (?:e-?)?mail|failure notice|bounced? mail|delivery (?:status|report|failure)|"
    r"warning: (?:could not send|message)|"
    r"unzustellbar|nicht zugestellt|non remis|non distribu|[ée]chec de (?:la )?(?:remise|distribution)|"
    r"mancata consegna|no se (?:pudo|ha podido) entregar|não entregue|user unknown|配信|недостав|не доставлен",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"(?:could|can) ?not be (?:\w+ )?delivered|could ?n.t (?:be )?deliver|(?:unable|failed) to deliver|"
    r"delivery (?:has )?fail|"
    r"did not reach the following|(?:address|recipient)\S* (?:has |have )?(?:had (?:delivery|permanent)|"
    r"failed)|undeliverable",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(r"^\W*(?:re|aw|sv|fwd?|wg|tr|rv|antw)\s*:", re.IGNORECASE)


def _is_notice(mail: Message) -> bool:
    """From a mail system, or to nobody, about a mail that was not delivered; passed on by a person it is none."""
    if "X-Failed-Recipients" in mail:
        return True
    sender, subject = header(mail, "From"), header(mail, "Subject")
    about = bool(_NOTICE.search(subject)) and not _PASSED_ON.match(subject)
    if _DAEMON.search(sender) or not sender.strip(" <>") or has_no_return_path(mail):
        said = notices.without_original(texts(mail))[:3000]
        return about or bool(_SAYS_SO.search(said)) or bool(_known_formats(mail))
    return about and not mail.get("In-Reply-To") and bool(_known_formats(mail))


def _known_formats(mail: Message) -> set[str]:
    """Addresses that flufl.bounce finds by the formats of known mail servers."""
    try:
        temporary, permanent = all_failures(mail)
    except Exception:  # noqa: BLE001 - a library of old formats against whatever arrives
        return set()
    return {_plain(address) for address in (*temporary, *permanent)} - {""}


def _plain(address: bytes | str) -> str:
    text = address.decode("ascii", "replace") if isinstance(address, bytes) else address
    found = ADDRESS.search(text)
    return found[0].lower() if found else ""


def _told_in_words(mail: Message) -> list[Failure]:
    said = texts(mail)
    own = set(addresses(mail, "To", "From", "Reply-To"))
    failed = set(addresses(mail, "X-Failed-Recipients")) or _known_formats(mail)
    found = [Failure.of_notice(address, words) for address, words in notices.pieces(said)]
    named = [one for one in found if one.address in failed] or [
        one for one in found if one.address not in {*own, ""}
    ]
    if not any(one.verdict.sure for one in named):
        named = _wrapped(mail) or named
    if named:
        return named
    words = notices.without_original(said)
    return [Failure.of_notice(address, words) for address in sorted(failed) or [""]]


def _wrapped(mail: Message) -> list[Failure]:
    """A gateway wrapped the report of another server into a notice of its own."""
    inner = [part.get_payload() for part in walk(mail) if part.get_content_type() == "message/rfc822"]
    mails = [
        one for payload in inner if isinstance(payload, list) for one in payload if isinstance(one, Message)
    ]
    return [failure for one in mails for failure in delivery_reports.failures(one) or []]


# Which of our mails it is about, and what a person wrote.


def _names(mail: Message) -> tuple[str, ...]:
    """Message-IDs: of the mail that came back, wherever it lies; then those it says it answers."""
    returned = [
        line
        for text in _enclosed(mail)
        for line in re.findall(r"(?im)^[> \t]*message-id:\s*(<[^<>\s]+>)", text)
    ]
    answered = [
        one
        for name in ("In-Reply-To", "References")
        for one in MESSAGE_ID.findall(storable(str(mail.get(name, ""))[:MOST_HEADER]))
    ]
    own = str(mail.get("Message-ID", "")).strip()
    named = dict.fromkeys([*returned, *reversed(answered)])
    # Some programs give an answer the name of what it answers.
    return tuple(one for one in named if one != own or one in answered)[:MOST_IDS]


def _enclosed(mail: Message) -> list[str]:
    kinds = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/partial")
    parts = [part for part in walk(mail) if part.get_content_type() in kinds]
    return [*(text_of(part) for part in parts), texts(mail)]


QUOTE = re.compile(
    # Gmail breaks a long line before its last words.
    r"^(?:>|-{3,}|_{5,}|(?:On .{4,160}(?:\n.{0,60})?wrote:|Am .{4,160}(?:\n.{0,60})?schrieb|"
    r"Le .{4,160}(?:\n.{0,60})?a écrit|Il .{4,160}(?:\n.{0,60})?ha scritto|El .{4,160}(?:\n.{0,60})?escribió)|"
    r"(?:From|Von|De|Da): .+)",
    re.MULTILINE | re.IGNORECASE,
)


def own_words(text: str) -> str:
    """What was written anew, without the mail that is quoted below; the first thousand letters."""
    found = QUOTE.search(text)
    kept = text[: found.start()] if found else text
    return "\n".join(line.strip() for line in kept.strip().splitlines() if line.strip())[:1000]
