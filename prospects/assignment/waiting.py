"""Prospects whom no rule gave to anybody: the list with each rule that failed, and asking the rules once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns.errors import Conflict
from leads.models import Person
from prospects.assignment.choosing import Choice, choose, consider
from prospects.assignment.desk import Desk
from prospects.assignment.giving import give
from prospects.models import Prospect
from prospects.models.prospect import ProspectQuerySet
from prospects.stages import default_pipeline
from prospects.transitions import lock

LIMIT = 200  # one press asks about this many, so that it answers within a request
MOST_FOUND = 10


@dataclass(frozen=True)
class Waiting:
    """One of the queue, with what the rules say now: they may have changed since it came in."""

    prospect: Prospect
    choice: Choice


def queue() -> ProspectQuerySet:
    """Open, and nobody's."""
    rows = Prospect.objects.open().filter(owner=None)
    return rows.select_related("person__company", "person__lead__first_touch__channel", "pipeline", "stage")


def with_reasons(prospects: Sequence[Prospect], desk: Desk) -> list[Waiting]:
    """What each rule says of each of them; as many statements for fifty as for one."""
    by_pipeline: dict[Any, list[Person]] = {}
    for prospect in prospects:
        by_pipeline.setdefault(prospect.pipeline, []).append(prospect.person)
    for pipeline, people in by_pipeline.items():
        desk.read_people(pipeline, people)
    return [
        Waiting(one, consider(pipeline=one.pipeline, person=one.person, at=desk.at, desk=desk))
        for one in prospects
    ]


def ask_again(*, by: Any, at: datetime) -> dict[str, int]:
    """Give whom the rules fit by now, the longest waiting first. Twice at once gives each of them once."""
    counts = {"given": 0, "waiting": 0}
    for prospect in queue().order_by("opened_at", "pk")[:LIMIT]:
        try:
            counts["given" if _ask_again(prospect, by, at) else "waiting"] += 1
        except Conflict:
            continue  # moved on by somebody else meanwhile
    return counts


def _ask_again(prospect: Prospect, by: Any, at: datetime) -> bool:
    with transaction.atomic():
        lock(prospect)
        if prospect.owner_id is not None or not prospect.is_open:
            raise Conflict(now=prospect.stage.name)
        choice = choose(pipeline=prospect.pipeline, person=prospect.person, at=at)
        if choice.owner is None:
            return False
        give(prospect=prospect, owner=choice.owner, by=by, at=at, why=choice.why, rule=choice.rule)
        return True


def found(words: str) -> list[Person]:
    """People whose name, address or company begins with each word: to try the rules with."""
    match = Q()
    for word in words.split()[:4]:
        match &= (
            Q(first_name__istartswith=word)
            | Q(last_name__istartswith=word)
            | Q(email_key__startswith=word.lower())
            | Q(company__name__istartswith=word)
        )
    people = Person.objects.filter(match, erased_at=None, merged_into=None).select_related("company")
    return list(people.order_by("last_name", "first_name", "pk")[:MOST_FOUND]) if words.strip() else []


def try_with(person: Person, desk: Desk) -> Choice:
    """Who would get this person if they were handed over now."""
    return consider(pipeline=default_pipeline(), person=person, at=desk.at, desk=desk)
