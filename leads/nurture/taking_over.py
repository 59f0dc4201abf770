"""Where somebody goes on who is taken over to a new version, and the writing of it.

The place is found by the last step they have done that is still there (`origin`); what was put in before it is not
made up for, what comes after it is new. A step they were heading for that stays as it was keeps its time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from campaigns.models import PublishedStep, SequenceVersion, StepKind
from leads.models import Enrolment, EnrolmentMove, Message
from leads.nurture import sets
from leads.nurture.times import due_after
from leads.nurture.walk import ASKS, Steps, following_position, mail_ended, mail_refused
from leads.sending.gate import zone_of

State = Enrolment.State
BATCH = 1000
REASON = "taken over to a newer version"
TIMING = ("delay_hours", "weekdays", "at_time")
NEVER_LEFT = (Message.State.CANCELLED, Message.State.SUPPRESSED)


@dataclass(frozen=True)
class Stand:
    """Where people of a version stand: all of them are taken to the same place."""

    version_id: int
    position: int
    next_position: int
    entered: int
    went_first_way: int


def place(stand: Stand, old: Steps, new: Steps) -> tuple[int, int]:
    """The step of the new version that counts as done (0: none), and the one that comes next (0: the end). Pure."""
    now_at = {step.origin: step.position for step in new.values() if step.origin}
    for position in range(stand.position, 0, -1):
        done = position == stand.position or stand.entered >> position & 1
        step = old.get(position)
        found = now_at.get(step.origin or 0) if step and done else None
        if found is None:
            continue
        first_way = new[found].kind not in ASKS or bool(stand.went_first_way >> position & 1)
        ahead = following_position(new[found], first_way=first_way)
        return found, ahead if ahead in new else 0
    return 0, 1 if new else 0


def mails_ahead(steps: Steps) -> dict[int, tuple[int, int]]:
    """Position → least and most mails from there to the end, whichever way the branches go. Pure."""
    found: dict[int, tuple[int, int]] = {0: (0, 0)}
    for position in sorted(steps, reverse=True):
        step = steps[position]
        ways = [following_position(step)] if step.kind != StepKind.END else [0]
        if step.kind in ASKS:
            ways.append(following_position(step, first_way=False))
        ahead = [found.get(way, (0, 0)) for way in ways]
        mail = step.kind == StepKind.MAIL
        found[position] = min(least for least, _m in ahead) + mail, max(most for _l, most in ahead) + mail
    return found


def take_over(
    ids: Sequence[int], *, old: Steps, new: Steps, version: SequenceVersion, by: object, at: datetime
) -> Counter[str]:
    """Move these locked walks, all of one version, to `version`. Counts: moved, finished, kept.

    Kept on the old one are those whose mail is being sent at this moment.
    """
    counts: Counter[str] = Counter()
    for start in range(0, len(ids), BATCH):
        batch = Enrolment.objects.filter(pk__in=ids[start : start + BATCH], state=State.ACTIVE)
        rows = list(batch.select_related("person"))
        mails = _end_mails(rows, at)
        counts.update(_Batch(old, new, version, by, at).move(rows, mails))
    return counts


def _end_mails(rows: Sequence[Enrolment], at: datetime) -> dict[int, Message]:
    """The mail each of these waits for. What is only scheduled is cancelled first, so that no sender takes it."""
    waiting = [row.pk for row in rows if row.due_at is None]
    theirs = Message.objects.filter(
        enrolment__in=waiting,
        step__version=F("enrolment__version"),
        step__position=F("enrolment__next_position"),
    )
    scheduled = list(theirs.filter(state=Message.State.SCHEDULED).values_list("pk", flat=True))
    Message.objects.filter(pk__in=scheduled, state=Message.State.SCHEDULED).update(
        state=Message.State.CANCELLED, reason=REASON, ended_at=at, lease=None
    )
    return {mail.enrolment_id or 0: mail for mail in theirs}


@dataclass
class _Batch:
    old: Steps
    new: Steps
    version: SequenceVersion
    by: object
    at: datetime

    def move(self, rows: Sequence[Enrolment], mails: Mapping[int, Message]) -> Counter[str]:
        counts: Counter[str] = Counter()
        gone: list[Enrolment] = []
        moves: list[EnrolmentMove] = []
        for row in rows:
            mail = mails.get(row.pk)
            if mail and mail.state == Message.State.SENDING:
                counts["kept"] += 1
                continue
            gone.append(row)
            self._end_step(row, mail)
            if row.state == State.ACTIVE:
                moves.append(self._move(row, mail))
                counts["finished" if row.state == State.FINISHED else "moved"] += 1
        sets.write(gone)
        Enrolment.objects.filter(pk__in=[move.enrolment_id for move in moves]).update(version=self.version)
        EnrolmentMove.objects.bulk_create(moves)
        ended = [mail.pk for mail in mails.values() if mail.state != Message.State.SENDING]
        Message.objects.filter(pk__in=ended).update(settled=True)
        return counts

    def _end_step(self, row: Enrolment, mail: Message | None) -> None:
        """A mail that has ended, and that the walk has not taken note of yet: its step is done."""
        if mail is None or mail.reason == REASON:
            return
        ended_at, zone = mail.ended_at or self.at, zone_of(row.person)
        if mail.state in NEVER_LEFT:
            mail_refused(row, self.old, reason=mail.reason, at=ended_at, zone=zone)
        else:
            mail_ended(row, self.old, ended_at=ended_at, zone=zone)

    def _move(self, row: Enrolment, mail: Message | None) -> EnrolmentMove:
        """A wait that has not ended is entered anew in the new version; it still counts from when it began."""
        heading = self.old.get(row.next_position)
        planned = (mail.due_at if mail and row.due_at is None else None) or row.waits_since or row.due_at
        entered = row.entered & ~(1 << row.next_position) if row.waits_until else row.entered
        move = EnrolmentMove(
            enrolment=row, old_id=row.version_id, new=self.version, position=row.position, entered=entered,
            went_first_way=row.went_first_way, at=self.at, by=self.by,
        )  # fmt: skip
        stand = Stand(row.version_id, row.position, row.next_position, row.entered, row.went_first_way)
        row.position, row.next_position = place(stand, self.old, self.new)
        row.entered = row.went_first_way = 0
        row.waits_since = row.waits_until = None
        ahead = self.new.get(row.next_position)
        if ahead is None:
            row.state, row.due_at, row.ended_at = State.FINISHED, None, self.at
        else:
            row.due_at = self._due(row, heading, ahead, planned or self.at)
        return move

    def _due(
        self, row: Enrolment, heading: PublishedStep | None, ahead: PublishedStep, planned: datetime
    ) -> datetime:
        """The same step at the same time; another one its delay after the last step ended, but not in the past."""
        if heading and _is_the_same(heading, ahead):
            return planned
        since = planned - timedelta(hours=heading.delay_hours) if heading else self.at
        due = due_after(ended_at=min(since, self.at), rule=ahead, zone=zone_of(row.person))
        return max(due, self.at)


def _is_the_same(one: PublishedStep, other: PublishedStep) -> bool:
    return one.origin == other.origin and all(getattr(one, name) == getattr(other, name) for name in TIMING)
