"""How many mails the server may send in an hour, and the hours and days that want more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from campaigns import sending
from campaigns.models import SendingPolicy

MINUTES = 60
LISTED = 100


def most_an_hour(policy: SendingPolicy) -> int | None:
    """None: as fast as the server takes them."""
    return policy.per_minute * MINUTES if policy.per_minute else None


def over_the_limits(load: Mapping[str, float]) -> dict[str, Any]:
    """Hours and days whose mails would not get out in time. `load`: ``2026-11-25T09`` of the base zone → mails."""
    policy = sending.policy()
    most = most_an_hour(policy)
    hours = [_over(hour, mails, most) for hour, mails in sorted(load.items()) if most and mails > most]
    days: dict[str, float] = defaultdict(float)
    for hour, mails in load.items():
        days[hour[:10]] += mails
    allowed = {day: sending.most_on(policy, date.fromisoformat(day)) for day in days}
    late = [
        _over(day, days[day], allowed[day] or 0) for day in sorted(days) if _too_many(days[day], allowed[day])
    ]
    return {"an_hour": most, "hours": hours[:LISTED], "days": late[:LISTED]}


def _too_many(mails: float, allowed: int | None) -> bool:
    return allowed is not None and mails > allowed


def _over(when: str, mails: float, allowed: int) -> dict[str, Any]:
    return {"when": when, "mails": round(mails), "allowed": allowed}
