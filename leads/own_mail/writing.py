"""A colleague writes to one person: the row of the ledger that promises the mail, and the row of their talk beside it.

The words are plain text. What leaves is made of them when it is sent (`leads.sending.letters`); it is never tracked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from campaigns.mail.merge import one_line
from leads.models import Message, OwnMail, Person, Suppression
from leads.nudge import nudge
from leads.sending import gate
from leads.sending.gate import Why
from leads.sending.outbox import new_message_id

MOST_LETTERS = 20_000
_URL = re.compile(r"https?://[^\s<>\"]+")
_AFTER_A_URL = ".,;:!?)]}'’”"  # belongs to the sentence around it


@dataclass(frozen=True)
class Refusal:
    """Why no mail may go to somebody now: the gate's own word for it, and what a colleague reads."""

    reason: str
    words: str


def write(
    *,
    person: Person,
    user: Any,
    subject: str,
    text: str,
    at: datetime,
    key: UUID | None = None,
    answers: OwnMail | None = None,
    calendar: str = "",
    submit_key: UUID | None = None,
) -> OwnMail:
    """Promise one mail in the name of `user`; call it inside the transaction that holds the person's lock.

    `key` tells this mail from all others: a second call with it answers with the first row. `answers` is the mail of
    the same person that this one continues. `calendar` is text/calendar that goes along (RFC 5546, 6047).
    """
    name = f"one:{key or submit_key or uuid4()}"
    first = OwnMail.objects.filter(sent_as__key=name).first()
    if first is not None:
        return first
    line = one_line(subject)[:200]
    message = Message.objects.create(
        key=name, message_id=new_message_id(), kind=Message.Kind.ONE_TO_ONE, person=person, subject=line,
        body=as_html(text), due_at=at, created_at=at,
    )  # fmt: skip
    mail = OwnMail.objects.create(
        person=person, user=user, direction=OwnMail.Direction.OUT, sent_as=message, message_id=message.message_id,
        in_reply_to=answers.message_id if answers else "", thread=answers.thread if answers else message.message_id,
        subject=line, text=text, calendar=calendar, at=at, recorded_at=at, submit_key=submit_key,
    )  # fmt: skip
    nudge("leads.sending.delivery.deliver_due")
    return mail


def refusal(person: Person, at: datetime, *, invites: bool = False) -> Refusal | None:
    """What the gate would say to a mail at this moment, before anybody has typed one; None: it may go.

    `invites`: it carries a meeting that was agreed on, which needs no other ground.
    A hold is a no as well: a mail from one person to another must not go out by itself weeks after it was written.
    """
    draft = Message(kind=Message.Kind.ONE_TO_ONE, person=person, due_at=at)
    answer = gate.may_send(draft, at)
    if answer.allowed or (invites and answer.reason in gate.NO_GROUND_BY_HAND):
        return None
    words = str(_words().get(answer.reason, answer.reason))
    if answer.until:
        day = date_format(timezone.localtime(answer.until), "j F Y")
        words = _("%(why)s It may be tried again from %(day)s.") % {"why": words, "day": day}
    return Refusal(answer.reason, words)


def _words() -> dict[str, str]:
    reasons = Suppression.Reason
    return {
        Why.NO_ADDRESS: _("There is no e-mail address. Ask for one on the phone."),
        Why.ERASED: _("This person was forgotten, as they asked."),
        Why.NO_CONTACT_BASIS: _(
            "No ground to write to them is recorded. Enter them once more under New cold contact, with where their "
            "address is from and why we may write; or ring them."
        ),
        Why.OBJECTED: _("They said no to mail of ours. They can still be rung."),
        Why.MERGED: _("This person is now one with another. Write from that page."),
        reasons.BOUNCED: _(
            "Their address does not work: a mail came back. Ask for another one on the phone."
        ),
        reasons.SOFT_BOUNCES: _("Their mailbox refused several mails in a row."),
        reasons.COMPLAINED: _("They marked a mail of ours as spam, so no more mail goes to them."),
        reasons.UNSUBSCRIBED: _("They asked for no more mail of ours. They can still be rung."),
        reasons.SALES: _("They asked sales not to contact them again."),
        reasons.IMPORTED: _("They had said no to mail in the system before this one."),
        reasons.NO_SIGN: _("They were asked whether they still want to hear from us, and gave no sign."),
    }


def subject_of_answer(subject: str) -> str:
    """With "Re: " once, however often a talk went to and fro (RFC 5322, 3.6.5), other languages' marks too."""
    bare = re.sub(r"^(?:\s*(?:re|aw|antw|sv|r|rif|tr)\s*(?:\[\d+\])?\s*:)+\s*", "", subject, flags=re.I)
    return f"Re: {bare}".strip()[:200]


def as_html(text: str) -> str:
    """Plain words as paragraphs; an address becomes a link, and nothing in them is taken for HTML."""
    parts = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{_lines(part)}</p>" for part in parts if part.strip())


def _lines(part: str) -> str:
    return "<br>".join(_linked(line) for line in part.split("\n"))


def _linked(line: str) -> str:
    found, since = [], 0
    for match in _URL.finditer(line):
        url = match[0].rstrip(_AFTER_A_URL)
        found += [escape(line[since : match.start()]), f'<a href="{escape(url)}">{escape(url)}</a>']
        since = match.start() + len(url)
    return "".join([*found, escape(line[since:])])
