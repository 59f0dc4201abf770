"""Who walks which sequence, and the next step when one has ended.

An enrolment waits for a time (`due_at`), or for a mail (`due_at` empty) that ends in the ledger. The next time is
reckoned from when the step before ended, never from "now": after an outage everybody gets their one next step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from campaigns.kept import Kept
from campaigns.models import PublishedStep, PublishedWords, SequenceVersion, StepKind
from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Lead, Message, Person, Submission, WorkRequest
from leads.nudge import nudge
from leads.sending.gate import Why, audience_refuses
from leads.sending.outbox import new_message_id
from leads.signals import work_requested

State = Enrolment.State
Steps = dict[int, list[PublishedStep]]  # version id → steps in order

ANOTHER_ROUND = timedelta(days=90)  # a form soon after a finished round does not begin it all again
STEP_ENDED = (
    Message.State.SENT,
    Message.State.FAILED,
    Message.State.UNKNOWN,
    Message.State.CANCELLED,
    Message.State.SUPPRESSED,
)


def enrol(
    *,
    person: Person,
    sequence: MailSequence,
    at: datetime,
    by: Any = None,
    submission: Submission | None = None,
) -> Enrolment | None:
    """Let a person walk the newest version of a sequence. Who walks it already is answered with that enrolment.

    None where it does not take them: not live, not its audience, the same form again, or a form within
    `ANOTHER_ROUND` of the last round's end. Staff (`by`) may begin another round at once.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        rounds = Enrolment.objects.filter(person=person, sequence=sequence).order_by("-round")
        last = rounds.first()
        if last and last.state == State.ACTIVE:
            return last
        if last and submission and (rounds.filter(submission=submission).exists() or _too_soon(last, at)):
            return None
        status = Lead.objects.filter(person=person).values_list("status", flat=True).first()
        start = _read_start(sequence.pk)
        row = _round(person, sequence, status, last, at, start)
        if row is None:
            return None
        row.submission, row.by = submission, by
        row.save(force_insert=True)
    nudge("leads.nurture.enrolment.advance")
    return row


def _too_soon(last: Enrolment, at: datetime) -> bool:
    return last.ended_at is not None and at < last.ended_at + ANOTHER_ROUND


@dataclass(frozen=True)
class Start:
    """What a walk begins with: the sequence's state, its newest version, and the first step's delay."""

    state: str
    version_id: int | None
    delay: timedelta


def next_round(
    *, person: Person, sequence: MailSequence, status: str | None, last: Enrolment | None, at: datetime
) -> Enrolment | None:
    """The unsaved row by which a form makes a person walk; None where the sequence does not take them (now).

    ``status``: of their lead. ``last``: their newest round. The sequence is as of a moment ago at most.
    """
    if last and (last.state == State.ACTIVE or _too_soon(last, at)):
        return None
    return _round(person, sequence, status, last, at, start_of(sequence.pk))


def _round(
    person: Person,
    sequence: MailSequence,
    status: str | None,
    last: Enrolment | None,
    at: datetime,
    start: Start,
) -> Enrolment | None:
    open_states = (MailSequence.State.LIVE, MailSequence.State.PAUSED)
    closed = start.state not in open_states or start.version_id is None
    if closed or person.erased_at or person.merged_into_id or audience_refuses(sequence, person, status):
        return None
    return Enrolment(
        person=person,
        sequence=sequence,
        version_id=start.version_id,
        round=last.round + 1 if last else 1,
        due_at=at + start.delay,
        started_at=at,
    )


def _read_start(sequence_id: int) -> Start:
    """Without steps there is no version to walk."""
    state = MailSequence.objects.values_list("state", flat=True).get(pk=sequence_id)
    newest = SequenceVersion.objects.filter(sequence=sequence_id).order_by("-number").first()
    first = newest.steps.order_by("position").first() if newest else None
    return Start(
        state, newest.pk if newest and first else None, timedelta(hours=first.delay_hours if first else 0)
    )


start_of = Kept(_read_start)


def exit_enrolments(
    *, person: Person, reason: str, at: datetime, sequence: MailSequence | None = None
) -> int:
    """Take a person out of all sequences (or one) and cancel what is scheduled; returns how many were left.

    A mail that is being sent at this moment may still arrive. Twice is the same as once.
    """
    with transaction.atomic():
        list(Person.objects.select_for_update().filter(pk=person.pk).values_list("pk"))
        walking = Enrolment.objects.filter(person=person, state=State.ACTIVE)
        if sequence:
            walking = walking.filter(sequence=sequence)
        ids = list(walking.values_list("pk", flat=True))
        left = Enrolment.objects.filter(pk__in=ids, state=State.ACTIVE)
        number = left.update(state=State.EXITED, exit_reason=reason[:60], ended_at=at)
        Message.objects.filter(enrolment__in=ids, state=Message.State.SCHEDULED).update(
            state=Message.State.CANCELLED, reason=reason[:200], ended_at=at, lease=None
        )
    return number


