"""Where a day begins and ends, in the organisation's zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone


def midnight(at: datetime) -> datetime:
    """The beginning of the local day."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def tomorrow(at: datetime) -> datetime:
    """The end of the local day: the next midnight, also where clocks change in between."""
    return midnight(at) + timedelta(days=1)
