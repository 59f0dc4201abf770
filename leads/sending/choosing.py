"""Which due rows a sender looks at: what people asked for first, within the limits, and one mail a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import chain

from django.db.models import BigIntegerField, CharField, DateTimeField, Q, QuerySet
from django.db.models.expressions import Combinable

from leads.models import Message, Person
from leads.sending import taken_up
from leads.sending.gate import ASKED_FOR
from leads.sending.limits import Room
from leads.sending.one_trip import Slot
from leads.sending.questions import Asked, Many, Question, Row, among, answers

State = Message.State
_AT = Slot("at", DateTimeField())
_PEOPLE = Many("people", BigIntegerField())


def due(*, at: datetime | Combinable) -> Q:
    """Rows that wait for a sender."""
    return Q(state=State.SCHEDULED, due_at__lte=at, lease=None)


def look(*, at: datetime, limit: int, room: Room) -> list[list[Message]]:
    """Due rows, locked, by person: the row whose turn it is, and the sequence mails that are due beside it.

    Whoever another sender works on is left out. At most `limit` people.
    """
    first: dict[int, Row] = {}
    for row in _in_turn(at, limit, room):
        first.setdefault(row[1], row)
    if not first:
        return []
    people = list(first)
    locked, busy, beside = answers(
        _lock_people().of(people=people), _busy().of(people=people), _beside().of(at=at, people=people)
    )
    free = {person for (person,) in locked} - {person for (person,) in busy}
    with_rivals = {person for person, row in first.items() if row[2] == Message.Kind.SEQUENCE}
    turn = {row[0] for row in first.values()}
    rows = chain(first.values(), (row for row in beside if row[1] in with_rivals and row[0] not in turn))
    wanted = [pk for pk, person, _kind in rows if person in free]
    by_person: dict[int, list[Message]] = {person: [] for person in people if person in free}
    for message in taken_up.read(wanted):
        by_person[message.person_id].append(message)
    return list(by_person.values())


def _in_turn(at: datetime, limit: int, room: Room) -> Sequence[Row]:
    """Message, person and kind. What people asked for goes first: a download must not wait behind a mailing."""
    asked = _some(True, min(limit, room.asked), room, at) + _some(False, min(limit, room.marketing), room, at)
    return [row for rows in answers(*asked) for row in rows][:limit]


def _some(asked_for: bool, limit: int, room: Room, at: datetime) -> list[Asked]:
    """A full domain is passed over, so that it holds up nobody behind it."""
    if limit <= 0:
        return []
    full = room.full(asked=asked_for)
    return [_next(asked_for, limit, bool(full)).of(at=at, full=full)]


# The statements, each written once a process. `Message`, its person and its kind, locked: no more before it is known
# which are wanted.


@cache
def _next(asked_for: bool, limit: int, some_full: bool) -> Question:
    kinds = Q(kind__in=ASKED_FOR)
    which = due(at=_AT) & (kinds if asked_for else ~kinds)
    if some_full:
        which &= ~Q(among("to_domain", Many("full", CharField())))
    return Question(_locked(which)[:limit])


@cache
def _beside() -> Question:
    return Question(_locked(due(at=_AT) & Q(among("person_id", _PEOPLE), kind=Message.Kind.SEQUENCE)))


@cache
def _lock_people() -> Question:
    rows = Person.objects.select_for_update(skip_locked=True, no_key=True).filter(among("pk", _PEOPLE))
    return Question(rows.order_by("pk").values_list("pk"))


@cache
def _busy() -> Question:
    """People to whom another sender is writing."""
    rows = Message.objects.filter(Q(state=State.SENDING) | Q(state=State.SCHEDULED, lease__isnull=False))
    return Question(rows.filter(among("person_id", _PEOPLE)).order_by().values_list("person_id"))


def _locked(which: Q) -> QuerySet:
    rows = Message.objects.filter(which).order_by("due_at", "pk")
    return rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "person_id", "kind")
