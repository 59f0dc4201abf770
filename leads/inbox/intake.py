"""The way in for answers: stored as they came first, read by the worker after that (`work_due`)."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, DataError, transaction

from leads.feedback import effects, matching
from leads.feedback.delivery_reports import Failure
from leads.feedback.effects import Told
from leads.feedback.parts import MESSAGE_ID, header, parsed, storable
from leads.feedback.reading import Answer, What, read
from leads.inbox import hooks
from leads.models import Inbound, MailEvent, Message, Person, UnfiledMail
from leads.nudge import nudge
from leads.own_mail import filing, invitations, replies, threads
from leads.own_mail.addresses import keys_in
from leads.sending.headers import is_ours

log = logging.getLogger(__name__)

MOST = 200  # rows a run
MOST_BYTES = 1_000_000  # of one mail; what is behind that is an attachment
KEPT = timedelta(days=90)
NOTHING = "other"


def keep_mail(raw: bytes, *, at: datetime) -> Inbound:
    """Store a mail of our mailbox. The same one again (by its Message-ID) answers with the first.

    A copy that came by a private address for filing is another one: only that copy says whose it is.
    """
    raw = raw[:MOST_BYTES]
    mail = parsed(raw)
    named = MESSAGE_ID.fullmatch(header(mail, "Message-ID"))
    key = named[0] if named and len(named[0]) <= 200 else hashlib.sha256(raw).hexdigest()
    if private := keys_in(mail):
        key = hashlib.sha256("\n".join([key, *sorted(private)]).encode()).hexdigest()
    row, made = Inbound.objects.get_or_create(
        source=Inbound.Source.MAILBOX, provider="", key=key, defaults={"body": raw, "received_at": at}
    )
    if made:
        nudge("leads.inbox.intake.work_due")
    return row


def work_due(*, at: datetime, limit: int = MOST) -> dict[str, int]:
    """Job: read what came in, oldest first, each in a transaction of its own. One that cannot be read stops nobody."""
    counts: Counter[str] = Counter()
    for pk in Inbound.objects.filter(read_at=None).order_by("pk").values_list("pk", flat=True)[:limit]:
        try:
            counts[_work(pk, at)] += 1
        except Exception as error:
            if isinstance(error, DatabaseError) and not isinstance(error, DataError):
                raise  # about the machine; a value that the database refuses is about this row
            log.exception("Inbound %s cannot be read", pk)
            words = storable(f"{type(error).__name__}: {error}")[:300]
            Inbound.objects.filter(pk=pk).update(read_at=at, read_as="error", error=words)
            counts["error"] += 1
    return dict(counts)


def forget_old(*, at: datetime) -> dict[str, int]:
    """Job of the night: what people wrote is not kept for ever; that it came, and what it was, is."""
    old = Inbound.objects.filter(read_at__lt=at - KEPT).exclude(body=b"")
    unfiled, _each = UnfiledMail.objects.filter(at__lt=at - KEPT).delete()  # it could not be filed any more
    return {"forgotten": old.update(body=b""), "unfiled": unfiled}


def _work(pk: int, at: datetime) -> str:
    with transaction.atomic():
        row = Inbound.objects.select_for_update(skip_locked=True).filter(pk=pk, read_at=None).first()
        if row is None:
            return "busy"
        work = hooks.work if row.source == Inbound.Source.WEBHOOK else _work_mail
        read_as = work(row)
        Inbound.objects.filter(pk=pk).update(read_at=at, read_as=read_as[:12])
    return read_as


def _work_mail(row: Inbound) -> str:
    """A colleague's own mail is filed, not judged; what a stranger sends by a private address is judged first."""
    raw = bytes(row.body)
    mail = parsed(raw)
    keys = keys_in(mail)
    filed = filing.file(row=row, mail=mail, keys=keys) if keys else None
    if filed:
        return filed
    told = invitations.tell(row=row, mail=mail)
    answer = read(raw)
    if told and answer.what in (What.MAIL, What.AUTO_REPLY):
        # Who wrote a line beside it is heard; nobody need answer a calendar.
        person = filing.whose(answer.sender)
        if person and answer.what == What.MAIL:
            replies.note(_told(row, None, person=person), row=row)
        return told
    read_as = _WORK[answer.what](answer, matching.of(answer), row)
    if keys and read_as == NOTHING and answer.what == What.MAIL:
        return filing.file_aside(row=row, mail=mail, keys=keys) or read_as
    return read_as


