"""Which due rows a sender looks at: what people asked for first, within the limits, and one mail a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from leads.models import Message, Person
from leads.sending.gate import ASKED_FOR
from leads.sending.limits import Room

State = Message.State
_NEEDED = (
    "person__sales_owner",
    "enrolment__sequence__campaign__owner",
    "step",
    "words__offer",
    "submission__page__asset__kind",
)


def due(*, at: datetime) -> Q:
    """Rows that wait for a sender."""
    return Q(state=State.SCHEDULED, due_at__lte=at, lease=None)


def look(*, at: datetime, limit: int, room: Room) -> list[list[Message]]:
    """Due rows, locked, by person: the row whose turn it is, and the sequence mails that are due beside it.

    Whoever another sender works on is left out. At most `limit` people.
    """
    turn = _first_a_person(_in_turn(at, limit, room))
    people = [person for person, row in turn.items() if row.kind == Message.Kind.SEQUENCE]
    rivals = due(at=at) & Q(kind=Message.Kind.SEQUENCE, person__in=people)
    beside = list(_locked(rivals & ~Q(pk__in=[row.pk for row in turn.values()]))) if people else []
    by_person: dict[int, list[Message]] = {person: [] for person in turn}
    for row in _whole([*turn.values(), *beside]):
        by_person[row.person_id].append(row)
    return list(by_person.values())


def _whole(rows: Sequence[Message]) -> list[Message]:
    """The same rows, in that order, with all that is asked of them: read once, when it is known which are wanted."""
    found = Message.objects.select_related(*_NEEDED).in_bulk([row.pk for row in rows])
    return [found[row.pk] for row in rows]


def _in_turn(at: datetime, limit: int, room: Room) -> list[Message]:
    """What people asked for goes first: a download must not wait behind a mailing to everybody."""
    asked = Q(kind__in=ASKED_FOR)
    first = _some(due(at=at) & asked, min(limit, room.asked), room.full(asked=True))
    rest = min(limit - len(first), room.marketing)
    return first + _some(due(at=at) & ~asked, rest, room.full(asked=False))


def _some(which: Q, limit: int, full: list[str]) -> list[Message]:
    """A full domain is passed over, so that it holds up nobody behind it."""
    if limit <= 0:
        return []
    return list(_locked(which & ~Q(to_domain__in=full) if full else which)[:limit])


def _locked(which: Q) -> QuerySet[Message]:
    """Locked, and no more of each than whose turn it is."""
    rows = Message.objects.filter(which).order_by("due_at", "pk")
    return rows.select_for_update(skip_locked=True, of=("self",)).only("person_id", "kind")


def _first_a_person(rows: Sequence[Message]) -> dict[int, Message]:
    """The first row of each person whom no other sender is working on, their person rows locked."""
    first: dict[int, Message] = {}
    for row in rows:
        first.setdefault(row.person_id, row)
    locked = Person.objects.select_for_update(skip_locked=True).filter(pk__in=first).order_by("pk")
    free = set(locked.values_list("pk", flat=True))
    busy = Message.objects.filter(Q(state=State.SENDING) | Q(state=State.SCHEDULED, lease__isnull=False))
    free -= set(busy.filter(person__in=free).values_list("person_id", flat=True))
    return {person: row for person, row in first.items() if person in free}
