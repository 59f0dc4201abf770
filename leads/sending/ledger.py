"""The ledger's moves: lease, claim, result, and what is left after a crash.

A row says `scheduled` until its own claim: the commit that says `sending`, before the mail server hears of it.
So after a crash at most one row per sender is in doubt, and that one is `unknown`, not sent again (docs/nurture.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, QuerySet

from leads import consent
from leads.consent import email_hashes
from leads.models import Message, SendLease, Suppression
from leads.sending import choosing, claims, gate, limits, one_trip, owners, questions

State = Message.State

MOST = 50
LASTS = timedelta(minutes=5)
KEEP_LEASES = timedelta(days=1)
BACKOFF = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]
LAST_BACKOFF = timedelta(hours=6)
MOST_ATTEMPTS = 15  # the waits above add up to less than three days
RESEND_AFTER = timedelta(minutes=1)


# Lease: who works on what. The state stays `scheduled`.


@dataclass
class Batch:
    """What one lease brought: messages that passed the gate, and how many rows were looked at for that.

    `limit`: the limit that held mail back (minute, day, domain); empty: none did.
    """

    lease: SendLease | None = None
    messages: list[Message] = field(default_factory=list)
    looked: int = 0
    limit: str = ""


def lease(*, slot: str, at: datetime, limit: int = MOST) -> Batch:
    """Take due rows for one sender, at most one a person, each past the full gate; the others get their reason."""
    with transaction.atomic():
        room = limits.room(at=at, alone=True)
        groups = choosing.look(at=at, limit=min(limit, MOST), room=room)
        known = gate.load([message for group in groups for message in group], at)
        answers = [pair for group in groups for pair in gate.first_of(group, known, at)]
        _hold_back(answers, at)
        for message, answer in answers:
            message.ground = answer.ground
        granted, behind = room.take(message for message, answer in answers if answer.allowed)
        _name_domains(behind)
        taken = _take(granted, slot, at) if granted else None
    return Batch(taken, granted, looked=len(answers), limit=room.reached)


def _hold_back(answers: Sequence[tuple[Message, gate.Answer]], at: datetime) -> None:
    """The reason beside each message that does not go: until when it waits, or how it ended."""
    same: dict[gate.Answer, list[int]] = {}
    for message, answer in answers:
        if not answer.allowed:
            same.setdefault(answer, []).append(message.pk)
    for answer, ids in same.items():
        changes: dict[str, Any] = {"reason": answer.reason}
        if answer.until:
            changes["due_at"] = answer.until
        else:
            changes |= {"state": answer.state, "ended_at": at}
        Message.objects.filter(pk__in=ids, state=State.SCHEDULED).update(**changes)


def _name_domains(messages: Sequence[Message]) -> None:
    """A row that stays behind for its domain's limit says its domain, and is passed over until there is room."""
    for domain in {limits.domain_of(message.person) for message in messages}:
        ids = [message.pk for message in messages if limits.domain_of(message.person) == domain]
        Message.objects.filter(pk__in=ids).update(to_domain=domain)


def _take(messages: Sequence[Message], slot: str, at: datetime) -> SendLease:
    taken = SendLease.objects.create(
        slot=slot[:80],
        boot_id=owners.boot_id(),
        database_started_at=owners.database_started_at(),
        taken_at=at,
        until=at + LASTS,
    )
    owners.hold(taken)
    for message in messages:
        message.lease, message.allowed_at = taken, at
        message.to_domain = limits.domain_of(message.person)
    if connection.vendor == "postgresql":
        _write_grants(messages, taken, at)
    else:
        Message.objects.bulk_update(messages, ["lease", "allowed_at", "ground", "to_domain"])
    return taken


def _write_grants(messages: Sequence[Message], taken: SendLease, at: datetime) -> None:
    """As bulk_update, in one plain statement: it is written for every mail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_message SET lease_id = %s, allowed_at = %s, ground = new.ground, to_domain = new.domain "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new(id, ground, domain) "
            "WHERE leads_message.id = new.id",
            [
                taken.pk,
                at,
                [message.pk for message in messages],
                [message.ground for message in messages],
                [message.to_domain for message in messages],
            ],
        )


def release(*, lease: SendLease, at: datetime) -> int:
    """Give back what was not tried; returns how many rows. Only a dead sender's lease is kept for a while.

    It does not wait for the disk: where the database crashes before the next lease, this one is as if it were held.
    """
    if questions.answers(claims.half_way().of(lease=lease.pk))[0]:
        # Ctrl-C while a mail went over the line: without its lease nobody would look again
        half_way = Message.objects.filter(lease=lease, state=State.SENDING)
        _to_unknown(half_way, at, words="the sender was stopped before the answer was kept")
    back = one_trip.together(*(statement.of(lease=lease.pk) for statement in claims.let_go()))
    owners.let_go(lease)
    return back


def abandon(*, lease: SendLease) -> None:
    """The database failed its sender, who owns the lease no more; `free_dead_leases` ends it."""
    with suppress(DatabaseError):
        owners.let_go(lease)  # a broken connection has let go by itself


# Claim and result.


@dataclass(frozen=True)
class Result:
    """What became of one try: a `Message.State`, the server's code, its words, and when.

    `scheduled` with `tried` false: the server never heard of it; with `tried` true: it asked us to come again.
    """

    message: Message
    lease: SendLease
    state: str
    at: datetime
    code: str = ""
    words: str = ""
    bounced: bool = False
    tried: bool = True


@contextmanager
def _light_commit() -> Iterator[None]:
    """One transaction that does not wait for the disk: a crash of the database makes its leases unknown anyway."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
        yield


