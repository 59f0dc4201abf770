"""What a step writes about a person: a field of theirs, or whether they want a topic.

The rule: **what the person said stays.** A field is changed only while nobody heard it from the person: it is empty,
or its value came from us (sales, staff, an import, found out, an earlier step). A custom field that no form asks is
therefore ours for good. A topic is chosen only where the person has not chosen. Each value is kept as a fact that
names the sequence, so it can be told from what was said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from campaigns.models import PublishedStep
from campaigns.models import Sequence as MailSequence
from campaigns.step_rules import CUSTOM, MAY_CHANGE, YES
from leads.best_known import best
from leads.models import Enrolment, Fact, Person, TopicChoice
from leads.tracking import mark_where_free, note_change

Pair = tuple[Enrolment, PublishedStep]
COLUMNS = ("job_title", "country", "language", "time_zone")
Source = Fact.Source


@dataclass
class _Writing:
    """The values of a batch, each person's facts and columns kept up to date while it goes on."""

    at: datetime
    people: dict[int, Person]
    facts: dict[int, list[Fact]]
    sequences: dict[int, str]
    new: list[Fact] = field(default_factory=list)
    topics: list[TopicChoice] = field(default_factory=list)
    columns: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))


def apply(pairs: Sequence[Pair], *, at: datetime) -> int:
    """Write what these steps change; returns how many values are new. Call inside a transaction.

    Twice is the same as once: a fact names the walk and the step it came by. Who waits for such a field is woken
    after the commit.
    """
    people = sorted({enrolment.person_id for enrolment, _step in pairs})
    names = {step.field for _enrolment, step in pairs if step.field}
    sequences = MailSequence.objects.filter(pk__in={enrolment.sequence_id for enrolment, _step in pairs})
    writing = _Writing(
        at, Person.objects.in_bulk(people), _facts(people, names), dict(sequences.values_list("pk", "name"))
    )
    for enrolment, step in pairs:
        if step.topic_id:
            _choose(enrolment, step, writing)
        elif step.field in MAY_CHANGE or CUSTOM.fullmatch(step.field):
            _set(enrolment, step, writing)
    return _write(writing)


def origin(name: str, enrolment: Enrolment, step: PublishedStep) -> str:
    """How a fact says where it came from: the sequence, its step, the walk."""
    return f"{name[:80]}, step {step.position} (walk {enrolment.pk})"


def _facts(people: Sequence[int], names: Iterable[str]) -> dict[int, list[Fact]]:
    found: dict[int, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(person__in=people, field__in=names):
        found[fact.person_id].append(fact)
    return found


def _choose(enrolment: Enrolment, step: PublishedStep, writing: _Writing) -> None:
    writing.topics.append(
        TopicChoice(
            person_id=enrolment.person_id, topic_id=step.topic_id, wanted=step.value == YES, at=writing.at
        )
    )


def _set(enrolment: Enrolment, step: PublishedStep, writing: _Writing) -> None:
    person = writing.people[enrolment.person_id]
    facts = [fact for fact in writing.facts[person.pk] if fact.field == step.field]
    value, whence = step.value.strip(), origin(writing.sequences[enrolment.sequence_id], enrolment, step)
    came_before = any(fact.source == Source.SEQUENCE and fact.detail == whence for fact in facts)
    counts = best(facts).get(step.field)
    if came_before or _said(person, step.field, facts) or (counts and counts.value == value):
        return
    fact = Fact(
        person=person, field=step.field, value=value, source=Source.SEQUENCE, detail=whence, at=writing.at,
        recorded_at=writing.at,
    )  # fmt: skip
    writing.facts[person.pk].append(fact)
    writing.new.append(fact)
    if step.field in COLUMNS and getattr(person, step.field) != value:
        setattr(person, step.field, value)
        writing.columns[step.field, value].append(person.pk)


def _said(person: Person, name: str, facts: Sequence[Fact]) -> bool:
    """By the person: a fact says so, or their column holds what no other source has brought."""
    if any(fact.source == Source.SAID for fact in facts):
        return True
    kept = getattr(person, name) if name in COLUMNS else ""
    return bool(kept) and not any(fact.value == kept for fact in facts)


def _write(writing: _Writing) -> int:
    topics = {(one.person_id, one.topic_id): one for one in reversed(writing.topics)}  # the first step's word
    chosen = TopicChoice.objects.filter(person__in={person for person, _topic in topics})
    known = set(chosen.values_list("person_id", "topic_id"))
    new = [one for key, one in topics.items() if key not in known]
    TopicChoice.objects.bulk_create(new, ignore_conflicts=True)
    Fact.objects.bulk_create(writing.new)
    for (name, value), people in writing.columns.items():
        Person.objects.filter(pk__in=people).update(**{name: value})
    changed = sorted({row.person_id for row in new} | {row.person_id for row in writing.new})
    if changed:
        # Waits are woken after the commit: whoever advances holds some walks already, and would wait for the others.
        mark_where_free(person_ids=changed, at=writing.at)
        transaction.on_commit(lambda: note_change(person_ids=changed, at=writing.at))
    return len(new) + len(writing.new)
