"""Who waits for something is looked at again as soon as something happened to them.

A wait for a click, a form, a grade … looks again by itself at least once an hour (`due_at`); this makes it prompt.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from leads.models import Enrolment
from leads.nudge import nudge


def wake(*, person_ids: Iterable[int], at: datetime) -> int:
    """Let the waits of these people be judged now; returns how many. One UPDATE over those who wait, mostly none."""
    return _wake(at, person__in=list(person_ids))


def wake_leads(*, lead_ids: Iterable[int], at: datetime) -> int:
    """The same, by the people's leads."""
    return _wake(at, person__lead__in=list(lead_ids))


def _wake(at: datetime, **whom: Any) -> int:
    """Only ever earlier, and never before the wait began: what comes after it is reckoned from there."""
    waiting = Enrolment.objects.filter(
        state=Enrolment.State.ACTIVE, waits_until__isnull=False, due_at__gt=at, **whom
    )
    # In the order that publishing takes them: two who take many must not wait for each other.
    theirs = waiting.select_for_update(no_key=True).order_by("pk").values("pk")
    with transaction.atomic(savepoint=False):
        woken = Enrolment.objects.filter(pk__in=theirs).update(due_at=Greatest(Value(at), F("waits_since")))
    if woken:
        nudge("leads.nurture.advance.advance")
    return woken
