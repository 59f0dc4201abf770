"""Mails to our own users: the test of a template, a notice. Sent at most once each, over the same line as all mail.

They need no gate: a user of ours is no recipient of marketing. A failure is kept on the row and stops nobody.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db.models import F

from leads.models import StaffMail
from leads.nudge import nudge
from leads.sending.answers import Outcome
from leads.sending.letters import Letter
from leads.sending.line import Line
from leads.sending.outbox import new_message_id

State = StaffMail.State

MOST = 20  # a run; the mails to people come after them
MOST_ATTEMPTS = 5
WAITS = timedelta(minutes=2)  # longer with each try
GONE = timedelta(minutes=10)  # nobody sends one mail for so long
# A test mail is filled with a real person's words; no erasure would find them here.
_NO_WORDS = {"subject": "", "html": "", "text": ""}


def queue(*, user: Any, kind: str, key: str, subject: str, html: str, text: str, at: datetime) -> StaffMail:
    """Have a whole page sent to a user of ours. A second one with the same key answers with the first."""
    row, made = StaffMail.objects.get_or_create(
        key=key[:80],
        defaults={
            "message_id": new_message_id(),
            "kind": kind,
            "user": user,
            "subject": subject[:200],
            "html": html,
            "text": text,
            "due_at": at,
            **({} if user.email else {"state": State.FAILED, "ended_at": at, "words": "no address"}),
        },
    )
    if made:
        nudge("leads.sending.delivery.deliver_due")
    return row


def send_due(*, line: Line, at: datetime) -> dict[str, int]:
    """Send what is due, oldest first. Returns counts: staff_sent, staff_failed, staff_later."""
    counts: Counter[str] = Counter()
    _end_the_stale(at)
    due = StaffMail.objects.filter(state=State.SCHEDULED, due_at__lte=at).select_related("user")
    for row in due.order_by("due_at")[:MOST]:
        try:
            line.open()
        except Exception:  # noqa: BLE001 - nothing was sent; the mails to people meet the same and act on it
            break
        if not _claim(row, at):
            continue
        outcome = line.send(_letter(row))
        counts[f"staff_{_keep(row, outcome, at)}"] += 1
    return dict(counts)


def _claim(row: StaffMail, at: datetime) -> bool:
    """Committed before the server hears of it; `due_at` says since when it is being sent."""
    mine = StaffMail.objects.filter(pk=row.pk, state=State.SCHEDULED)
    return bool(mine.update(state=State.SENDING, due_at=at, attempts=F("attempts") + 1))


def _letter(row: StaffMail) -> Letter:
    return Letter(
        sender=settings.DEFAULT_FROM_EMAIL,
        envelope=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        to=row.user.email,
        subject=row.subject,
        text=row.text,
        html=row.html,
        headers={"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"},
    )


def _keep(row: StaffMail, outcome: Outcome, at: datetime) -> str:
    """Keep what became of a try; where the server said nothing the mail is not tried again."""
    words = outcome.words[:200]
    mine = StaffMail.objects.filter(pk=row.pk)
    if outcome.state == State.SENT:
        mine.update(state=State.SENT, ended_at=at, words="", **_NO_WORDS)
        return "sent"
    if outcome.state == State.SCHEDULED and row.attempts + 1 < MOST_ATTEMPTS:
        mine.update(state=State.SCHEDULED, due_at=at + WAITS * (row.attempts + 1), words=words)
        return "later"
    mine.update(state=State.FAILED, ended_at=at, words=words, **_NO_WORDS)
    return "failed"


def _end_the_stale(at: datetime) -> None:
    stale = StaffMail.objects.filter(state=State.SENDING, due_at__lt=at - GONE)
    stale.update(
        state=State.FAILED, ended_at=at, words="the sender was gone; it may have arrived", **_NO_WORDS
    )
