"""The mails to and fro with one person as talks: grouped by their first Message-ID, the newest mail on top."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.models import Message, OwnMail, Person
from leads.timeline import Chip

_LOOKS = {
    Message.State.SENT: "chip-good",
    Message.State.FAILED: "chip-bad",
    Message.State.SUPPRESSED: "chip-bad",
    Message.State.CANCELLED: "",
    Message.State.UNKNOWN: "chip-warn",
}
_QUOTED = re.compile(r"^[ \t]*>")


@dataclass(frozen=True, kw_only=True)
class TalkMail:
    """One mail of a talk. `quoted` are the lines it repeats; `state` what became of one of ours."""

    pk: int
    ours: bool
    at: datetime
    who: str
    subject: str
    text: str
    quoted: str = ""
    state: Chip | None = None
    why: str = ""
    invites: bool = False


@dataclass(frozen=True)
class Talk:
    """All of it we know of, the newest first."""

    thread: str
    mails: tuple[TalkMail, ...]

    @property
    def newest(self) -> TalkMail:
        return self.mails[0]

    @property
    def subject(self) -> str:
        return next((mail.subject for mail in self.mails if mail.subject), "") or _("without a subject")


def mails_of(person: Person, limit: int) -> list[OwnMail]:
    """The newest `limit` mails, in one query."""
    rows = OwnMail.objects.filter(person=person).select_related("sent_as", "user")
    return list(rows.order_by("-at", "-pk")[:limit])


def talks(mails: Iterable[OwnMail], person: Person) -> list[Talk]:
    """By thread, the talk with the newest mail first. `mails` come newest first."""
    found: dict[str, list[TalkMail]] = {}
    for mail in mails:
        found.setdefault(mail.thread, []).append(_seen(mail, person))
    return [Talk(thread, tuple(rows)) for thread, rows in found.items()]


def _seen(mail: OwnMail, person: Person) -> TalkMail:
    ours = mail.direction == OwnMail.Direction.OUT
    words, quoted = own_words(mail.text)
    state, why = _became(mail) if ours else (None, "")
    return TalkMail(
        pk=mail.pk, ours=ours, at=mail.at, who=_name(mail.user) if ours else person.name, subject=mail.subject,
        text=words, quoted=quoted, state=state, why=why, invites=bool(mail.calendar),
    )  # fmt: skip


def _became(mail: OwnMail) -> tuple[Chip, str]:
    """What the ledger says of it; a mail that was filed was sent elsewhere."""
    message = mail.sent_as
    if message is None:
        return Chip(_("from their own mail program")), ""
    waits = message.state == Message.State.SCHEDULED
    words = _("on its way") if waits else str(message.get_state_display())
    return Chip(words, _LOOKS.get(Message.State(message.state), "chip-info")), message.reason


def _name(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else _("a colleague")


def own_words(text: str) -> tuple[str, str]:
    """What somebody wrote, and the lines with ">" below it, which repeat what came before."""
    lines = text.strip().split("\n")
    end = len(lines)
    while end and (_QUOTED.match(lines[end - 1]) or not lines[end - 1].strip()):
        end -= 1
    if not any(_QUOTED.match(line) for line in lines[end:]):
        return text.strip(), ""
    return "\n".join(lines[:end]).strip(), "\n".join(lines[end:]).strip()
