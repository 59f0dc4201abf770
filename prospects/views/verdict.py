"""What stands beside the verdict: the reasons with their outcomes, and the day the timing answer suggests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from prospects.feedback.outcomes import in_words
from prospects.forms import RejectForm
from prospects.forms.listing import offered_reasons
from prospects.models import Prospect
from prospects.qualification import Card


@dataclass(frozen=True, slots=True)
class Offered:
    """A reason to choose, and in words what becomes of this person by it."""

    pk: int
    slug: str
    name: str
    outcome: str
    words: str


def verdict_context(
    prospect: Prospect, answers: Card, reject_form: RejectForm | None = None
) -> dict[str, Any]:
    """The reject sheet; without a named date the suggestion lies three months ahead."""
    is_lead = hasattr(prospect.person, "lead")
    return {
        "reasons": [
            Offered(one.pk, one.slug, one.name, one.outcome, in_words(one, is_lead=is_lead))
            for one in offered_reasons("all")
        ],
        "suggested_return": named_day(answers) or timezone.localdate() + timedelta(days=90),
        "reject_form": reject_form or RejectForm(),
    }


def named_day(answers: Card) -> date | None:
    """The day the timing answer names, tomorrow at the earliest; None where it names none."""
    timing = answers.get("timing")
    return max(timing.on, timezone.localdate() + timedelta(days=1)) if timing and timing.on else None
