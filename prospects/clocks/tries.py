"""When to try again where nobody was reached: soon, then tomorrow, then with more air; after five tries, an end.

The numbers are told in docs/calls.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.utils.translation import gettext as _

from leads.models import Person
from prospects.clocks.calling_hours import zones_of
from prospects.clocks.clock import add_working_minutes, on_working_day
from prospects.models import Call, FollowUp, Prospect

Outcome, Kind = Call.Outcome, FollowUp.Kind

NOT_REACHED = (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.GATEKEEPER)
NO_RESPONSE = "no-response"  # the reason that ends it
MOST_TRIES, WITHIN = 5, timedelta(days=14)
SECOND_TRY = 2 * 60  # working minutes
DAYS_AFTER = {2: 1, 3: 2, 4: 3}  # working days after the second, third, fourth try


@dataclass(frozen=True)
class Tries:
    """How often nobody was reached; the call that is made now would be `next` of `most`."""

    made: int
    most: int = MOST_TRIES
    days: int = WITHIN.days

    @property
    def next(self) -> int:
        return min(self.made + 1, self.most)

    @property
    def is_last(self) -> bool:
        """Whether the call that is made now ends the cycle if it reaches nobody."""
        return self.made == self.most - 1

    @property
    def used_up(self) -> bool:
        return self.made >= self.most


def tries_of(prospect: Prospect, at: datetime) -> Tries:
    """Where this prospect stands. One query."""
    return Tries(count(prospect, at))


def count(prospect: Prospect, at: datetime) -> int:
    """Calls of ours in the last 14 days that reached nobody, since the last conversation. One query."""
    recent = Call.objects.filter(prospect=prospect, at__gt=at - WITHIN, at__lte=at).order_by("-at", "-pk")
    return made_in(recent.values_list("outcome", "direction"))


def made_in(calls: Iterable[tuple[str, str]]) -> int:
    """Of calls as (outcome, direction), newest first: those of ours that reached nobody since the last conversation."""
    since_talk = takewhile(lambda call: call[0] != Outcome.CONVERSATION, calls)
    return sum(
        direction == Call.Direction.OUT and outcome in NOT_REACHED for outcome, direction in since_talk
    )


def used_up(prospect: Prospect, at: datetime) -> bool:
    """Whether the form should offer "no response" as the end."""
    return tries_of(prospect, at).used_up


def next_step(prospect: Prospect, call: Call, *, at: datetime) -> dict[str, Any] | None:
    """The follow-up that the rule plans after this call (kind, due_at, text), in the person's own hours."""
    zone = zone_of(prospect.person)
    if call.outcome == Outcome.WRONG_NUMBER:
        return {"kind": Kind.OTHER, "due_at": on_working_day(at, 1, zone), "text": _("Find the right number")}
    if call.outcome not in NOT_REACHED:
        return None
    if call.direction == Call.Direction.IN:
        return {"kind": Kind.CALL, "due_at": at, "text": _("They rang and nobody answered: call back")}
    tried = count(prospect, at)
    if tried >= MOST_TRIES:
        text = _("%(n)d tries without an answer: return to nurture, or try another way") % {"n": tried}
        return {"kind": Kind.OTHER, "due_at": at, "text": text}
    return {"kind": Kind.CALL, "due_at": next_try(tried, at, zone), "text": _("Try %(n)d") % {"n": tried + 1}}


def next_try(tried: int, at: datetime, zone: Any) -> datetime:
    """When to try again after the try of this number (1 is the first)."""
    if tried <= 1:
        return add_working_minutes(at, SECOND_TRY, zone)
    return on_working_day(at, DAYS_AFTER[min(tried, MOST_TRIES - 1)], zone)


def zone_of(person: Person) -> Any:
    """The zone to plan in: of a wide country the last to wake, so that the hour is polite on all its clocks."""
    return zones_of(person)[-1]
