"""What stands around the call: the telephone link, the form, what to say, the tries, the meetings that are booked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from prospects.clocks import calling_hours, tries
from prospects.forms import CallForm, MeetingForm
from prospects.models import BantAnswer, Call, Meeting, PhoneEvent, Prospect
from prospects.qualification import Card
from prospects.views.verdict import named_day


def call_context(prospect: Prospect, answers: Card, now: datetime, *, anyway: bool = False) -> dict[str, Any]:
    """Three queries. `anyway`: the rep chose to ring outside the calling hours."""
    calls = _recent_calls(prospect, now)
    told = next((call for call in calls if call.by_machine and _is_untold(call)), None)
    known = {"anyway": anyway, "return_on": named_day(answers)}
    return {
        "dial": calling_hours.line(prospect, now),
        "anyway": anyway,
        "tries": tries.Tries(tries.made_in((call.outcome, call.direction) for call in calls)),
        "talking_points": talking_points(prospect),
        "told": told,
        "call_form": CallForm(card=answers, initial=_known_of(told) | known),
        "meeting_form": MeetingForm(),
        "meetings": list(prospect.meetings.filter(outcome=Meeting.Outcome.BOOKED).prefetch_related("guests")),
    }


def talking_points(prospect: Prospect) -> list[str]:
    """Of the persona of the lead, one a line."""
    persona = getattr(getattr(prospect.person, "lead", None), "persona", None)
    return [line.strip() for line in persona.talking_points.splitlines() if line.strip()] if persona else []


def _recent_calls(prospect: Prospect, now: datetime) -> list[Any]:
    calls = prospect.calls.filter(at__gt=now - tries.WITHIN, at__lte=now).order_by("-at", "-pk")
    return list(
        calls.annotate(
            by_machine=Exists(PhoneEvent.objects.filter(call=OuterRef("pk"))),
            learnt=Exists(BantAnswer.objects.filter(call=OuterRef("pk"))),
        )
    )


def _is_untold(call: Any) -> bool:
    return not call.learnt and not call.note and call.submit_key is None


def _known_of(told: Call | None) -> dict[str, Any]:
    """What the phone system said already."""
    if told is None:
        return {}
    known = {"told": told.pk, "outcome": told.outcome, "direction": told.direction}
    return known | {"minutes": told.minutes, "recording": told.recording}
