"""Finished calls as the phone system tells them: each becomes one call on the right prospect, or waits for a person.

A machine knows a number, a length and who of ours was on the line. It never writes on another rep's prospect.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.identity import phone_key
from leads.models import Person
from prospects.calls.log import log_call
from prospects.models import Call, PhoneEvent, Prospect
from prospects.transitions import lock, refuse_stranger

Outcome, Direction = Call.Outcome, Call.Direction

# Picked up for less than this it was a machine, a colleague, or a wrong moment: the rep may say better.
TALKED = timedelta(seconds=60)
# A rep may write the call down while it lasts, or a while after it, before the phone system tells of it.
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the phone system says of one call."""

    external_id: str
    number: str
    direction: str
    at: datetime
    seconds: int = 0
    answered: bool = False
    recording: str = ""


def take(*, source: str, told: Told, agent: str) -> PhoneEvent:
    """Keep it, once; and where its number belongs to an open prospect of that agent, log the call.

    What fits nobody, or is refused, waits in "Calls to sort out". Telling it twice changes nothing.
    """
    with transaction.atomic():
        said = asdict(told)
        event, is_new = PhoneEvent.objects.get_or_create(
            source=source, external_id=said.pop("external_id"), defaults={**said, "user": agent_named(agent)}
        )
        if is_new:
            _match(event)
    return event


def agent_named(agent: str) -> Any | None:
    """One of ours who works prospects, by login name or address; None where that fits nobody or several."""
    if not agent:
        return None
    named = get_user_model().objects.filter(Q(username=agent) | Q(email__iexact=agent), is_active=True)[:2]
    found = [user for user in named if user.has_perm("prospects.work_prospects")]
    return found[0] if len(found) == 1 else None


def to_sort(user: Any) -> QuerySet[PhoneEvent]:
    """What waits for a person: one's own; a manager sees all, also those that name nobody of ours."""
    waiting = PhoneEvent.objects.filter(call=None, set_aside_at=None)
    if user.has_perm("prospects.manage_prospects"):
        return waiting
    return waiting.filter(user=user) if user.has_perm("prospects.work_prospects") else waiting.none()


def attach(*, event: PhoneEvent, prospect: Prospect, by: Any, at: datetime) -> Call:
    """A person says whose call it was. Raises Conflict where somebody else sorted it out meanwhile."""
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        fresh = PhoneEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
        if fresh.call_id and fresh.call and fresh.call.prospect_id == prospect.pk:
            return fresh.call
        if fresh.call_id or fresh.set_aside_at:
            raise Conflict(now=_("Sorted out already"))
        agent = fresh.user if fresh.user and _may_work(prospect, fresh.user) else by
        PhoneEvent.objects.filter(pk=fresh.pk).update(person=prospect.person)
        return _log(fresh, prospect, agent)


def set_aside(*, event: PhoneEvent, by: Any, at: datetime) -> PhoneEvent:
    """It was nobody's of ours: a supplier, a wrong number. Twice is once; a call that was attached stays."""
    if not to_sort(by).filter(pk=event.pk).update(set_aside_at=at):
        event.refresh_from_db()
        if event.call_id:
            raise Conflict(now=_("Sorted out already"))
    return event


def _match(event: PhoneEvent) -> None:
    key = phone_key(event.number)
    person = Person.objects.filter(phone_key=key, merged_into=None, erased_at=None).first() if key else None
    if person is None:
        return
    PhoneEvent.objects.filter(pk=event.pk).update(person=person)
    event.person = person
    own = (
        Prospect.objects.open().filter(person=person, owner=event.user)
        if event.user
        else Prospect.objects.none()
    )
    prospect = own.select_related("person", "stage").order_by("-opened_at", "-pk").first()
    if prospect is None:
        return
    try:
        with transaction.atomic():
            lock(prospect)
            if prospect.is_open and prospect.owner_id == event.user_id:
                _log(event, prospect, event.user)
    except (Refused, Conflict):
        event.call = None  # it waits for a person


def _log(event: PhoneEvent, prospect: Prospect, agent: Any) -> Call:
    """The call of a locked prospect: the one that the rep wrote down already, or a new one."""
    minutes = round(event.seconds / 60) if event.answered else None
    call = _written_down(event, prospect, agent)
    if call is not None:
        known: dict[str, Any] = {"minutes": minutes} if call.minutes is None else {}
        known |= {"recording": event.recording} if event.recording and not call.recording else {}
        if known:
            Call.objects.filter(pk=call.pk).update(**known)
    else:
        missed = event.direction == Direction.IN and not event.answered
        call = log_call(
            prospect=prospect, outcome=outcome_of(event), direction=event.direction, minutes=minutes,
            recording=event.recording, by=None if missed else agent, at=event.at,
        )  # fmt: skip
    PhoneEvent.objects.filter(pk=event.pk, call=None).update(call=call)
    event.call = call
    return call


def outcome_of(event: PhoneEvent) -> str:
    """What a machine may say of a call; the rep's form has the last word."""
    if not event.answered:
        return Outcome.NO_ANSWER
    talked = event.direction == Direction.IN or timedelta(seconds=event.seconds) >= TALKED
    return Outcome.CONVERSATION if talked else Outcome.VOICEMAIL


def _written_down(event: PhoneEvent, prospect: Prospect, agent: Any) -> Call | None:
    """A call of this agent with this prospect at this time that no phone system told of yet."""
    ends = event.at + timedelta(seconds=event.seconds)
    near = Call.objects.filter(prospect=prospect, by=agent, direction=event.direction, phone_event=None)
    return near.filter(at__gte=event.at - BEFORE, at__lte=ends + AFTER).order_by("at").first()


def _may_work(prospect: Prospect, user: Any) -> bool:
    return user.is_active and (user.pk == prospect.owner_id or user.has_perm("prospects.manage_prospects"))
