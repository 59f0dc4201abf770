"""People checked in at an event: pasted lines become forms, one each, through the front door.

A line is name, company, e-mail and phone in any order that can be told, with tabs, semicolons or commas between.
The same list may be pasted again: who is in already stays in once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from leads.answers import LENGTHS, check_email, check_phone, plain
from leads.capture import Captured, Stated, capture
from leads.models import Door, Person
from leads.tracking import VisitContext

MOST_LINES = 500
SEPARATORS = ("\t", ";", ",")
HEADINGS = {"name", "first name", "last name", "company", "e-mail", "email", "phone", "mail", "job title"}
PHONE = re.compile(r"[+(\d][\d\s()/.\-]{5,}")


@dataclass(frozen=True)
class Line:
    """One pasted line: what it says by field, or what is wrong with it."""

    number: int
    text: str
    answers: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Result:
    """What became of a line. ``outcome``: new, known, again (checked in before) or problem."""

    line: Line
    outcome: str
    person: Person | None = None


def read_lines(text: str, *, country: str = "") -> list[Line]:
    """Empty lines and a line of headings are passed over. ``country`` reads national phone numbers."""
    found = []
    for number, raw in enumerate(text.splitlines(), 1):
        cells = _cells(raw)
        if cells and not {cell.lower() for cell in cells} <= HEADINGS:
            found.append(_line(number, raw.strip(), cells, country))
    return found


def check_in(
    *,
    lines: Sequence[Line],
    campaign: Campaign,
    event: str,
    at: datetime,
    now: datetime,
    by: Any,
    consent: Stated | None = None,
) -> list[Result]:
    """Take each good line in as a form of the event. ``at``: when it was; ``consent``: what all of them said yes to."""
    nonce = hashlib.sha256(f"{campaign.pk}|{event.casefold()}|{at:%Y-%m-%d}".encode()).hexdigest()
    results = []
    for line in lines:
        if line.problem:
            results.append(Result(line, "problem"))
            continue
        captured = capture(
            page=None, answers=line.answers, consents=[consent] if consent else [], visit=VisitContext(), nonce=nonce,
            at=at, now=now, door=Door.EVENT, campaign=campaign, label=event, by=by,
        )  # fmt: skip
        results.append(Result(line, _outcome(captured, now), captured.person))
    return results


def _outcome(captured: Captured, now: datetime) -> str:
    if captured.twin:
        return "again"
    return "new" if captured.new_lead else "known"


def _cells(raw: str) -> list[str]:
    separator = next((mark for mark in SEPARATORS if mark in raw), "\n")
    return [cell for cell in (plain(part).strip('" ') for part in raw.split(separator)) if cell]


def _line(number: int, raw: str, cells: list[str], country: str) -> Line:
    """The address has an @, the number has digits only; of the rest the first is the name, then company and title."""
    email = next((cell for cell in cells if "@" in cell), "")
    phone = next((cell for cell in cells if cell != email and PHONE.fullmatch(cell)), "")
    rest = [cell for cell in cells if cell not in (email, phone)]
    first, _space, last = (rest[0] if rest else "").partition(" ")
    said = {"email": email, "phone": phone, "first_name": first, "last_name": last.strip()}
    said |= dict(zip(("company", "job_title"), rest[1:], strict=False))
    if country and phone:
        said["country"] = country
    answers = {name: value for name, value in said.items() if value}
    return Line(number, raw, answers, _problem(answers, country))


def _problem(answers: dict[str, str], country: str) -> str:
    if not (answers.get("email") or answers.get("phone")):
        return _("There is neither an e-mail address nor a phone number.")
    try:
        if answers.get("email"):
            check_email(answers["email"])
        if answers.get("phone"):
            check_phone(answers["phone"], country)
    except ValidationError as error:
        return " ".join(error.messages)
    long = [name for name, most in LENGTHS.items() if len(answers.get(name, "")) > most]
    return _("“%(value)s” is too long.") % {"value": answers[long[0]][:40] + "…"} if long else ""
