"""What stands beside the verdict: the reasons with their outcomes, and the day the timing answer suggests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from prospects.forms import RejectForm
from prospects.models import Reason
from prospects.qualification import Card


def verdict_context(answers: Card, reject_form: RejectForm | None = None) -> dict[str, Any]:
    """The reject sheet; without a named date the suggestion lies three months ahead."""
    timing, tomorrow = answers.get("timing"), timezone.localdate() + timedelta(days=1)
    day = timing.on if timing and timing.on else timezone.localdate() + timedelta(days=90)
    return {
        "reasons": list(Reason.objects.in_use().filter(for_rejection=True)),
        "suggested_return": max(day, tomorrow),
        "reject_form": reject_form or RejectForm(),
    }
