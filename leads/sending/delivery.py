"""Sending what is due, one mail at a time over a connection that is kept.

The order is always: render, claim (committed), send, and the result goes into the commit of the next claim, or at
once where nothing comes next. docs/sending.md says why. While a claim is being committed the next mail is rendered.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import zip_longest

from django.db import DatabaseError
from django.utils import timezone

from campaigns import sequences
from campaigns.errors import Conflict
from leads.models import Message, SenderPause
from leads.sending import ledger, pieces, staff_mail
from leads.sending.ahead import Ahead
from leads.sending.answers import Outcome, outcome_of
from leads.sending.ledger import Batch, Result
from leads.sending.letters import Letter, Made, letter
from leads.sending.line import Line, Written
from leads.sending.skeleton import Skeletons

log = logging.getLogger(__name__)
State = Message.State

SLICE_SECONDS = (
    5  # a run ends after this and its current mail; the schedule starts the next one a second later
)
FAILURES = 5
CIRCUIT = timedelta(minutes=1)
SENDER_PAUSE = timedelta(minutes=10)

_skeletons = Skeletons()
_failures = 0  # of this process, in a row; five open the circuit for everybody


def deliver_due(*, at: datetime) -> dict[str, int]:
    """Job of the schedule: free what dead senders left, then send what is due. Returns counts."""
    freed = ledger.free_dead_leases(at=at)
    slot = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    return dict(
        Counter(deliver(slot=slot, at=at)) + Counter({f"freed_{name}": n for name, n in freed.items() if n})
    )


def deliver(*, slot: str, at: datetime | None = None, limit: int = ledger.MOST) -> dict[str, int]:
    """Send what is due in this slot, at most `limit` (≤ 50) a lease, until nothing is due or the slice is over.

    Returns counts by outcome: sent, failed, unknown, later, refused (a claim that came too late), paused.
    """
    run = _Run(slot=slot, at=at or timezone.now())
    if SenderPause.objects.filter(lifted_at=None, until__gt=run.now()).exists():
        return {"paused": 1}
    with _told_to_stop() as told, Line() as line:
        run.counts.update(staff_mail.send_due(line=line, at=run.now()))
        while not run.is_over() and not told.is_set():
            batch = ledger.lease(slot=slot, at=run.now(), limit=limit)
            if batch.limit:
                run.counts[f"limit_{batch.limit}"] += 1
            if not batch.looked:
                break
            if batch.lease and not _send_batch(batch, run, line, told):
                break
    return dict(run.counts)


class _Run:
    """One call of `deliver`: its clock, which begins at `at`, and its counts."""

    def __init__(self, *, slot: str, at: datetime) -> None:
        self.slot, self.counts, self.made = slot, Counter[str](), Made.empty()
        self._at, self._started = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._started)

    def is_over(self) -> bool:
        return time.monotonic() - self._started >= SLICE_SECONDS


def _send_batch(batch: Batch, run: _Run, line: Line, told: threading.Event) -> bool:
    """Send the leased messages one by one; False where the server does not take any more now."""
    assert batch.lease is not None
    waiting: Result | None = None
    run.made.meet(message.person_id for message in batch.messages)
    ahead = Ahead(lambda message: _made(message, run, line))
    try:
        pieces.give(batch.messages, at=run.now())
        for message, after in zip_longest(batch.messages, batch.messages[1:]):
            if told.is_set() or not _line_is_open(line, run):
                return False
            ready = _rendered(message, ahead, batch, run)
            if ready is None:
                continue
            with ledger.begin_claim(
                message=message, lease=batch.lease, at=run.now(), subject=ready.subject, before=waiting
            ) as trip:
                ahead.look(after)
            claimed, waiting = ledger.claimed(message, trip), None
            if not claimed:
                run.counts["refused"] += 1
                continue
            outcome = line.send(ready)
            waiting = _result(message, batch, outcome, run)
            if not _go_on(outcome, message, run):
                return False
        return True
    finally:
        _close_batch(batch, waiting, run)


def _close_batch(batch: Batch, waiting: Result | None, run: _Run) -> None:
    """Keep the last result at once, then give the rest back. If the database is gone, the lease is freed later."""
    assert batch.lease is not None
    try:
        if waiting:
            ledger.record(waiting)
        ledger.release(lease=batch.lease, at=run.now())
    except Exception:
        ledger.abandon(lease=batch.lease)
        raise


def _made(message: Message, run: _Run, line: Line) -> Letter | Written:
    made = _skeletons.letter if line.takes_bytes else letter
    return made(message, run.now(), run.made)


def _rendered(
    message: Message, ahead: Ahead[Letter | Written], batch: Batch, run: _Run
) -> Letter | Written | None:
    """The letter, or None: a row that cannot be made fails alone, and the batch goes on."""
    assert batch.lease is not None
    try:
        return ahead.take(message)
    except (DatabaseError, OSError):
        raise  # about the machine, not about this row
    except Exception as error:
        log.exception("Message %s cannot be made", message.pk)
        ledger.fail_unsent(message=message, lease=batch.lease, at=run.now(), words=f"cannot be made: {error}")
        run.counts["failed"] += 1
        return None


def _result(message: Message, batch: Batch, outcome: Outcome, run: _Run) -> Result:
    assert batch.lease is not None
    state = outcome.state
    if outcome.content_refused and message.enrolment:
        state = State.SCHEDULED  # the sequence is paused below; nobody loses a mail by that
    run.counts[{State.SCHEDULED: "later"}.get(State(state), str(state))] += 1
    return Result(
        message=message,
        lease=batch.lease,
        state=state,
        at=run.now(),
        code=outcome.code,
        words=outcome.words,
        bounced=outcome.bounced,
        tried=outcome.tried,
    )


def _go_on(outcome: Outcome, message: Message, run: _Run) -> bool:
    """What an outcome means for the mails after it."""
    global _failures
    if outcome.state == State.SENT:
        _failures = 0
        return True
    if outcome.sender_at_fault:
        _pause(f"the mail server refuses us: {outcome.words}", outcome.code, SENDER_PAUSE, run)
        return False
    if outcome.content_refused and message.enrolment:
        _pause_sequence(message, outcome, run)
        return False
    return not (outcome.failure and _too_many_failures(outcome.words, outcome.code, run))


def _pause_sequence(message: Message, outcome: Outcome, run: _Run) -> None:
    assert message.enrolment is not None
    log.error(
        "Sequence %s is paused: the server refuses its mail: %s", message.enrolment.sequence_id, outcome.words
    )
    with suppress(Conflict):  # somebody paused it already
        sequences.pause(sequence=message.enrolment.sequence, by=None, at=run.now())


def _line_is_open(line: Line, run: _Run) -> bool:
    """Connect before the claim: a server that cannot be reached costs no message anything."""
    try:
        line.open()
    except Exception as error:  # noqa: BLE001 - whatever a back end raises on connecting, nothing was sent
        outcome = outcome_of(error, data_begun=False)
        run.counts["unreachable"] += 1
        if outcome.sender_at_fault:
            _pause(f"the mail server refuses us: {outcome.words}", outcome.code, SENDER_PAUSE, run)
        else:
            _too_many_failures(outcome.words, outcome.code, run)
        return False
    return True


def _too_many_failures(words: str, code: str, run: _Run) -> bool:
    """Five in a row open the circuit: nobody sends for a minute."""
    global _failures
    _failures += 1
    if _failures < FAILURES:
        return False
    _failures = 0
    _pause(f"{FAILURES} failures in a row, the last: {words}", code, CIRCUIT, run)
    return True


def _pause(reason: str, code: str, length: timedelta, run: _Run) -> None:
    log.error("Sending is paused for %s: %s", length, reason)
    now = run.now()
    SenderPause.objects.create(reason=reason[:200], code=code[:20], at=now, until=now + length)
    run.counts["paused"] += 1


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """SIGTERM while sending: finish the current mail, give the lease back, and only then end the process."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: told.set())
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)
        if told.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
