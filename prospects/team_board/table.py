"""The manager's page, read in a fixed number of queries: stages by rep, load, work done, reasons over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from prospects.clocks.working_time import hours_of_users, reps_of
from prospects.models import Prospect, Reason, Stage
from prospects.months import months_later
from prospects.targets import span_of
from prospects.team_board.figures import Span, counts
from prospects.team_board.first_touch import first_touch

MONTHS_OF_REASONS = 6
MAY_WORK = "prospects.work_prospects"


@dataclass
class RepRow:
    """A rep with each number by its key; the row without a rep is what nobody owns."""

    rep: Any
    numbers: dict[str, int] = field(default_factory=dict)
    stages: dict[int, int] = field(default_factory=dict)
    capacity: int | None = None
    away: bool = False
    forecast: Decimal | None = None
    first_touch: int | None = None  # median working minutes

    @property
    def key(self) -> str:
        """As an address names the rep."""
        return str(self.rep.pk) if self.rep else "nobody"

    @property
    def open(self) -> int:
        return self.numbers.get("open", 0)

    @property
    def load(self) -> float | None:
        """Share of what this rep may have open at most; None without a limit."""
        return self.open / self.capacity if self.capacity else None

    @property
    def tries(self) -> float | None:
        """Calls out for one conversation."""
        talks = self.numbers.get("conversations", 0)
        return self.numbers.get("calls", 0) / talks if talks else None

    @property
    def acceptance(self) -> float | None:
        """The share accepted of the verdicts that were given."""
        accepted = self.numbers.get("accepted", 0)
        verdicts = accepted + self.numbers.get("rejected", 0)
        return accepted / verdicts if verdicts else None


@dataclass(frozen=True)
class ReasonLine:
    reason: Reason
    by_month: list[tuple[date, int]]

    @property
    def total(self) -> int:
        return sum(number for _month, number in self.by_month)


@dataclass(frozen=True)
class Board:
    span: Span
    stages: list[Stage]
    rows: list[RepRow]
    together: RepRow
    months: list[date]
    reasons: list[ReasonLine]


def board(span: Span, *, today: date, forecasts: dict[int | None, Decimal] | None = None) -> Board:
    """Everything on the page. A rep has a row who works prospects now, or whom any number is about."""
    numbers = counts(span)
    stages, by_stage = _stages(span)
    named = {rep for each in numbers.values() for rep in each} | {rep for rep, _stage in by_stage}
    rows = [_row(rep, numbers, by_stage) for rep in _reps(named, span)]
    _add_limits([row for row in rows if row.rep], span)
    for row in rows:
        row.forecast = (forecasts or {}).get(row.rep.pk if row.rep else None)
    months = [months_later(today.replace(day=1), -back) for back in range(MONTHS_OF_REASONS - 1, -1, -1)]
    return Board(span, stages, rows, _together(rows), months, _reasons(span, months))


def _stages(span: Span) -> tuple[list[Stage], dict[tuple[int | None, int], int]]:
    stages = list(Stage.objects.filter(kind=Stage.Kind.OPEN, pipeline__is_default=True).order_by("order"))
    rows = Prospect.objects.open().order_by()
    if span.reps is not None:
        rows = rows.filter(owner__in=span.reps)
    grouped = rows.values_list("owner", "stage").annotate(n=Count("pk"))
    found = {(owner, stage): number for owner, stage, number in grouped}
    used = {stage for _owner, stage in found}
    return [one for one in stages if one.archived_at is None or one.pk in used], found


def working(span: Span) -> QuerySet[Any]:
    """Who works prospects now, of the reps asked for."""
    users = get_user_model().objects.with_perm(MAY_WORK, include_superusers=False)
    return users if span.reps is None else users.filter(pk__in=span.reps)


def _reps(named: set[int | None], span: Span) -> list[Any]:
    users = {user.pk: user for user in working(span)}
    others = {rep for rep in named if rep is not None} - users.keys()
    users |= get_user_model().objects.in_bulk(list(others))
    nobody = [None] if None in named else []
    return nobody + sorted(users.values(), key=lambda user: (user.get_full_name() or user.username, user.pk))


def _row(
    rep: Any, numbers: dict[str, dict[int | None, int]], by_stage: dict[tuple[int | None, int], int]
) -> RepRow:
    pk = rep.pk if rep else None
    mine = {key: each.get(pk, 0) for key, each in numbers.items()}
    return RepRow(rep, mine, {stage: n for (owner, stage), n in by_stage.items() if owner == pk})


def _add_limits(rows: list[RepRow], span: Span) -> None:
    """How many each may have open, who is away today, and how long people waited for each."""
    reps = reps_of([row.rep.pk for row in rows])
    hours = hours_of_users([row.rep for row in rows], span.at, reps=reps)
    waits, today = first_touch(span, hours), timezone.localdate(span.at)
    for row in rows:
        rep = reps.get(row.rep.pk)
        row.capacity = rep.capacity if rep else None
        row.away, row.first_touch = hours[row.rep.pk].away_on(today), waits.get(row.rep.pk)


def _together(rows: Iterable[RepRow]) -> RepRow:
    """The last line: sums, each the number of rows without asking whose they are."""
    whole = RepRow(None)
    for row in rows:
        for key, number in row.numbers.items():
            whole.numbers[key] = whole.numbers.get(key, 0) + number
        for stage, number in row.stages.items():
            whole.stages[stage] = whole.stages.get(stage, 0) + number
    return whole


def _reasons(span: Span, months: list[date]) -> list[ReasonLine]:
    """How many cycles ended for each reason in each of the last months, the frequent ones first."""
    start, end = span_of(months[0], len(months))
    rows = Prospect.objects.filter(reason__isnull=False, closed_at__gte=start, closed_at__lt=end)
    if span.reps is not None:
        rows = rows.filter(owner__in=span.reps)
    grouped = rows.order_by().values_list("reason", TruncMonth("closed_at")).annotate(n=Count("pk"))
    found: dict[int, dict[date, int]] = {}
    for reason, month, number in grouped:
        found.setdefault(reason, dict.fromkeys(months, 0))[month.date()] += number
    lines = [
        ReasonLine(reason, list(found[reason.pk].items())) for reason in Reason.objects.filter(pk__in=found)
    ]
    return sorted(lines, key=lambda line: (-line.total, line.reason.name))
