"""When to try again where nobody was reached: soon, then tomorrow, then with more air; after five tries, an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import Person
from prospects.clock import add_working_minutes, on_working_day
from prospects.models import Call, FollowUp, Prospect

Outcome, Kind = Call.Outcome, FollowUp.Kind

NOT_REACHED = (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.GATEKEEPER)
MOST_TRIES, WITHIN = 5, timedelta(days=14)
SECOND_TRY = 2 * 60  # working minutes
DAYS_AFTER = {2: 1, 3: 2, 4: 3}  # working days after the second, third, fourth try


def count(prospect: Prospect, at: datetime) -> int:
    """Calls of ours in the last 14 days that reached nobody, since the last conversation."""
    talked = (
        Call.objects.filter(prospect=prospect, outcome=Outcome.CONVERSATION, at__lte=at)
        .order_by("-at")
        .first()
    )
    since = max(at - WITHIN, talked.at) if talked else at - WITHIN
    tried = Call.objects.filter(prospect=prospect, direction=Call.Direction.OUT, outcome__in=NOT_REACHED)
    return tried.filter(at__gt=since, at__lte=at).count()


def used_up(prospect: Prospect, at: datetime) -> bool:
    """Whether the form should offer "no response" as the end."""
    return count(prospect, at) >= MOST_TRIES


def next_step(prospect: Prospect, call: Call, *, at: datetime) -> dict[str, Any] | None:
    """The follow-up that the rule plans after this call (kind, due_at, text), in the person's own hours."""
    zone = zone_of(prospect.person)
    if call.outcome == Outcome.WRONG_NUMBER:
        return {"kind": Kind.OTHER, "due_at": on_working_day(at, 1, zone), "text": _("Find the right number")}
    if call.outcome not in NOT_REACHED:
        return None
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
    """The person's zone where we know it, else the organisation's."""
    try:
        return ZoneInfo(person.time_zone) if person.time_zone else timezone.get_default_timezone()
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_default_timezone()
