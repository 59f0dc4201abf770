"""Which talk a mail belongs to: by the Message-IDs it names (RFC 5322, 3.6.4), never by its subject alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from leads.models import Message, OwnMail, Person

NEAR = timedelta(hours=2)  # a date written for people has no seconds, and may be of another clock
MADE_UP = ".invalid>"  # RFC 2606: the Message-ID of a mail that nobody said one of
_WORD = re.compile(r"\w+")
_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv|i|r|rif|res)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE
)


def thread_of(*, person: Person, message_id: str, in_reply_to: str, references: Sequence[str]) -> str:
    """The Message-ID of the first mail of the talk: as the nearest mail before it knows it, else as it says."""
    nearest = [one for one in dict.fromkeys([in_reply_to, *reversed(references)]) if one]
    rows = OwnMail.objects.filter(person=person, message_id__in=nearest)
    known = dict(rows.values_list("message_id", "thread")) if nearest else {}
    found = next((known[one] for one in nearest if one in known), "")
    return found or next(iter(references), "") or in_reply_to or message_id


def gather(mail: OwnMail) -> None:
    """Mails that came before the one they answer stand in a talk named after it: they move to where it belongs."""
    if mail.thread != mail.message_id:
        OwnMail.objects.filter(person=mail.person_id, thread=mail.message_id).update(thread=mail.thread)


def answered_by(names: Sequence[str], sender_key: str) -> OwnMail | None:
    """The mail of a talk that one of these Message-IDs names; of a mail to several people the sender's own row."""
    rows = OwnMail.objects.filter(message_id__in=list(names)).select_related(
        "person", "sent_as__enrolment__sequence__campaign__owner"
    )
    by_name: dict[str, list[OwnMail]] = {}
    for row in rows.order_by("pk"):
        by_name.setdefault(row.message_id, []).append(row)
    for name in names:
        found = by_name.get(name, [])
        own = [row for row in found if row.person.email_key == sender_key]
        if own or len(found) == 1:
            return (own or found)[0]
    return None


def ours(names: Sequence[str]) -> Message | None:
    """The mail of the ledger that one of these Message-IDs names."""
    found = {row.message_id: row for row in Message.objects.filter(message_id__in=list(names))}
    return next((found[name] for name in names if name in found), None)


def is_of_ours(message_id: str, person: Person) -> bool:
    """Whether a mail that we wrote has this Message-ID."""
    written = OwnMail.objects.filter(person=person, message_id=message_id, direction=OwnMail.Direction.OUT)
    return written.exists() or Message.objects.filter(message_id=message_id).exists()


def twin(
    *, person: Person, message_id: str, direction: str, subject: str, text: str, at: datetime
) -> OwnMail | None:
    """The same mail, here already: by its Message-ID; where it was passed on without, by hour, subject and first words.

    The row takes the true Message-ID as soon as that is known.
    """
    mine = OwnMail.objects.filter(person=person)
    same = mine.filter(message_id=message_id).first()
    if same:
        return same
    near = mine.filter(direction=direction, at__gt=at - NEAR, at__lt=at + NEAR)
    looks = _looks(subject, text)
    for row in near.filter(_made_up_if(not message_id.endswith(MADE_UP))):
        if _looks(row.subject, row.text) == looks:
            if row.message_id.endswith(MADE_UP):
                mine.filter(pk=row.pk).update(message_id=message_id)
            return row
    return None


def _made_up_if(true_name: bool) -> Q:
    """A mail with a true name is another than all that have one."""
    return Q(message_id__endswith=MADE_UP) if true_name else Q()


def _looks(subject: str, text: str) -> tuple[str, str]:
    return plain_subject(subject), "".join(_WORD.findall(text.lower()))[:60]


def plain_subject(subject: str) -> str:
    """Without the marks of answers and of mails passed on."""
    return _PREFIX.sub("", subject).strip().lower()
