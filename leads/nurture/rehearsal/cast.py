"""What a simulation needs of some hundred people: what the gate and the conditions know, and their other flows.

Read in a fixed number of queries for each lot; nothing read here is ever saved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from campaigns.models import Compares, PublishedStep
from campaigns.models import Sequence as MailSequence
from campaigns.step_rules import BEHAVIOUR
from leads.models import Enrolment, Message, Person
from leads.nurture import conditions
from leads.nurture.rehearsal.draft import Draft
from leads.nurture.rehearsal.play import Flow, Holds
from leads.nurture.walk import ASKS, Steps, Walk, started, walk_of
from leads.sending import gate

LOT = 1000  # people read at a time
RUNNING = (MailSequence.State.LIVE,)  # one that is paused sends nothing until somebody resumes it
OURS = -1  # the number of an enrolment that is none: no row has it
NOT_YET = 1 << 60  # numbers of messages that are none yet


class Bound(StrEnum):
    """Where behaviour decides, the truth lies between these two."""

    NOBODY = "nobody"  # nobody does anything from now on
    EVERYBODY = "everybody"  # everybody does at once whatever is asked


def our_flow(draft: Draft, person: Person, *, at: datetime, first_due: datetime | None = None) -> Flow:
    """As if the person entered the draft at `at`. `first_due`: when the first step is due, where that is given."""
    walk = started(draft.steps, at=at, zone=gate.zone_of(person))
    walk.due_at = first_due or walk.due_at
    enrolment = Enrolment(
        pk=OURS, person=person, sequence=draft.sequence, started_at=at, due_at=walk.due_at, state=Enrolment.State.ACTIVE
    )  # fmt: skip
    return Flow(message=_row(enrolment, walk.due_at), steps=draft.steps, walk=walk, holds=_never)


def _row(enrolment: Enrolment, due_at: datetime | None) -> Message:
    """The message as it would stand in the ledger: its number comes after those that are there already."""
    number = NOT_YET + (enrolment.pk if enrolment.pk != OURS else NOT_YET)
    row = Message(pk=number, kind=Message.Kind.SEQUENCE, person=enrolment.person, enrolment=enrolment, key="")
    if due_at is not None:
        row.due_at = due_at
    return row


def _never(step: PublishedStep, walk: Walk, at: datetime) -> bool:
    return False


class Versions:
    """Steps of published versions, each read once."""

    def __init__(self) -> None:
        self._steps: dict[int, Steps] = {}

    def read(self, ids: Iterable[int]) -> None:
        missing = set(ids) - self._steps.keys()
        found: dict[int, dict[int, PublishedStep]] = {version: {} for version in missing}
        for step in PublishedStep.objects.filter(version__in=missing):
            found[step.version_id][step.position] = step
        self._steps |= found

    def __getitem__(self, version_id: int) -> Steps:
        return self._steps[version_id]


def other_flows(
    people: Sequence[Person], versions: Versions, *, without: int | None = None
) -> dict[int, list[Flow]]:
    """Person id → what they walk now, on every running sequence but `without`."""
    by_id = {person.pk: person for person in people}
    rows = Enrolment.objects.filter(
        person__in=by_id, state=Enrolment.State.ACTIVE, sequence__state__in=RUNNING
    ).select_related("sequence")
    walking = list(rows.exclude(sequence=without) if without else rows)
    waiting = _scheduled(walking)
    versions.read(row.version_id for row in walking)
    found: dict[int, list[Flow]] = defaultdict(list)
    for row in walking:
        row.person = by_id[row.person_id]
        mail = waiting.get(row.pk)
        if mail is not None or row.due_at is not None:
            found[row.person_id].append(_flow_of(row, mail, versions[row.version_id]))
    return found


def _scheduled(walking: Sequence[Enrolment]) -> dict[int, Message]:
    rows = Message.objects.filter(
        enrolment__in=[row.pk for row in walking if row.due_at is None], state=Message.State.SCHEDULED
    )
    return {row.enrolment_id or 0: row for row in rows}


def _flow_of(row: Enrolment, mail: Message | None, steps: Steps) -> Flow:
    walk = walk_of(row)
    if mail is None:
        return Flow(message=_row(row, row.due_at), steps=steps, walk=walk, holds=_never)
    mail.person, mail.enrolment = row.person, row
    return Flow(message=mail, steps=steps, walk=walk, holds=_never, mail=steps.get(walk.next_position))


def let_answer(flows: Sequence[Flow], *, at: datetime, bound: Bound, ours: bool) -> None:
    """Give the flows what their questions need: what is known now, and for the draft the bound."""
    pairs = [
        (flow.message.enrolment, step)
        for flow in flows
        for step in flow.steps.values()
        if step.kind in ASKS and flow.message.enrolment is not None
    ]
    if not pairs:
        return
    known = conditions.load(pairs, at=at)
    for flow in flows:
        if flow.message.enrolment is not None:
            flow.holds = _answers(flow.message.enrolment, known, bound if ours else Bound.NOBODY)


def _answers(enrolment: Enrolment, known: conditions.Known, bound: Bound) -> Holds:
    def holds(step: PublishedStep, walk: Walk, at: datetime) -> bool:
        if bound == Bound.EVERYBODY and step.looks_at in BEHAVIOUR:
            return step.compares != Compares.IS_NOT
        return conditions.holds(step, enrolment, known, at=at, waits_since=walk.waits_since)

    return holds
