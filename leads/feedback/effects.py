"""What an answer to a mail does. Each verb writes its event once; told twice, in any order, it does nothing more.

Nothing here answers anybody: no mail of ours goes out because one came in.
"""

from __future__ import annotations

import logging
from contextlib import suppress as ignore
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from campaigns import sequences
from campaigns.errors import Conflict
from campaigns.models import Channel
from leads import consent
from leads.feedback.matching import key_of
from leads.models import (
    Inbound,
    MailEvent,
    Message,
    Person,
    StaffMail,
    Suppression,
    TouchKind,
    WorkRequest,
)
from leads.nurture import goals
from leads.nurture.enrolment import exit_enrolments
from leads.sending import outbox, staff_mail
from leads.signals import work_requested
from leads.tracking import record_touch

log = logging.getLogger(__name__)
Kind = MailEvent.Kind
State = Message.State

SOFT_WITHIN, SOFT_MOST, HOLD = timedelta(days=14), 3, timedelta(days=30)
REFUSED_WITHIN, REFUSED_MOST = timedelta(days=1), 5


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody told us about a mail: whose it is, when, by which inbound mail or call. `key` tells it from others.

    `address`: where it went, when that is known to be another than the one on the message's row.
    """

    key: str
    at: datetime
    message: Message | None = None
    person: Person | None = None
    address: str = ""
    code: str = ""
    words: str = ""
    inbound: Inbound | None = None

    @property
    def whose(self) -> Person | None:
        """Of two merged people the one who stayed."""
        person = self.person or (self.message.person if self.message else None)
        while person is not None and person.merged_into is not None:
            person = person.merged_into
        return person

    @property
    def went_to(self) -> str:
        """The canonical address the mail went to."""
        person = self.whose
        mailed = key_of(self.message.to_address) if self.message else ""
        return mailed or key_of(self.address) or (person.email_key or "" if person else "")


def delivered(told: Told) -> bool:
    """The receiver's server took it: a mail in doubt is `sent`. Undoes nothing."""
    with transaction.atomic():
        event = _note(Kind.DELIVERED, told)
        if event:
            _resolve(told, State.SENT, event)
    return bool(event)


def bounced(told: Told, *, kind: str, final: bool = True) -> bool:
    """It could not be delivered. `kind`: the address does not exist, not now, or the server refuses us."""
    with transaction.atomic():
        event = _note(kind, told)
        if event is None:
            return False
        if final:
            _resolve(told, State.FAILED, event)
        _AFTER_BOUNCE[Kind(kind)](told)
    return True


def complained(told: Told) -> bool:
    """Somebody pressed "this is spam": never again, all sequences end, and the owner learns of it."""
    with transaction.atomic():
        event = _note(Kind.COMPLAINT, told)
        if event is None:
            return False
        _resolve(told, State.SENT, event)
        person = told.whose
        for address in {told.went_to, person.email_key or "" if person else ""} - {""}:
            _suppress(told, address, Suppression.Reason.COMPLAINED)
        if person:
            exit_enrolments(person=person, reason="complained", at=told.at)
            _ask(person, WorkRequest.Kind.COMPLAINT, _about(told), event, told.at)
            _tell_marketer(told, person, event)
    return True


def auto_replied(told: Told) -> bool:
    """An out-of-office answer: kept, and nothing else. It is no reply and no sign of interest."""
    with transaction.atomic():
        event = _note(Kind.AUTO_REPLY, told)
        if event:
            _resolve(told, State.SENT, event)
    return bool(event)


def replied(told: Told, *, subject: str, text: str, asks: bool = True) -> bool:
    """A person wrote back: a touch, sequences that stop on it end, and somebody answers, if `asks`."""
    with transaction.atomic():
        event = _note(Kind.REPLY, told)
        person = told.whose
        if event is None or person is None:
            return event is not None
        _resolve(told, State.SENT, event)
        campaign = (
            told.message.enrolment.sequence.campaign if told.message and told.message.enrolment else None
        )
        record_touch(
            person=person, kind=TouchKind.REPLY, at=told.at, channel=Channel.objects.get(slug="email"),
            campaign=campaign, message=told.message, label=subject[:160],
        )  # fmt: skip
        goals.reached(person=person, goal=goals.Goal.REPLY, at=told.at)
        said = " · ".join(filter(None, [subject, " ".join(text.split())]))
        if asks:
            _ask(person, WorkRequest.Kind.REPLY, said, event, told.at)
    return True


