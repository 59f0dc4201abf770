"""The answer of somebody's calendar to an invitation of ours: text/calendar with METHOD:REPLY (RFC 5546, 6047)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from icalendar import Calendar

from leads.feedback.parts import addresses, text_of, walk
from leads.models import Inbound
from leads.own_mail.filing import is_forged
from leads.signals import invitation_answered

log = logging.getLogger(__name__)
ANSWERED = "calendar"
STATES = ("ACCEPTED", "TENTATIVE", "DECLINED")
MOST_LETTERS = 50_000


@dataclass(frozen=True, kw_only=True)
class Said:
    """Who answered which invitation. `sequence`: the version of it that they saw."""

    uid: str
    address: str
    partstat: str
    sequence: int | None


def tell(*, row: Inbound, mail: Message) -> str:
    """Tells upward what a calendar answered; empty where the mail holds none, or is called forged by our server."""
    found = [] if is_forged(mail) else list(answers(mail))
    for said in found:
        invitation_answered.send_robust(
            sender=Inbound, uid=said.uid, address=said.address, partstat=said.partstat, sequence=said.sequence,
            at=row.received_at,
        )  # fmt: skip
    return ANSWERED if found else ""


def answers(mail: Message) -> Iterator[Said]:
    """Only the sender's own answer counts (RFC 6047, 2.3): nobody accepts for somebody else."""
    sender = next(iter(addresses(mail, "From")), "")
    for part in walk(mail):
        if part.get_content_type() == "text/calendar":
            yield from _read(text_of(part)[:MOST_LETTERS], sender)


def _read(text: str, sender: str) -> Iterator[Said]:
    try:
        calendar = Calendar.from_ical(text)
        if str(calendar.get("METHOD", "")).upper() != "REPLY":
            return
        events = list(calendar.walk("VEVENT"))[:10]
    except Exception:  # noqa: BLE001 - a library against whatever arrives
        log.info("A calendar in a mail cannot be read")
        return
    for event in events:
        for attendee in _all(event.get("ATTENDEE")):
            address = str(attendee).strip().lower().removeprefix("mailto:")
            state = str(getattr(attendee, "params", {}).get("PARTSTAT", "")).upper()
            if event.get("UID") and state in STATES and address == sender:
                yield Said(
                    uid=str(event["UID"])[:255],
                    address=address,
                    partstat=state,
                    sequence=_number(event.get("SEQUENCE")),
                )


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
