"""When a step is due: so long after the step before, then at the next allowed day and hour of the person's zone.

Pure. Times go in and come out in UTC; only days and hours are the person's. The night the clocks go forward an
hour that does not exist comes at the first moment after it (02:30 → 03:30); the night they go back it comes once,
at the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

# A mail due at nine leaves some time after nine. "A day later, at nine" must still mean tomorrow, also where the
# limits let the last mail out in the afternoon, or the night between had 25 hours.
SLACK = timedelta(hours=6)
A_DAY = 24


class Timing(Protocol):
    """What a step says about its time: a `StepRule`, being written or frozen."""

    delay_hours: int
    weekdays: str
    at_time: time | None


def due_after(*, ended_at: datetime, rule: Timing, zone: ZoneInfo) -> datetime:
    """When a step is due whose predecessor ended at `ended_at`, in UTC.

    With an hour of day a delay of a day or more may be up to `SLACK` short. With weekdays alone the hour of day
    stays what it is: a Saturday afternoon becomes Monday afternoon.
    """
    earliest = ended_at.astimezone(UTC) + timedelta(hours=rule.delay_hours)
    if rule.at_time is not None and rule.delay_hours >= A_DAY:
        earliest -= SLACK
    return roll(earliest, weekdays=rule.weekdays, at_time=rule.at_time, zone=zone)


def roll(earliest: datetime, *, weekdays: str, at_time: time | None, zone: ZoneInfo) -> datetime:
    """The first moment from `earliest` on that is on an allowed day, at the given hour where there is one."""
    local = earliest.astimezone(zone)
    if at_time is None and allowed(local.date(), weekdays):
        return earliest.astimezone(UTC)
    hour = at_time or local.time()
    for ahead in range(9):  # today may be too late, and a zone may leave a day out
        day = local.date() + timedelta(days=ahead)
        moment = datetime.combine(day, hour.replace(fold=0), zone).astimezone(UTC)
        if moment >= earliest and allowed(day, weekdays):
            return moment
    raise AssertionError(f"no day of {weekdays!r} within nine days")  # publishing lets only days through


def allowed(day: date, weekdays: str) -> bool:
    """Whether a step may be due on that day. `weekdays`: "12345" is Monday to Friday, empty any day."""
    return not weekdays or str(day.isoweekday()) in weekdays