# The event's row, and what hangs on it.


def _note(kind: str, told: Told) -> MailEvent | None:
    """The new event, its person's row locked; None where it has been told before."""
    person = told.whose
    if person:
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
    event, made = MailEvent.objects.get_or_create(
        key=told.key[:200],
        defaults={
            "kind": kind,
            "message": told.message,
            "person": person,
            "inbound": told.inbound,
            "code": told.code[:20],
            "words": told.words[:300],
            "at": told.at,
            "recorded_at": timezone.now(),
        },
    )
    return event if made else None


def _resolve(told: Told, state: str, event: MailEvent) -> None:
    if told.message:
        outbox.resolve(message=told.message, state=state, by_event=event, at=told.at)


def _suppress(told: Told, address: str, reason: str, until: datetime | None = None) -> None:
    consent.suppress(
        email_key=address, reason=reason, at=told.at, person=told.whose, message=told.message, until=until,
        evidence=f"{told.code} {told.words}".strip(),
    )  # fmt: skip


def _bad_address(told: Told) -> None:
    """The address is done with; the person's walks only if it still is theirs."""
    person = told.whose
    if told.went_to:
        _suppress(told, told.went_to, Suppression.Reason.BOUNCED)
    if person and person.email_key == told.went_to:
        exit_enrolments(person=person, reason=Suppression.Reason.BOUNCED, at=told.at)


def _not_now(told: Told) -> None:
    """Three mails within two weeks: a month's rest. Several notices about one mail are one."""
    person = told.whose
    if person is None or person.email_key != told.went_to:
        return
    lately = person.mail_events.filter(kind=Kind.SOFT_BOUNCE, at__gt=told.at - SOFT_WITHIN, at__lte=told.at)
    mails = {event.message_id or f"event {event.pk}" for event in lately}
    if len(mails) >= SOFT_MOST:
        _suppress(told, told.went_to, Suppression.Reason.SOFT_BOUNCES, told.at + HOLD)


def _about_us(told: Told) -> None:
    """The person is not touched. Every fifth mail of a sequence refused within a day pauses it: somebody must look."""
    sequence = told.message.enrolment.sequence if told.message and told.message.enrolment else None
    if sequence is None:
        return
    lately = MailEvent.objects.filter(
        kind=Kind.REFUSED_US,
        message__enrolment__sequence=sequence,
        recorded_at__gt=timezone.now() - REFUSED_WITHIN,
    )
    refused = lately.values("message").distinct().count()
    if refused and refused % REFUSED_MOST == 0:
        log.error("Sequence %s is paused: servers refuse its mail: %s %s", sequence.pk, told.code, told.words)
        with ignore(Conflict):  # somebody paused it already
            sequences.pause(sequence=sequence, by=None, at=told.at)


_AFTER_BOUNCE = {Kind.HARD_BOUNCE: _bad_address, Kind.SOFT_BOUNCE: _not_now, Kind.REFUSED_US: _about_us}


# Who is told.


def _ask(person: Person, kind: str, note: str, event: MailEvent, at: datetime) -> None:
    request = WorkRequest.objects.create(
        person=person, kind=kind, note=note[:300], key=f"answer:{event.pk}", at=at
    )
    work_requested.send_robust(sender=WorkRequest, request_id=request.pk)


def _about(told: Told) -> str:
    subject = told.message.subject if told.message else ""
    return _("Complained about “%(subject)s”. They get no more mail.") % {"subject": subject or "?"}


def _tell_marketer(told: Told, person: Person, event: MailEvent) -> None:
    owner: Any = None
    if told.message and told.message.enrolment and told.message.enrolment.sequence.campaign:
        owner = told.message.enrolment.sequence.campaign.owner
    if owner is None or not owner.is_active:
        return
    words = _("A reader complained about “%(subject)s” (%(sequence)s). They get no more mail.") % {
        "subject": told.message.subject if told.message else "",
        "sequence": told.message.enrolment.sequence if told.message and told.message.enrolment else "",
    }
    staff_mail.queue(
        user=owner, kind=StaffMail.Kind.NOTICE, key=f"complaint:{event.pk}", subject=_("A complaint about a mail"),
        html=format_html("<!doctype html><html><body><p>{}</p></body></html>", words), text=words, at=timezone.now(),
    )  # fmt: skip
