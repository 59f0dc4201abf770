"""The outbox: a row per message, with its own key and Message-ID, made before anything is sent.

The row is the queue: whoever commits one has promised the mail, whatever becomes of brokers and workers.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from campaigns.errors import Conflict
from leads.models import MailEvent, Message, Person, SenderPause, Submission
from leads.nudge import nudge

State = Message.State
Kind = Message.Kind

MOST_RESENDS_ASKED = 20  # of one submission; the gate holds more than three an hour back


def new_message_id() -> str:
    """A Message-ID under our own domain. It is kept with the row, so a second try carries the same one."""
    return f"<{uuid.uuid4().hex}@{our_domain()}>"


def our_domain() -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return domain.encode("idna").decode()


def download_row(
    *, person: Person, at: datetime, submission: Submission | None = None, number: int = 1
) -> Message:
    """The unsaved mail with a download. Its key is filled in when the submission has its number."""
    return _asked_for(Kind.DOWNLOAD, "dl", person, at, submission, number)


def optin_row(*, person: Person, at: datetime, submission: Submission | None = None) -> Message:
    """The unsaved mail that asks to confirm a consent."""
    return _asked_for(Kind.OPT_IN, "optin", person, at, submission, 1)


def request_row(*, person: Person, key: str, at: datetime) -> Message:
    """The unsaved mail about a privacy request; its key says which request, and what the mail is for."""
    return Message(
        key=key,
        message_id=new_message_id(),
        kind=Kind.REQUEST,
        person=person,
        due_at=at,
        created_at=at,
    )


def _asked_for(
    kind: str, prefix: str, person: Person, at: datetime, submission: Submission | None, number: int
) -> Message:
    whose = submission.pk if submission and submission.pk else "{submission}"
    again = f":{number}" if number > 1 else ""
    return Message(
        key=f"{prefix}:{whose}{again}",
        message_id=new_message_id(),
        kind=kind,
        person=person,
        submission=submission,
        due_at=at,
        created_at=at,
    )


def queue_download(*, submission: Submission, at: datetime, again: bool = False) -> Message | None:
    """Have the download mail of a submission sent. `again`: once more, on the visitor's own wish.

    Without `again` a second call answers with the first row. None where there is nobody to write to, or where
    one has been asked for and not yet been sent.
    """
    if submission.person is None:
        return None
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=submission.person_id)
        earlier = list(Message.objects.filter(kind=Kind.DOWNLOAD, submission=submission).order_by("pk"))
        if earlier and not again:
            return earlier[0]
        if len(earlier) > MOST_RESENDS_ASKED or any(row.state == State.SCHEDULED for row in earlier):
            return None
        row = download_row(person=person, at=at, submission=submission, number=len(earlier) + 1)
        row.save(force_insert=True)
    nudge("leads.sending.delivery.deliver_due")
    return row


def queue_optin(*, submission: Submission, at: datetime) -> Message | None:
    """Have the confirmation mail of a submission sent, once."""
    if submission.person is None:
        return None
    row = optin_row(person=submission.person, at=at, submission=submission)
    Message.objects.bulk_create([row], ignore_conflicts=True)
    nudge("leads.sending.delivery.deliver_due")
    return Message.objects.get(key=row.key)


# What only a person can decide.


def settle_as_sent(*, message: Message, by: Any, at: datetime) -> Message:
    """Somebody knows that a mail in doubt arrived. Raises Conflict where it is not in doubt (any more)."""
    return _decide(message, by, state=State.SENT, ended_at=at)


def send_again(*, message: Message, by: Any, at: datetime) -> Message:
    """Send a mail in doubt once more, with the same Message-ID, past the same gate. Raises Conflict."""
    _decide(message, by, state=State.SCHEDULED, due_at=at, ended_at=None, resends=F("resends") + 1)
    nudge("leads.sending.delivery.deliver_due")
    return Message.objects.get(pk=message.pk)


def park_due(*, at: datetime) -> int:
    """Every sequence mail that is due becomes a doubt: after a restore nobody knows which of them went out.

    It ends when it was due, so that the steps after it are parked as well where they were due by now.
    """
    due = Message.objects.filter(kind=Kind.SEQUENCE, state=State.SCHEDULED, due_at__lte=at, lease=None)
    words = "parked after a restore: it may have gone out since the backup"
    return due.update(state=State.UNKNOWN, ended_at=F("due_at"), reason=words)


def resolve(*, message: Message, state: str, by_event: MailEvent, at: datetime) -> bool:
    """What came back tells what became of a mail in doubt: `sent` or `failed`. False: there was no doubt (any more).

    A mail that waits to be sent once more because of the doubt is not sent again.
    """
    doubt = Q(state=State.UNKNOWN) | Q(state=State.SCHEDULED, lease=None, resends__gt=0, attempts__gt=0)
    words = f"told by what came back: {by_event}"[:200]
    changes = {"state": state, "ended_at": at, "reason": words, "code": by_event.code, "lease": None}
    return bool(Message.objects.filter(doubt, pk=message.pk).update(**changes))


def _decide(message: Message, by: Any, **changes: Any) -> Message:
    words = f"decided by {by.get_username()}"
    doubtful = Message.objects.filter(pk=message.pk, state=State.UNKNOWN)
    if not doubtful.update(reason=words[:200], lease=None, **changes):
        raise Conflict(now=str(Message.objects.get(pk=message.pk).get_state_display()))
    return Message.objects.get(pk=message.pk)


def resume_sending(*, by: Any, at: datetime) -> int:
    """The mail server is mended: end a pause of sending before its time. Returns how many were ended."""
    ended = SenderPause.objects.filter(lifted_at=None, until__gt=at).update(lifted_at=at)
    nudge("leads.sending.delivery.deliver_due")
    return ended
