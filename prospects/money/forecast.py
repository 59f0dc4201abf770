"""The forecast: open deals, each weighted by how often deals that stood in its stage were won (docs/deals.md).

It counts deals, never people, in the base currency. Where the own history is too short to say anything, the
probability of the stage's settings holds; both are shown, with the number of deals behind the own one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from campaigns.kept import Kept
from prospects.models import Deal, Stage
from prospects.months import month_of, months_later

ENOUGH = 30  # closed deals below which a share says too little: at 30 its error is still nine points
MONTHS_BACK = 12
MONTHS_AHEAD = 3
NOTHING = Decimal(0)
Status = Deal.Status


@dataclass(frozen=True, kw_only=True)
class Odds:
    """How likely a deal in a stage is won. `configured` is the stage's own setting, None where there is no stage."""

    name: str
    configured: float | None
    won: int
    n: int

    @property
    def own(self) -> float | None:
        """The share won of the closed deals that stood in this stage."""
        return self.won / self.n if self.n else None

    @property
    def is_own(self) -> bool:
        return self.n >= ENOUGH

    @property
    def share(self) -> float | None:
        return self.own if self.is_own else self.configured


@dataclass
class Line:
    """Some open deals: how many, their sum, and the sum weighted. `unweighted` is what no odds are known for."""

    n: int = 0
    total: Decimal = NOTHING
    weighted: Decimal = NOTHING
    unweighted: Decimal = NOTHING
    without_amount: int = 0


@dataclass(frozen=True)
class Forecast:
    """`months`: overdue, this month, the next ones, later (date.max) and without a day (None), in this order."""

    together: Line
    months: list[tuple[date | None, Line]]
    by_stage: dict[int | None, Line]
    by_owner: dict[int | None, Line]
    odds: dict[int | None, Odds]
    this_month: date


def stage_odds(at: datetime) -> dict[int | None, Odds]:
    """Stage → odds; None stands for deals in no open stage: repeat purchases, and deals of a company alone.

    A cycle that an import brought is left out of a stage's history: its stages in between are not known.
    """
    closed = Deal.objects.filter(
        status__in=(Status.WON, Status.LOST),
        closed_at__gte=at - timedelta(days=MONTHS_BACK * 30.4375),
        closed_at__lte=at,
    )
    won = Count("pk", distinct=True, filter=Q(status=Status.WON))
    stood = closed.filter(
        prospect__moves__new__kind=Stage.Kind.OPEN,
        prospect__moves__imported=False,
        prospect__moves__at__lte=F("closed_at"),
    )
    by_stage = stood.order_by().values(stage=F("prospect__moves__new"))
    counted = {row["stage"]: row for row in by_stage.annotate(n=Count("pk", distinct=True), won=won)}
    found: dict[int | None, Odds] = {}
    for stage in Stage.objects.filter(kind=Stage.Kind.OPEN):
        row = counted.get(stage.pk, {"n": 0, "won": 0})
        found[stage.pk] = Odds(
            name=stage.name, configured=stage.probability / 100, won=row["won"], n=row["n"]
        )
    whole = closed.aggregate(n=Count("pk"), won=won)
    found[None] = Odds(name="", configured=None, won=whole["won"], n=whole["n"])
    return found


# A year of closed deals is read once a minute, not once a page.
_odds_of: Kept[dict[int | None, Odds]] = Kept(lambda at: stage_odds(at), seconds=60)


def _next_hour(at: datetime) -> datetime:
    """The end of the hour of `at`: a key that its pages share, and behind whatever is closed by now."""
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def odds_at(at: datetime) -> dict[int | None, Odds]:
    """The odds of every stage, one set for all pages of a minute."""
    return _odds_of(_next_hour(at))


def weigh(amount: Decimal, odds: Odds | None) -> Decimal | None:
    """The amount by its odds, None where none are known."""
    share = odds.share if odds else None
    return None if share is None else (amount * Decimal(str(share))).quantize(Decimal("0.01"))


def forecast(*, at: datetime, owners: Collection[int] | None = None) -> Forecast:
    """All open deals, or those of some owners: three queries, whatever their number; one, where the odds are kept."""
    odds, this_month = odds_at(at), month_of(at)
    buckets: list[date | None] = [
        date.min,
        *(months_later(this_month, n) for n in range(MONTHS_AHEAD)),
        date.max,
        None,
    ]
    months: dict[date | None, Line] = {bucket: Line() for bucket in buckets}
    made = Forecast(Line(), [], {}, {}, odds, this_month)
    for row in _open_sums(owners):
        stage = row["stage"] if row["stage"] in odds else None
        for line in (
            made.together,
            months[_bucket(row["month"], this_month)],
            made.by_stage.setdefault(stage, Line()),
            made.by_owner.setdefault(row["owner"], Line()),
        ):
            _add(line, row, odds[stage])
    made.months.extend(months.items())
    return made


def _open_sums(owners: Collection[int] | None) -> QuerySet[Deal, Any]:
    """A row a stage, month and owner: as few as there are of those, however many deals."""
    deals = Deal.objects.filter(status=Status.OPEN)
    if owners is not None:
        deals = deals.filter(prospect__owner__in=owners)
    grouped = deals.order_by().values(
        stage=F("prospect__stage"), month=TruncMonth("expected_on"), owner=F("prospect__owner")
    )
    return grouped.annotate(n=Count("pk"), total=Sum("base_amount"), priced=Count("amount"))


def _bucket(month: date | None, this_month: date) -> date | None:
    if month is None:
        return None
    if month < this_month:
        return date.min
    return month if month < months_later(this_month, MONTHS_AHEAD) else date.max


def _add(line: Line, row: dict[str, Any], odds: Odds) -> None:
    total = Decimal(row["total"] or 0)
    weighted = weigh(total, odds)
    line.n += row["n"]
    line.total += total
    line.without_amount += row["n"] - row["priced"]
    if weighted is None:
        line.unweighted += total
    else:
        line.weighted += weighted


def won_by_owner(*, since: date, until: date) -> dict[int | None, Decimal]:
    """Revenue in the base currency of the deals won from `since` to the day before `until`, by owner."""
    zone = timezone.get_current_timezone()
    first, last = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (since, until))
    won = Deal.objects.filter(status=Status.WON, closed_at__gte=first, closed_at__lt=last).order_by()
    sums = won.values_list("prospect__owner").annotate(total=Sum("base_amount"))
    return {owner: Decimal(total or 0) for owner, total in sums}
