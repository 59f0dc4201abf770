"""Promises with a date: planned, kept, put off. The clock of the first answer is none of them and never moves."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from prospects.models import FollowUp, Prospect
from prospects.pressed_twice import twin_of
from prospects.transitions import lock, refuse_stranger

MORNING = time(9)
LATER = timedelta(hours=3)
FURTHEST = timedelta(days=3653)  # a slip of the keyboard in the year would hide a promise for good


def plan_follow_up(
    *,
    prospect: Prospect,
    kind: str,
    due_at: datetime,
    by: Any,
    at: datetime,
    text: str = "",
    submit_key: Any = None,
) -> FollowUp:
    """Promise a next step. A twin of the form answers with the first one."""
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = twin_of(FollowUp, submit_key, prospect=prospect)
        if twin is not None:
            return twin
        refuse_closed_kindly(prospect)
        return plan(prospect, kind=kind, due_at=due_at, text=text, by=by, at=at, submit_key=submit_key)


def plan(prospect: Prospect, *, kind: str, due_at: datetime, by: Any, at: datetime, **more: Any) -> FollowUp:
    """The row itself, for verbs that hold the lock already."""
    return FollowUp.objects.create(
        prospect=prospect,
        kind=kind,
        due_at=due_at,
        owner=prospect.owner,
        created_at=at,
        created_by=by,
        **more,
    )


def finish_follow_up(*, follow_up: FollowUp, by: Any, at: datetime) -> FollowUp:
    """Tick off a promise. Doing it twice changes nothing: who was first stays."""
    with transaction.atomic():
        lock(follow_up.prospect)
        refuse_stranger(follow_up.prospect, by)
        FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(done_at=at, done_by=by)
        follow_up.refresh_from_db(fields=["done_at", "done_by"])
    return follow_up


def snooze(*, follow_up: FollowUp, until: datetime, by: Any, at: datetime) -> FollowUp:
    """Put a promise off, and count how often that was done.

    A second press finds it put off already and answers with that. Raises Refused for a moment that is over,
    Conflict where the promise was kept meanwhile.
    """
    if until <= at:
        raise Refused(_("Choose a moment that lies ahead."), missing=[_("a moment that lies ahead")])
    with transaction.atomic():
        lock(follow_up.prospect)
        refuse_stranger(follow_up.prospect, by)
        mine = FollowUp.objects.filter(pk=follow_up.pk, snoozed=follow_up.snoozed, done_at=None)
        mine.update(due_at=until, snoozed=F("snoozed") + 1)
        follow_up.refresh_from_db(fields=["due_at", "snoozed", "done_at"])
        if follow_up.done_at:
            raise Conflict(now=_("Done already"))
    return follow_up


def moments(at: datetime) -> dict[str, datetime]:
    """What "later", "tomorrow" and "next week" mean, seen from `at`: in three hours, then at nine in the morning."""
    today = timezone.localdate(at)
    return {
        "later": at + LATER,
        "tomorrow": morning_of(today + timedelta(days=1)),
        "week": morning_of(today + timedelta(days=7 - today.weekday())),
    }


def morning_of(day: date) -> datetime:
    """Nine o'clock on that day, in the organisation's zone."""
    return timezone.make_aware(datetime.combine(day, MORNING), timezone.get_default_timezone())


def is_sensible(day: date, at: datetime) -> bool:
    """Whether somebody may promise a step for this day: from today on, within ten years."""
    today = timezone.localdate(at)
    return today <= day <= today + FURTHEST


def not_sensible() -> str:
    return _("Choose a day from today on, within ten years.")


def refuse_closed_kindly(prospect: Prospect) -> None:
    """Refused, not Conflict: a form full of words must come back with its words."""
    if not prospect.is_open:
        raise Refused(_("This cycle is closed: %(stage)s.") % {"stage": prospect.stage.name})