def claim(
    *, message: Message, lease: SendLease, at: datetime, subject: str = "", before: Result | None = None
) -> bool:
    """Mark one leased message as being sent, in the same commit as the result of the one before.

    False where it must not go out any more: cancelled, suppressed, erased, paused, or not mine.
    """
    return claimed(message, begin_claim(message=message, lease=lease, at=at, subject=subject, before=before))


def begin_claim(
    *, message: Message, lease: SendLease, at: datetime, subject: str = "", before: Result | None = None
) -> one_trip.Trip:
    """The same without waiting for its commit; nothing is sent before `claimed` says so."""
    first = [_ended(before)] if before and _is_plain(before) else []
    if before and not first:
        record(before)
    hashes = email_hashes(message.person.email_key or "")
    sequence = message.enrolment.sequence if message.enrolment else None
    marked = claims.mark(message.kind, sequence, len(hashes)).of(
        pk=message.pk,
        lease=lease.pk,
        at=at,
        subject=subject[:200],
        to=message.person.email,
        sequence=sequence and sequence.pk,
        topic=sequence and sequence.topic_id,
        **{f"hash{number}": digest for number, digest in enumerate(hashes)},
    )
    return one_trip.begun(*first, claims.lock().of(person=message.person_id), marked)


def claimed(message: Message, trip: one_trip.Trip) -> bool:
    """Whether a claim that was begun is committed, and the message ours to send."""
    changed = trip.end()
    message.attempts += changed
    return bool(changed)


def record(result: Result) -> None:
    """Keep what became of a try, at once."""
    if _is_plain(result):
        one_trip.together(_ended(result))
        return
    with _light_commit():
        _write(result)


def _is_plain(result: Result) -> bool:
    """Sent or failed, and nothing else follows from it."""
    return result.state in (State.SENT, State.FAILED) and not result.bounced


def _ended(result: Result) -> one_trip.Ready:
    return claims.end().of(
        pk=result.message.pk,
        lease=result.lease.pk,
        state=result.state,
        at=result.at,
        code=result.code[:20],
        words=result.words[:200],
    )


def fail_unsent(*, message: Message, lease: SendLease, at: datetime, words: str) -> None:
    """A row of which no mail can be made: it fails without a try."""
    Message.objects.filter(pk=message.pk, lease=lease, state=State.SCHEDULED).update(
        state=State.FAILED, ended_at=at, reason=" ".join(words.split())[:200], lease=None
    )


def _write(result: Result) -> None:
    """A row that was taken for `unknown` meanwhile learns the truth from its own sender."""
    mine = Message.objects.filter(
        pk=result.message.pk, lease=result.lease, state__in=[State.SENDING, State.UNKNOWN]
    )
    if result.state == State.SCHEDULED:
        mine.update(**_next_try(result))
    elif result.state == State.UNKNOWN:
        _to_unknown(mine, result.at, words=result.words, code=result.code)
    else:
        one_trip.together(_ended(result))
    if result.bounced and result.message.person.email_key:
        _suppress_bounced(result)


def _next_try(result: Result) -> dict[str, Any]:
    changes = {
        "state": State.SCHEDULED,
        "lease": None,
        "reason": result.words[:200],
        "code": result.code[:20],
    }
    if not result.tried:
        return changes | {"attempts": F("attempts") - 1}
    if result.message.attempts >= MOST_ATTEMPTS:
        return changes | {"state": State.FAILED, "ended_at": result.at}
    waits = [*BACKOFF, LAST_BACKOFF]
    return changes | {"due_at": result.at + waits[min(result.message.attempts, len(waits)) - 1]}


def _to_unknown(rows: QuerySet[Message], at: datetime, *, words: str, code: str = "") -> tuple[int, int]:
    """Nobody knows whether it arrived. What a person asked for is sent once more; a marketing mail never by itself.

    Returns how many are unknown now, and how many are due again.
    """
    again = rows.filter(kind__in=gate.ASKED_FOR, resends=0).update(
        state=State.SCHEDULED,
        resends=1,
        due_at=at + RESEND_AFTER,
        reason=f"sent again: {words}"[:200],
        code=code[:20],
        lease=None,
    )
    unknown = rows.filter(state=State.SENDING).update(
        state=State.UNKNOWN, ended_at=at, reason=words[:200], code=code[:20]
    )
    return unknown, again


def _suppress_bounced(result: Result) -> None:
    person = result.message.person
    assert person.email_key
    consent.suppress(
        email_key=person.email_key,
        reason=Suppression.Reason.BOUNCED,
        at=result.at,
        person=person,
        evidence=f"{result.code} {result.words}".strip(),
    )


# After a crash.


def free_dead_leases(*, at: datetime) -> dict[str, int]:
    """Give back the leases of processes that are gone. The row being sent becomes `unknown`, the rest stay due.

    Where the database itself came up after the lease, its last commits may be lost: all its rows are unknown.
    """
    counts = {"leases": 0, "unknown": 0, "again": 0, "returned": 0}
    for row in SendLease.objects.filter(released_at=None).order_by("pk"):
        with transaction.atomic():
            if owners.is_gone(row) and SendLease.objects.filter(pk=row.pk, released_at=None).update(
                released_at=at
            ):
                _free(row, at, counts)
    SendLease.objects.filter(released_at__lt=at - KEEP_LEASES).delete()
    return counts


def _free(row: SendLease, at: datetime, counts: dict[str, int]) -> None:
    rows = Message.objects.filter(lease=row)
    if row.database_started_at != owners.database_started_at():
        rows.filter(state=State.SCHEDULED).update(state=State.SENDING)
    unknown, again = _to_unknown(
        rows.filter(state=State.SENDING), at, words="the sender was gone before the answer was kept"
    )
    counts["leases"] += 1
    counts["unknown"] += unknown
    counts["again"] += again
    counts["returned"] += rows.filter(state=State.SCHEDULED).update(lease=None)
