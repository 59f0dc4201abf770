"""Who works when: a rep's days and hours, absences, the house's holidays. The arithmetic is in `clock`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from prospects.clocks.clock import CLOSES, FAR, OPENS, WEEK, Hours
from prospects.models import Absence, Holiday, Rep

BACK = timedelta(days=60)  # a deadline looks ahead; a report may look back this far


def house_hours(at: datetime) -> Hours:
    """The working time of the house: for prospects that belong to nobody."""
    return Hours(timezone.get_default_timezone(), holidays=holidays_near(at))


def hours_of(user: Any | None, at: datetime) -> Hours:
    """The working time of one rep around `at`; the house's for nobody."""
    return hours_of_users([user], at)[user.pk] if user is not None else house_hours(at)


def hours_of_all(users: Collection[int], at: datetime) -> dict[int, Hours]:
    """The working time of several, by user id, in four statements however many they are."""
    return hours_of_users(get_user_model().objects.filter(pk__in=users), at)


def hours_of_users(
    users: Iterable[Any],
    at: datetime,
    *,
    reps: dict[int, Rep] | None = None,
    holidays: frozenset[date] | None = None,
) -> dict[int, Hours]:
    """The same of users at hand; `reps` and `holidays` too, where the caller has read them."""
    people = {user.pk: user for user in users}
    away = _absences(people.keys(), timezone.localdate(at))
    holidays = holidays_near(at) if holidays is None else holidays
    reps = reps_of(people.keys()) if reps is None else reps
    return {pk: _hours(user, reps.get(pk), holidays, away[pk]) for pk, user in people.items()}


def reps_of(users: Collection[int]) -> dict[int, Rep]:
    return {rep.user_id: rep for rep in Rep.objects.filter(user__in=users)}


def holidays_near(at: datetime) -> frozenset[date]:
    day = timezone.localdate(at)
    near = Holiday.objects.filter(on__gte=day - BACK, on__lte=day + timedelta(days=FAR))
    return frozenset(near.values_list("on", flat=True))


def _hours(user: Any, rep: Rep | None, holidays: frozenset[date], away: list[tuple[date, date]]) -> Hours:
    zone = user.zone() if hasattr(user, "zone") else timezone.get_default_timezone()
    days, opens, closes = WEEK, OPENS, CLOSES
    if rep is not None:
        days = frozenset(int(sign) for sign in rep.working_days if sign in "1234567") or WEEK
        if rep.opens < rep.closes:
            opens, closes = rep.opens, rep.closes
    return Hours(zone, days, opens, closes, holidays, tuple(away))


def _absences(users: Collection[int], day: date) -> defaultdict[int, list[tuple[date, date]]]:
    found: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    rows = Absence.objects.filter(user__in=users, last_on__gte=day - BACK)
    for user, first, last in rows.values_list("user_id", "first_on", "last_on"):
        found[user].append((first, last))
    return found