def advance(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """End the steps whose mail has ended, and begin the steps that are due. Bounded; safe to run twice at once.

    Returns counts: settled, finished, left, mails, follow_ups.
    """
    counts: Counter[str] = Counter(settled=0, finished=0, left=0, mails=0, follow_ups=0)
    _settle(at, limit, counts)
    _begin(at, limit, counts)
    if counts["mails"]:
        nudge("leads.sending.delivery.deliver_due")
    return dict(counts)


def _settle(at: datetime, limit: int, counts: Counter[str]) -> None:
    """Mails that ended since: the step is done, and the next one gets its time; or the walk is over."""
    with transaction.atomic():
        ended = Message.objects.filter(
            enrolment__state=State.ACTIVE,
            enrolment__due_at=None,
            step__position=F("enrolment__position") + 1,
            state__in=STEP_ENDED,
        )
        found = {row.enrolment_id: row for row in ended.select_related("step").order_by("pk")[:limit]}
        walking = _locked(Enrolment.objects.filter(pk__in=found, state=State.ACTIVE, due_at=None))
        steps = _steps_of(walking)
        for enrolment in walking:
            _end_mail_step(enrolment, found[enrolment.pk], steps, at)
            counts["settled"] += 1
            counts["finished"] += enrolment.state == State.FINISHED
            counts["left"] += enrolment.state == State.EXITED
        _keep(walking)


def _end_mail_step(enrolment: Enrolment, message: Message, steps: Steps, at: datetime) -> None:
    never_left = message.state in (Message.State.CANCELLED, Message.State.SUPPRESSED)
    if never_left and message.reason != Why.TOO_LATE:
        enrolment.state, enrolment.exit_reason, enrolment.ended_at = State.EXITED, message.reason[:60], at
    elif message.step:
        _step_done(enrolment, message.step.position, steps, message.ended_at or at)


def _begin(at: datetime, limit: int, counts: Counter[str]) -> None:
    """Enrolments whose time has come: a mail into the ledger, a wait over, a request for a rep."""
    with transaction.atomic():
        due = Enrolment.objects.filter(state=State.ACTIVE, due_at__lte=at).order_by("due_at", "pk")
        walking = _locked(due, limit)
        steps = _steps_of(walking)
        mails: list[Message] = []
        requests: list[WorkRequest] = []
        for enrolment in walking:
            _walk(enrolment, steps, at, mails, requests)
            counts["finished"] += enrolment.state == State.FINISHED
        counts["mails"] += len(Message.objects.bulk_create(mails, ignore_conflicts=True))
        WorkRequest.objects.bulk_create(requests, ignore_conflicts=True)
        _keep(walking)
    _tell(requests, counts)


def _walk(
    enrolment: Enrolment,
    steps: Steps,
    at: datetime,
    mails: list[Message],
    requests: list[WorkRequest],
) -> None:
    """Take the steps that are due; stop at the first mail, at a time to come, or at the end."""
    while enrolment.state == State.ACTIVE and enrolment.due_at and enrolment.due_at <= at:
        step = _next_step(enrolment, steps)
        if step is None:
            _finish(enrolment, enrolment.due_at)
        elif step.kind == StepKind.MAIL:
            mails.append(_mail(enrolment, step, at))
            enrolment.due_at = None
        else:
            if step.kind == StepKind.FOLLOW_UP:
                requests.append(_request(enrolment, step, at))
            _step_done(enrolment, step.position, steps, enrolment.due_at)


def _mail(enrolment: Enrolment, step: PublishedStep, at: datetime) -> Message:
    assert enrolment.due_at
    return Message(
        key=f"seq:{enrolment.pk}:{step.pk}",
        message_id=new_message_id(),
        kind=Message.Kind.SEQUENCE,
        person_id=enrolment.person_id,
        enrolment=enrolment,
        step=step,
        words=step.words.get(persona=None, variant=PublishedWords.Variant.A),
        due_at=enrolment.due_at,
        created_at=at,
    )


def _request(enrolment: Enrolment, step: PublishedStep, at: datetime) -> WorkRequest:
    return WorkRequest(
        person_id=enrolment.person_id,
        kind=WorkRequest.Kind.STEP,
        note=step.note or str(enrolment.sequence),
        key=f"step:{enrolment.pk}:{step.pk}",
        at=at,
    )


def _tell(requests: Sequence[WorkRequest], counts: Counter[str]) -> None:
    for row in WorkRequest.objects.filter(key__in=[request.key for request in requests], taken_at=None):
        counts["follow_ups"] += 1
        work_requested.send_robust(sender=WorkRequest, request_id=row.pk)


def _step_done(enrolment: Enrolment, position: int, steps: Steps, ended_at: datetime) -> None:
    """The step at `position` is done; the next one is due its delay after that."""
    enrolment.position = position
    following = _next_step(enrolment, steps)
    if following is None:
        _finish(enrolment, ended_at)
    else:
        enrolment.due_at = ended_at + timedelta(hours=following.delay_hours)


def _next_step(enrolment: Enrolment, steps: Steps) -> PublishedStep | None:
    later = (step for step in steps[enrolment.version_id] if step.position > enrolment.position)
    return next(later, None)


def _finish(enrolment: Enrolment, ended_at: datetime) -> None:
    enrolment.state, enrolment.due_at, enrolment.ended_at = State.FINISHED, None, ended_at


def _locked(rows: Any, limit: int | None = None) -> list[Enrolment]:
    """Enrolments nobody else works on, their people locked too: writing a mail waits for nobody's person row."""
    locked = rows.select_for_update(skip_locked=True, of=("self",)).select_related("sequence")
    walking = list(locked[:limit])
    people = {enrolment.person_id for enrolment in walking}
    mine = Person.objects.select_for_update(skip_locked=True).filter(pk__in=people).order_by("pk")
    free = set(mine.values_list("pk", flat=True))
    return [enrolment for enrolment in walking if enrolment.person_id in free]


def _steps_of(walking: Iterable[Enrolment]) -> Steps:
    versions = {enrolment.version_id for enrolment in walking}
    found: Steps = {version: [] for version in versions}
    for step in PublishedStep.objects.filter(version__in=versions).order_by("version", "position"):
        found[step.version_id].append(step)
    return found


def _keep(walking: Sequence[Enrolment]) -> None:
    fields = ["position", "due_at", "state", "exit_reason", "ended_at"]
    Enrolment.objects.bulk_update(walking, fields, batch_size=200)
