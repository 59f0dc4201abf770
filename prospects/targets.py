"""Targets: what the house, a team, a rep or a campaign wants to reach in a month, and what was reached.

One grid a year, saved in one go. What was reached is counted by the day it happened, from the same rows that the
reports count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign
from prospects.models import Rep, Target, Team
from prospects.months import months_later

Measure = Target.Measure
MAY_SET = "prospects.manage_prospects"
HOUSE = "house"
FIRST_YEAR, LAST_YEAR = 2000, 2100
# A rep brings no leads and a campaign holds no meetings.
OF_SALES = (Measure.MARKETING_QUALIFIED, Measure.SALES_QUALIFIED, Measure.MEETINGS, Measure.REVENUE)
OF_CAMPAIGNS = (Measure.LEADS, Measure.MARKETING_QUALIFIED, Measure.SALES_QUALIFIED, Measure.REVENUE)
MEASURES = {"house": tuple(Measure), "team": OF_SALES, "rep": OF_SALES, "campaign": OF_CAMPAIGNS}
Cell = tuple[date, str]


@dataclass(frozen=True)
class Whose:
    """The house, or one team, rep or campaign; `key` is the column, `row` the object it names."""

    kind: str = HOUSE
    row: Any = None

    @property
    def key(self) -> str:
        return self.kind if self.row is None else f"{self.kind}:{self.row.pk}"

    @property
    def measures(self) -> tuple[Measure, ...]:
        return MEASURES[self.kind]

    @property
    def columns(self) -> dict[str, Any]:
        return {} if self.row is None else {self.kind: self.row}

    def __str__(self) -> str:
        return _("The house") if self.row is None else str(self.row)


def whose_of(user: Any) -> list[Whose]:
    """Whose targets this user may read: a manager all, a rep the house's, their team's and their own; marketing and
    who only reads reports the house's, and those of teams and campaigns, which name nobody."""
    if user.has_perm(MAY_SET):
        return [Whose(), *_teams(), *_reps(), *_campaigns()]
    if user.has_perm("prospects.work_prospects"):
        return [Whose(), *_teams(Q(reps__user=user)), Whose("rep", user)]
    return [Whose(), *_teams(), *_campaigns()]


def asked_whose(user: Any, key: str) -> Whose | None:
    """The one asked for by its key, if this user may read it."""
    return next((one for one in whose_of(user) if one.key == key), None)


def _teams(only: Q | None = None) -> list[Whose]:
    return [Whose("team", team) for team in Team.objects.in_use().filter(only or Q()).distinct()]


def _reps() -> list[Whose]:
    working = get_user_model().objects.with_perm("prospects.work_prospects", include_superusers=False)
    return [Whose("rep", user) for user in working.order_by("first_name", "last_name", "pk")]


def _campaigns() -> list[Whose]:
    return [Whose("campaign", one) for one in Campaign.objects.in_use().order_by("name", "pk")]


def reps_of(whose: Whose) -> list[int] | None:
    """The users whose work counts; None: everybody's."""
    if whose.kind == "rep":
        return [whose.row.pk]
    if whose.kind == "team":
        return list(Rep.objects.filter(team=whose.row).values_list("user", flat=True))
    return None


def months_of(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]


def span_of(month: date, months: int = 1) -> tuple[datetime, datetime]:
    """The instants between which `months` months lie, in the zone of the house."""
    return span_of_days(month, months_later(month, months))


def span_of_days(first: date, end: date) -> tuple[datetime, datetime]:
    """From the first day to before the last one, in the zone of the house."""
    zone = timezone.get_default_timezone()
    return datetime.combine(first, time(0), zone), datetime.combine(end, time(0), zone)


def set_in(whose: Whose, year: int) -> dict[Cell, Decimal]:
    return {(row.month, row.measure): row.value for row in _rows(whose, year)}


def _rows(whose: Whose, year: int) -> QuerySet[Target]:
    return Target.objects.filter(whose=whose.key, month__gte=date(year, 1, 1), month__lte=date(year, 12, 1))


def stamp(cells: Mapping[Cell, Decimal]) -> str:
    """What a grid said when it was drawn: in another tab it may say something else by now."""
    said = sorted((month.isoformat(), measure, f"{value:.2f}") for (month, measure), value in cells.items())
    return sha256(repr(said).encode()).hexdigest()[:16]


def save(
    *, whose: Whose, year: int, cells: Mapping[Cell, Decimal | None], seen: str, by: Any, at: datetime
) -> int:
    """The whole grid of a year; an empty cell is no target. Returns how many cells changed: a second press none.

    Raises Refused for whoever may not, Conflict where a colleague has saved this grid since it was drawn.
    """
    if not by.has_perm(MAY_SET):
        raise Refused(_("Only a manager sets targets."))
    try:
        with transaction.atomic():
            rows = {(row.month, row.measure): row for row in _rows(whose, year).select_for_update()}
            now = {cell: row.value for cell, row in rows.items()}
            changed = {cell: value for cell, value in cells.items() if now.get(cell) != value}
            if changed and stamp(now) != seen:
                raise Conflict(now=_("A colleague has saved these targets since you opened them."))
            for cell, value in changed.items():
                _set(whose, cell, rows.get(cell), value, by, at)
            return len(changed)
    except IntegrityError:
        raise Conflict(now=_("A colleague has saved these targets since you opened them.")) from None


def _set(whose: Whose, cell: Cell, row: Target | None, value: Decimal | None, by: Any, at: datetime) -> None:
    """A new row is inserted outright: whoever inserts the same one at this moment fails on the constraint."""
    if row is not None and value is None:
        row.delete()
    elif row is not None:
        Target.objects.filter(pk=row.pk).update(value=value, by=by, at=at)
    elif value is not None:
        month, measure = cell
        Target.objects.create(
            month=month, measure=measure, whose=whose.key, value=value, by=by, at=at, **whose.columns
        )
