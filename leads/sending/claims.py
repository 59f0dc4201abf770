"""The statements that are made for every mail: lock the person, mark the message as being sent, and how it ended.

Written once a process (`leads.sending.one_trip`). What a claim checks again stands in its WHERE, so that the check and
the mark are one.
"""

from __future__ import annotations

from functools import cache

from django.db import transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Trim
from django.db.models.lookups import Exact, In

from campaigns.models import Sequence as MailSequence
from leads import consent
from leads.models import Message, Pause, Person, SendLease, Suppression
from leads.sending import gate
from leads.sending.one_trip import Prepared, Slot
from leads.sending.questions import Question

State = Message.State
_PK, _LEASE = Slot("pk", BigIntegerField()), Slot("lease", BigIntegerField())
_AT = Slot("at", DateTimeField())
# One row is found by its number. Lease and state are asked of it as what no index holds: the small indexes of what is
# due, leased or on its way look the cheapest, but are full of entries that are dead since the mails before.
_MINE = Exact(Coalesce("lease_id", 0), _LEASE)
_STATE = Trim("state")


@cache
def lock() -> Prepared:
    """The person's row: whoever withdraws or suppresses holds it, so their commit is before a claim or after it."""
    with transaction.atomic():  # the ORM writes no lock outside of one
        return Prepared(
            Person.objects.select_for_update(no_key=True)
            .filter(pk=Slot("person", BigIntegerField()))
            .values_list("pk")
        )


@cache
def end() -> Prepared:
    """How a try ended. A row that was taken for `unknown` meanwhile learns the truth from its own sender."""
    mine = Message.objects.filter(_MINE, In(_STATE, [State.SENDING, State.UNKNOWN]), pk=_PK)
    changes = {"state": _text("state"), "ended_at": _AT, "code": _text("code"), "reason": _text("words")}
    return Prepared(mine, {**changes, "lease": None})


@cache
def half_way() -> Question:
    """Of a lease that ends: whether a mail was on its way."""
    return Question(
        Message.objects.filter(lease=_LEASE, state=State.SENDING).order_by().values_list("pk")[:1]
    )


@cache
def let_go() -> tuple[Prepared, ...]:
    """The end of a lease; the last statement gives back what was not tried."""
    rows, leases = Message.objects.filter(lease=_LEASE), SendLease.objects.filter(pk=_LEASE, released_at=None)
    return (
        Prepared(rows.exclude(state=State.SCHEDULED), {"lease": None}),
        Prepared(leases, delete=True),
        Prepared(rows.filter(state=State.SCHEDULED), {"lease": None}),
    )


def mark(kind: str, sequence: MailSequence | None, keys: int) -> Prepared:
    """A leased message is being sent from now on, unless it must not go out any more. `keys`: hashes of the address."""
    return _mark(_ends(kind), sequence is not None, bool(sequence and sequence.topic_id), keys)


def _ends(kind: str) -> tuple[str, ...]:
    """Of mail that was asked for: what still stops it, as in the gate. Nothing here: everything stops it."""
    if kind == Message.Kind.REQUEST:
        return (Suppression.Reason.BOUNCED,)
    return gate.ENDS_ALL if kind in gate.ASKED_FOR else ()


@cache
def _mark(asked_for: tuple[str, ...], in_sequence: bool, has_topic: bool, keys: int) -> Prepared:
    rows = _leased()
    stops = Suppression.objects.filter(
        consent.standing(_AT), email_hash__in=[_text(f"hash{number}") for number in range(keys)]
    )
    if asked_for:
        rows = rows.filter(~Exists(stops.filter(topic=None, reason__in=asked_for)))
    else:
        about = Q(topic=None) | Q(topic=Slot("topic", BigIntegerField())) if has_topic else Q(topic=None)
        rows = rows.filter(~Exists(stops.filter(about)))
    if in_sequence and not asked_for:
        rows = _still_walking(rows)
    return Prepared(
        rows,
        {
            "state": State.SENDING,
            "claimed_at": _AT,
            "attempts": F("attempts") + 1,
            "subject": _text("subject"),
            "to_address": _text("to"),
            "reason": "",
        },
    )


def _leased() -> QuerySet[Message]:
    """The message under our lease, past the gate, of a person who is still there."""
    person = Person.objects.filter(pk=OuterRef("person_id"), erased_at=None, merged_into=None)
    rows = Message.objects.filter(_MINE, Exact(_STATE, State.SCHEDULED), Exists(person), pk=_PK)
    return rows.exclude(allowed_at=None)


def _still_walking(rows: QuerySet[Message]) -> QuerySet[Message]:
    """The sequence is live, and the person asked for no pause."""
    live = MailSequence.objects.filter(pk=Slot("sequence", BigIntegerField()), state=MailSequence.State.LIVE)
    paused = Pause.objects.filter(person=OuterRef("person_id"), until__gt=_AT)
    later = Pause.objects.filter(person=OuterRef("person_id"), pk__gt=OuterRef("pk"))
    return rows.filter(Exists(live), ~Exists(paused.filter(~Exists(later))))


def _text(name: str) -> Slot:
    return Slot(name, CharField())
