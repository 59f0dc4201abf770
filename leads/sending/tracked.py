"""Who agreed to tracking: asked of everybody a lease writes to, in one question that is written once a process."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from django.db.models import BigIntegerField

from leads.consent import TRACKING
from leads.models import ConsentEvent
from leads.sending.questions import Many, Question, among, answers


def agreed_to_tracking(people: Collection[int]) -> frozenset[int]:
    """Those of them (by number) whose latest word is yes, as `leads.consent.consenting` answers."""
    (rows,) = answers(_latest().of(people=people)) if people else ([],)
    latest: dict[int, bool] = dict(rows)
    return frozenset(person for person, given in latest.items() if given)


@cache
def _latest() -> Question:
    theirs = among("person_id", Many("people", BigIntegerField()))
    events = ConsentEvent.objects.filter(theirs, purpose=TRACKING, pending=False).order_by("at", "pk")
    return Question(events.values_list("person_id", "given"))
