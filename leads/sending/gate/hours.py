"""Quiet hours, and the zone in which they are counted. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from leads.models import Person


def zone_of(person: Person) -> ZoneInfo:
    """The person's zone by name; the organisation's where it is not known."""
    try:
        return ZoneInfo(person.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def quiet_until(at: datetime, begins: time, ends: time, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours around `at` end (UTC); None outside of them. Hours over midnight are fine.

    In the night the clocks go forward an end inside the gap comes at the first moment after it; in the night
    they go back it comes once, at the first of the two.
    """
    local = at.astimezone(zone)
    now = local.time()
    inside = begins <= now < ends if begins <= ends else now >= begins or now < ends
    if not inside or begins == ends:
        return None
    day = local.date() if now < ends else local.date() + timedelta(days=1)
    end = datetime.combine(day, ends, zone).astimezone(UTC)
    return end if end > at else None
