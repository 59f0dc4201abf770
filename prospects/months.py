"""Months of the calendar, in the organisation's zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from django.utils import timezone


def month_of(at: datetime) -> date:
    """The first day of the month that `at` lies in."""
    return timezone.localdate(at).replace(day=1)


def months_later(month: date, number: int) -> date:
    """The first day of a month `number` months away."""
    years, rest = divmod(month.month - 1 + number, 12)
    return date(month.year + years, rest + 1, 1)


def moment_months_later(at: datetime, number: int) -> datetime:
    """The same day and hour `number` months on; the last day of a month that is shorter."""
    month = months_later(at.date().replace(day=1), number)
    return at.replace(
        year=month.year, month=month.month, day=min(at.day, monthrange(month.year, month.month)[1])
    )
