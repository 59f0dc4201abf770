"""The rules under which the organisation sends mail: how fast, how much to one person, how a new domain begins."""

from __future__ import annotations

import math
from datetime import date, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.kept import Kept
from campaigns.models import SendingPolicy


def policy() -> SendingPolicy:
    """The one row, as of a moment ago. Without a row: the defaults."""
    return _kept(1)


def _load(pk: int) -> SendingPolicy:
    return SendingPolicy.objects.filter(pk=pk).first() or SendingPolicy(pk=pk)


_kept = Kept(_load)


def day_of(at: datetime) -> date:
    """The organisation's day."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def day_begins(at: datetime) -> datetime:
    """Midnight in the organisation's zone, before `at`."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def most_on(rules: SendingPolicy, day: date) -> int | None:
    """How many mails a new sending domain may send on a day; None: no ramp, not yet or over."""
    if rules.ramp_from is None or day < rules.ramp_from:
        return None
    return _most(rules, (day - rules.ramp_from).days)


def ramp(rules: SendingPolicy, longest: int = 366) -> list[int]:
    """Mails on day 1, 2, 3 … until the ramp is over, at most `longest` days."""
    days = takewhile(lambda most: most is not None, (_most(rules, number) for number in range(longest)))
    return [most for most in days if most is not None]


def _most(rules: SendingPolicy, days: int) -> int | None:
    growth = min(days * math.log1p(rules.ramp_percent / 100), 50)  # e^50: more than there is mail
    most = int(rules.ramp_first_day * math.exp(growth) + 1e-6)
    return most if most < rules.ramp_until else None