def _told(row: Inbound, message: Message | None, part: str = "", **more) -> Told:
    digest = hashlib.sha256(f"{row.key}\n{part}".encode()).hexdigest()
    return Told(key=f"mail:{digest}", at=row.received_at, message=message, inbound=row, **more)


def _bounce(answer: Answer, message: Message | None, row: Inbound) -> str:
    if message:
        failure = _failure_of(message, answer.failures)
        if failure:
            _bounced(failure, _told(row, message, code=failure.code, words=failure.words))
        return What.BOUNCE
    known = False
    for failure in answer.failures:
        person, sent = matching.by_address(failure.address, at=row.received_at)
        if person:
            known = True
            told = _told(
                row,
                sent,
                failure.address,
                person=person,
                address=failure.address,
                code=failure.code,
                words=failure.words,
            )
            _bounced(failure, told)
    return What.BOUNCE if known else "unmatched"


def _bounced(failure: Failure, told: Told) -> None:
    effects.bounced(told, kind=failure.verdict.kind, final=failure.final)


def _failure_of(message: Message, failures: tuple[Failure, ...]) -> Failure | None:
    """A mail of ours goes to one address: the failure that names it, else the worst (an alias behind it failed)."""
    mailed = matching.key_of(message.to_address) or message.person.email_key
    named = [one for one in failures if matching.key_of(one.address) == mailed]
    hard = [one for one in failures if one.verdict.kind == MailEvent.Kind.HARD_BOUNCE]
    return next(iter([*named, *hard, *failures]), None)


def _complaint(answer: Answer, message: Message | None, row: Inbound) -> str:
    if message:
        effects.complained(_told(row, message, words=answer.subject))
        return What.COMPLAINT
    found = [(address, *matching.by_address(address, at=row.received_at)) for address in answer.complainers]
    for address, person, sent in found:
        if person:
            effects.complained(
                _told(row, sent, address, person=person, address=address, words=answer.subject)
            )
    return What.COMPLAINT if any(person for _address, person, _sent in found) else "unmatched"


def _auto_reply(answer: Answer, message: Message | None, row: Inbound) -> str:
    person, sent = (None, message) if message else matching.by_address(answer.sender, at=row.received_at)
    if sent:
        effects.auto_replied(_told(row, sent, person=person, words=answer.subject))
    return What.AUTO_REPLY


def _mail(answer: Answer, message: Message | None, row: Inbound) -> str:
    """A reply, if it answers a mail of ours or comes from somebody we wrote to lately; a colleague's is none."""
    if is_ours(answer.sender):
        return NOTHING
    person, sent = _answered(answer, message, row)
    if sent is None and person is None:
        return NOTHING
    told = _told(row, sent, person=person, words=answer.text or answer.subject)
    if replies.note(told, row=row) is not None:
        effects.replied(told, subject=answer.subject, text=answer.text)
    return MailEvent.Kind.REPLY


def _answered(answer: Answer, message: Message | None, row: Inbound) -> tuple[Person | None, Message | None]:
    """Who answers and which mail: of the ledger, of a talk (filed mail has no row there), else their newest."""
    if message:
        return None, message
    own = threads.answered_by(answer.names, matching.key_of(answer.sender))
    if own is not None:
        return own.person, own.sent_as
    return matching.by_address(answer.sender, at=row.received_at)


_WORK: dict[What, Callable[[Answer, Message | None, Inbound], str]] = {
    What.BOUNCE: _bounce,
    What.COMPLAINT: _complaint,
    What.AUTO_REPLY: _auto_reply,
    What.MAIL: _mail,
    What.REPORT: lambda answer, message, row: NOTHING,
}
