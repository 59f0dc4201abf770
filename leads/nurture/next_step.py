"""What comes next for a person on each sequence they walk: "step 3, Tue 10:00, waits for …", and why it is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import step_words
from campaigns.models import PublishedStep, PublishedWords, StepKind
from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Message, Person
from leads.sending import gate
from leads.sending.subject_line import subject_for

OPEN = (Message.State.SCHEDULED, Message.State.SENDING)


@dataclass(frozen=True)
class Next:
    """`at`: when, in our time; `there`: the same in the person's zone. `held`: why a mail that is due has to wait."""

    position: int
    what: str
    at: datetime | None = None
    there: datetime | None = None
    waits_for: str = ""
    until: datetime | None = None
    held: str = ""


def walks(person: Person) -> list[tuple[Enrolment, Next | None]]:
    """Every sequence the person walks now with what comes next on it. Four queries at most."""
    rows = list(
        Enrolment.objects.filter(person=person, state=Enrolment.State.ACTIVE)
        .select_related("sequence__campaign__owner", "version")
        .order_by("started_at")
    )
    if not rows:
        return []
    steps = _steps(rows)
    usual = _usual_words(list(steps.values()))
    mails = _mails(rows)
    found: list[tuple[Enrolment, Next | None]] = []
    for row in rows:
        step = steps.get((row.version_id, row.next_position))
        if step:
            text = usual.get(step.pk)
            subject = subject_for(person, text, row.sequence) if text else ""
            words = step_words.of_one(step, subject)
            found.append((row, _next(row, step, words, mails.get(row.pk), person)))
        else:
            found.append((row, None))
    return found


def _steps(walks: Sequence[Enrolment]) -> dict[tuple[int, int], PublishedStep]:
    steps = PublishedStep.objects.filter(version__in={walk.version_id for walk in walks})
    found = steps.select_related("asset", "page", "topic")
    wanted = {(walk.version_id, walk.next_position) for walk in walks}
    return {key: step for step in found if (key := (step.version_id, step.position)) in wanted}


def _usual_words(steps: Sequence[PublishedStep]) -> dict[int, PublishedWords]:
    rows = PublishedWords.objects.filter(step__in=[step.pk for step in steps], persona=None, variant="a")
    return {row.step_id: row for row in rows.select_related("offer")}


def _mails(walks: Sequence[Enrolment]) -> dict[int, Message]:
    rows = Message.objects.filter(enrolment__in=[walk.pk for walk in walks], state__in=OPEN)
    return {int(row.enrolment_id or 0): row for row in rows.order_by("pk")}


def _next(
    walk: Enrolment, step: PublishedStep, words: step_words.StepWords, mail: Message | None, person: Person
) -> Next:
    zone = gate.zone_of(person)
    if walk.waits_until:
        return Next(step.position, words.what, waits_for=step_words.question(step), until=walk.waits_until)
    due = mail.due_at if mail else walk.due_at
    held = mail.reason if mail else ""
    if walk.sequence.state == MailSequence.State.PAUSED:
        held = held or _("the sequence is paused")
    asks = step_words.question(step) if step.kind == StepKind.WAIT_FOR else ""
    return Next(
        step.position,
        words.what,
        at=due,
        there=due.astimezone(zone) if due else None,
        waits_for=asks,
        held=held,
    )
