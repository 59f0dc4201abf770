"""The open prospects as a board: a lane for each stage, with cards, what they add up to, and who is red.

Two statements, however many rows: the sums of all lanes, the first cards of all lanes; the stages are kept for a
moment, the odds of money in sight for a minute. What the address may ask for is in `asked`, the sums in `totals`,
the cards in `cards`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from campaigns.kept import Kept
from prospects.board.asked import Asked, asked_of, narrowed
from prospects.board.cards import Card, cursor_of, first_cards, more_cards, one_card
from prospects.board.totals import Total, totals
from prospects.models import Pipeline, Stage
from prospects.models.prospect import ProspectQuerySet
from prospects.money.forecast import Odds, odds_at, weigh

__all__ = [
    "Asked",
    "Board",
    "Card",
    "Lane",
    "asked_of",
    "board",
    "heads",
    "lane_of",
    "more_cards",
    "narrowed",
    "one_card",
]


@dataclass(frozen=True)
class Lane:
    """One open stage with its first cards, who waited longest on top. `older` leads to the next ones."""

    stage: Stage
    total: Total
    cards: list[Card] = field(default_factory=list)
    odds: Odds | None = None

    @property
    def more(self) -> int:
        return max(0, self.total.count - len(self.cards))

    @property
    def older(self) -> str:
        return cursor_of(self.cards[-1]) if self.more and self.cards else ""

    @property
    def expected(self) -> Decimal | None:
        """The money of the lane, weighted as the forecast weighs it: by own history, else by the stage's setting."""
        return None if self.total.amount is None else weigh(self.total.amount, self.odds)


@dataclass(frozen=True)
class Board:
    lanes: list[Lane]
    pipelines: list[Pipeline]
    pipeline: Pipeline | None
    won_this_month: int

    @property
    def open(self) -> int:
        return sum(lane.total.count for lane in self.lanes)

    @property
    def red(self) -> int:
        return sum(lane.total.red for lane in self.lanes)

    @property
    def amount(self) -> Decimal | None:
        return _added(lane.total.amount for lane in self.lanes)

    @property
    def expected(self) -> Decimal | None:
        return _added(lane.expected for lane in self.lanes)


def board(prospects: ProspectQuerySet, *, at: datetime, pipeline: str = "") -> Board:
    """The board of `prospects` (already narrowed to what the reader may see and asks for)."""
    made = heads(prospects, at=at, pipeline=pipeline)
    shown = [lane.stage for lane in made.lanes if lane.total.count]
    cards = first_cards(prospects, shown, at=at)
    lanes = [replace(lane, cards=cards.get(lane.stage.pk, [])) for lane in made.lanes]
    return Board(lanes, made.pipelines, made.pipeline, made.won_this_month)


def heads(prospects: ProspectQuerySet, *, at: datetime, pipeline: str = "") -> Board:
    """The same without its cards: what stands above the lanes. An archived stage has a lane while somebody is in it."""
    every = every_stage("all")
    pipelines = list(
        {stage.pipeline_id: stage.pipeline for stage in every if not stage.pipeline.archived_at}.values()
    )
    chosen = next((one for one in pipelines if one.slug == pipeline), None) or _default(pipelines)
    stages = [stage for stage in every if chosen and stage.pipeline_id == chosen.pk]
    sums, won = totals(prospects.filter(pipeline=chosen), stages=stages, at=at)
    odds = odds_at(at) if any(total.amount for total in sums.values()) else {}
    lanes = [
        Lane(stage, sums.get(stage.pk, Total()), odds=odds.get(stage.pk))
        for stage in stages
        if stage.kind == Stage.Kind.OPEN and (stage.pk in sums or not stage.archived_at)
    ]
    return Board(lanes, pipelines, chosen, won)


# An admin changes them once a year, and every board asks.
every_stage: Kept[list[Stage]] = Kept(
    lambda _key: list(Stage.objects.select_related("pipeline").order_by("pipeline__name", "order"))
)


def lane_of(board: Board, slug: str) -> Lane | None:
    return next((lane for lane in board.lanes if lane.stage.slug == slug), None)


def _default(pipelines: list[Pipeline]) -> Pipeline | None:
    return next((one for one in pipelines if one.is_default), pipelines[0] if pipelines else None)


def _added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
