"""Local days, over nights with a missing or a doubled hour. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning (UTC) of the local day that `at` falls in."""
    return _begins(at.astimezone(zone).date(), zone)


def next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning (UTC) of the local day after the one `at` falls in: 23 to 25 hours after its own."""
    return _begins(at.astimezone(zone).date() + timedelta(days=1), zone)


def midnight_from(at: datetime, zone: ZoneInfo) -> datetime:
    """The first local midnight (UTC) not before `at`."""
    midnight = local_midnight(at, zone)
    return midnight if midnight >= at else next_midnight(at, zone)


def next_new_year(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning (UTC) of the next local year."""
    return _begins(date(at.astimezone(zone).year + 1, 1, 1), zone)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
