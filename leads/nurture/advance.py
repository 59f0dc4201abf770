"""The job that lets everybody walk on: ends the steps whose mail has ended, begins the steps that are due.

An enrolment waits for a time (`due_at`), or for a mail (`due_at` empty) that ends in the ledger. Plain steps go in
whole sets (`sets.py`), the others in Python (`one_by_one.py`); both by the rules of `walk.py`. Rows that somebody
else works on are left for the next round, so it may run twice at once; nothing here waits for a lock.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count

from campaigns.models import PublishedStep, StepKind
from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Message, Person, WorkRequest
from leads.nudge import nudge
from leads.nurture import one_by_one, sets
from leads.nurture.enrolment import ADVANCE
from leads.nurture.walk import LATE
from leads.sending.gate import Why
from leads.signals import work_requested

log = logging.getLogger(__name__)
State = Enrolment.State

MOST = 5_000  # rows of each kind in one round
STEP_ENDED = (
    Message.State.SENT,
    Message.State.FAILED,
    Message.State.UNKNOWN,
    Message.State.CANCELLED,
    Message.State.SUPPRESSED,
)


def advance(*, at: datetime, limit: int = MOST) -> dict[str, int]:
    """End the steps whose mail has ended, and begin the steps that are due. Bounded; safe to run twice at once.

    Returns counts: settled, finished, left, mails, follow_ups, changes, and failed (put off by an hour, logged).
    """
    counts: Counter[str] = Counter(settled=0, finished=0, left=0, mails=0, follow_ups=0, changes=0, failed=0)
    looked = _settle(at, limit, counts), _begin(at, limit, counts)
    if counts["mails"]:
        nudge("leads.sending.delivery.deliver_due")
    if limit in looked:
        nudge(ADVANCE)
    return dict(counts)


# Mails that ended since: the step is done, and the next one gets its time; or the walk is over.


def _settle(at: datetime, limit: int, counts: Counter[str]) -> int:
    with transaction.atomic():
        ended = Message.objects.filter(kind=Message.Kind.SEQUENCE, settled=False, state__in=STEP_ENDED)
        locked = ended.select_for_update(skip_locked=True).order_by("pk")
        found = dict(locked.values_list("pk", "enrolment_id")[:limit])
        walks = Enrolment.objects.select_for_update(skip_locked=True, no_key=True).filter(
            pk__in=set(found.values())
        )
        mine = set(walks.values_list("pk", flat=True))
        messages = [pk for pk, walk in found.items() if walk is None or walk in mine]
        if messages:
            failed = _settle_sets(messages, at, counts)
            Message.objects.filter(pk__in=set(messages) - failed).update(settled=True)
    return len(found)


def _settle_sets(messages: Sequence[int], at: datetime, counts: Counter[str]) -> set[int]:
    """Returns those of walks that could not go on: they are looked at again, or the walks would wait for ever."""
    left, over = sets.leave(messages, at=at), sets.finish(messages, at=at)
    done = left + over + sets.go_on(messages, at=at)
    counts.update(left=left, finished=over, settled=done)
    if done == len(messages):
        return set()
    return one_by_one.settle(_still_waiting(messages), at=at, counts=counts)


def _still_waiting(messages: Sequence[int]) -> list[Message]:
    """What no statement took: the next step has a day or an hour."""
    rows = Message.objects.filter(
        pk__in=messages, enrolment__state=State.ACTIVE, enrolment__due_at=None
    ).values_list(
        "pk", "step__version_id", "step__position", "enrolment__version_id", "enrolment__next_position"
    )
    waiting = [pk for pk, *step, version, position in rows if step == [version, position]]
    return list(Message.objects.filter(pk__in=waiting).only("enrolment_id", "state", "reason", "ended_at"))


# Enrolments whose time has come: a mail into the ledger, a wait over, a request for a rep.


@dataclass(frozen=True)
class _Due:
    pk: int
    person_id: int
    sequence_id: int
    version_id: int
    next_position: int
    due_at: datetime


def _begin(at: datetime, limit: int, counts: Counter[str]) -> int:
    with transaction.atomic():
        due = _locked_due(at, limit)
        free = _free(due)
        walking = _without_ended([row for row in due if row.person_id in free], at, counts)
        plain = _plain(walking, at)
        if plain and not _begin_mails(plain, at, counts):
            plain = []
        taken = set(plain)
        others = [row.pk for row in walking if row.pk not in taken]
        asked = one_by_one.begin(others, at=at, counts=counts)
    _tell(asked, counts)
    return len(due)


def _locked_due(at: datetime, limit: int) -> list[_Due]:
    """Due rows nobody else works on. While a sequence is paused its people stay where they are."""
    paused = MailSequence.objects.filter(state=MailSequence.State.PAUSED).values_list("pk", flat=True)
    rows = Enrolment.objects.filter(state=State.ACTIVE, due_at__lte=at).exclude(sequence__in=list(paused))
    locked = rows.select_for_update(skip_locked=True, no_key=True).order_by("due_at", "pk")
    return [_Due(*row) for row in locked.values_list(*_Due.__dataclass_fields__)[:limit]]


def _free(due: Sequence[_Due]) -> set[int]:
    """Their people, locked too: writing a mail must not wait for a person row that waits for our enrolment."""
    people = {row.person_id for row in due}
    if not connection.features.has_select_for_update_skip_locked:
        return people
    mine = Person.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=people)
    return set(mine.order_by("pk").values_list("pk", flat=True))


def _without_ended(due: Sequence[_Due], at: datetime, counts: Counter[str]) -> list[_Due]:
    """Of a sequence that was ended nobody gets anything more."""
    states = MailSequence.objects.filter(pk__in={row.sequence_id for row in due})
    ended = set(states.filter(state=MailSequence.State.ENDED).values_list("pk", flat=True))
    over = [row.pk for row in due if row.sequence_id in ended]
    if over:
        counts["left"] += Enrolment.objects.filter(pk__in=over).update(
            state=State.EXITED, exit_reason=Why.ENDED, ended_at=at
        )
    return [row for row in due if row.sequence_id not in ended]


def _plain(due: Sequence[_Due], at: datetime) -> list[int]:
    """Those whose next step is a mail with one wording, and who are not late for a day that it is kept to."""
    steps = PublishedStep.objects.filter(version__in={row.version_id for row in due}, kind=StepKind.MAIL)
    one_wording = steps.annotate(number=Count("words")).filter(number=1)
    days = {
        (version, position): weekdays
        for version, position, weekdays in one_wording.values_list("version_id", "position", "weekdays")
    }
    found = ((row, days.get((row.version_id, row.next_position))) for row in due)
    return [
        row.pk for row, weekdays in found if weekdays is not None and (not weekdays or at - row.due_at < LATE)
    ]


def _begin_mails(plain: Sequence[int], at: datetime, counts: Counter[str]) -> bool:
    """Whether it went well; else each is tried alone, so that the one it fails for is found."""
    try:
        with transaction.atomic():
            counts["mails"] += sets.begin_mails(plain, at=at)
    except Exception:
        log.exception("Mails of %d walks could not be made at once", len(plain))
        return False
    return True


def _tell(keys: Sequence[str], counts: Counter[str]) -> None:
    for row in WorkRequest.objects.filter(key__in=keys, taken_at=None) if keys else ():
        counts["follow_ups"] += 1
        work_requested.send_robust(sender=WorkRequest, request_id=row.pk)
