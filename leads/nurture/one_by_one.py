"""Walks that a statement cannot take: questions, waits, changes, several wordings, days and hours. In Python, batched.

A batch is read in a fixed number of queries, walked by the pure rules of `walk.py`, and written in one statement.
Call inside a transaction that holds the enrolments.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from campaigns.models import PublishedStep, PublishedWords, StepKind, StepRule, StepTest
from leads.models import Enrolment, Message, WorkRequest
from leads.nurture import changes, conditions, sets
from leads.nurture.walk import ASKS, Act, Steps, following_position, mail_ended, mail_refused, step_on
from leads.sending.gate import zone_of
from leads.sending.outbox import new_message_id
from leads.sending.wording import choose

log = logging.getLogger(__name__)
State = Enrolment.State
Pair = tuple[Enrolment, PublishedStep]
T = TypeVar("T", int, Message)

# What a follow-up step asks of a rep.
ASKED_OF_REP: dict[str, str] = {
    StepRule.RepDoes.CALL: WorkRequest.Kind.STEP,
    StepRule.RepDoes.SOCIAL: WorkRequest.Kind.SOCIAL,
    StepRule.RepDoes.OTHER: WorkRequest.Kind.TO_DO,
}

BATCH = 200
SET_ASIDE = timedelta(hours=1)


def begin(ids: Sequence[int], *, at: datetime, counts: Counter[str]) -> list[str]:
    """Let these enrolments, which are due, walk on; returns the keys of what reps are asked for."""
    asked: list[str] = []
    _in_batches(
        ids, lambda some: asked.extend(_begin(some, at, counts)), lambda one: _put_off(one, at, counts)
    )
    return asked


def settle(messages: Sequence[Message], *, at: datetime, counts: Counter[str]) -> set[int]:
    """The mails of these walks have ended: each goes on from there. Returns the mails of those that could not."""
    failed: set[int] = set()
    _in_batches(messages, lambda some: _settle(some, at, counts), lambda one: failed.add(one.pk))
    counts["failed"] += len(failed)
    return failed


def _in_batches(
    things: Sequence[T], work: Callable[[Sequence[T]], None], refuse: Callable[[T], None]
) -> None:
    """One that cannot be worked on must not hold up the others: then each is taken alone."""
    for start in range(0, len(things), BATCH):
        _try(things[start : start + BATCH], work, refuse)


def _try(some: Sequence[T], work: Callable[[Sequence[T]], None], refuse: Callable[[T], None]) -> None:
    try:
        with transaction.atomic():
            work(some)
    except Exception:
        if len(some) > 1:
            for one in some:
                _try([one], work, refuse)
        else:
            log.exception("A walk could not go on: %s", some[0])
            refuse(some[0])


def _put_off(one: int, at: datetime, counts: Counter[str]) -> None:
    Enrolment.objects.filter(pk=one, state=State.ACTIVE).update(due_at=at + SET_ASIDE)
    counts["failed"] += 1


def _settle(messages: Sequence[Message], at: datetime, counts: Counter[str]) -> None:
    ended = {message.enrolment_id: message for message in messages}
    walking = _read(ended)
    paths = steps_of(walking)
    for row in walking:
        message, steps, zone = ended[row.pk], paths[row.version_id], zone_of(row.person)
        ended_at = message.ended_at or at
        if message.state in (Message.State.CANCELLED, Message.State.SUPPRESSED):
            mail_refused(row, steps, reason=message.reason, at=ended_at, zone=zone)
        else:
            mail_ended(row, steps, ended_at=ended_at, zone=zone)
    sets.write(walking)
    counts["settled"] += len(walking)


@dataclass
class _Round:
    """One batch on its way: what it goes by, and what it has brought about so far."""

    at: datetime
    paths: Mapping[int, Steps]
    words: Mapping[int, Sequence[PublishedWords]]
    kept: Mapping[int, str]  # step → wording that its test ended with
    mails: list[Message] = field(default_factory=list)
    requests: list[WorkRequest] = field(default_factory=list)
    changes: list[Pair] = field(default_factory=list)

    def is_due(self, row: Enrolment) -> bool:
        return row.state == State.ACTIVE and row.due_at is not None and row.due_at <= self.at

    def do(self, row: Enrolment, act: Act) -> None:
        if act.kind == StepKind.MAIL:
            self.mails.append(self._mail(row, act))
        elif act.kind == StepKind.FOLLOW_UP:
            self.requests.append(_request(row, act.step, self.at))
        else:
            self.changes.append((row, act.step))

    def _mail(self, row: Enrolment, act: Act) -> Message:
        lead = getattr(row.person, "lead", None)
        words = choose(
            words=self.words.get(act.step.pk, []),
            persona_id=lead.persona_id if lead else None,
            enrolment_id=row.pk,
            kept=self.kept.get(act.step.pk, ""),
        )
        return Message(
            key=f"seq:{row.pk}:{act.step.pk}",
            message_id=new_message_id(),
            kind=Message.Kind.SEQUENCE,
            person_id=row.person_id,
            enrolment=row,
            step=act.step,
            words=words,
            due_at=act.at,
            created_at=self.at,
        )


def _begin(ids: Sequence[int], at: datetime, counts: Counter[str]) -> list[str]:
    walking = _read(ids)
    paths = steps_of(walking)
    words, kept = _words([step.pk for steps in paths.values() for step in steps.values()])
    batch = _Round(at, paths, words, kept)
    while due := [row for row in walking if batch.is_due(row)]:
        _walk(due, batch)
        counts["changes"] += changes.apply(batch.changes, at=at) if batch.changes else 0
        batch.changes.clear()
    Message.objects.bulk_create(batch.mails, ignore_conflicts=True)
    WorkRequest.objects.bulk_create(batch.requests, ignore_conflicts=True)
    sets.write(walking)
    counts["mails"] += len(batch.mails)
    counts["finished"] += sum(row.state == State.FINISHED for row in walking)
    return [request.key for request in batch.requests]


def _walk(due: Sequence[Enrolment], batch: _Round) -> None:
    """Each as far as it gets; before a question that follows a change it stops until the change is made."""
    asked = [
        (row, step) for row in due for step in questions_ahead(batch.paths[row.version_id], row.next_position)
    ]
    known = conditions.load(asked, at=batch.at) if asked else conditions.Known()

    def holds(step: PublishedStep, row: Enrolment) -> bool:
        return conditions.holds(step, row, known, at=batch.at)

    for row in due:
        zone = zone_of(row.person)
        for act in step_on(row, batch.paths[row.version_id], at=batch.at, zone=zone, holds=holds):
            batch.do(row, act)


def questions_ahead(steps: Steps, position: int) -> list[PublishedStep]:
    """What may be asked from here on before the walk stops at a mail."""
    found: list[PublishedStep] = []
    look, seen = [position], set()
    while look:
        step = steps.get(look.pop())
        if step is None or step.position in seen or step.kind in (StepKind.MAIL, StepKind.END):
            continue
        seen.add(step.position)
        look.append(following_position(step))
        if step.kind in ASKS:
            found.append(step)
            look.append(following_position(step, first_way=False))
    return found


def _request(row: Enrolment, step: PublishedStep, at: datetime) -> WorkRequest:
    return WorkRequest(
        person_id=row.person_id,
        kind=ASKED_OF_REP[step.rep_does],
        note=step.note or str(row.sequence),
        key=f"step:{row.pk}:{step.pk}",
        at=at,
    )


def _read(ids: Iterable[int | None]) -> list[Enrolment]:
    rows = Enrolment.objects.filter(pk__in=[one for one in ids if one], state=State.ACTIVE)
    return list(rows.select_related("person__lead", "sequence"))


def steps_of(walking: Iterable[Enrolment]) -> dict[int, dict[int, PublishedStep]]:
    """Version → position → step."""
    versions = {row.version_id for row in walking}
    found: dict[int, dict[int, PublishedStep]] = {version: {} for version in versions}
    for step in PublishedStep.objects.filter(version__in=versions):
        found[step.version_id][step.position] = step
    return found


def _words(steps: Sequence[int]) -> tuple[dict[int, list[PublishedWords]], dict[int, str]]:
    """Step → all its wordings, and, where a test has ended, the one that was kept. Not the texts themselves."""
    words: dict[int, list[PublishedWords]] = defaultdict(list)
    for row in PublishedWords.objects.filter(step__in=steps).only("step_id", "persona_id", "variant"):
        words[row.step_id].append(row)
    ended = StepTest.objects.filter(step__in=steps).values_list("step_id", "kept")
    return words, dict(ended)
