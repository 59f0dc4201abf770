"""The open prospects as a board: a lane for each stage, with cards, what they add up to, and who is red.

Three statements, however many rows: the stages, the sums of all lanes, the first cards of all lanes. What the
address may ask for is in `asked`, the sums in `totals`, the cards in `cards`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from prospects.board.asked import Asked, asked_of, narrowed
from prospects.board.cards import Card, cursor_of, first_cards, more_cards, one_card
from prospects.board.totals import Total, totals
from prospects.models import Pipeline, Stage
from prospects.models.prospect import ProspectQuerySet

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

    @property
    def more(self) -> int:
        return max(0, self.total.count - len(self.cards))

    @property
    def older(self) -> str:
        return cursor_of(self.cards[-1]) if self.more and self.cards else ""

    @property
    def expected(self) -> Decimal | None:
        """The money of the lane, weighted by the probability of its stage."""
        if self.total.amount is None:
            return None
        return self.total.amount * self.stage.probability / 100


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
    lanes = [Lane(lane.stage, lane.total, cards.get(lane.stage.pk, [])) for lane in made.lanes]
    return Board(lanes, made.pipelines, made.pipeline, made.won_this_month)


def heads(prospects: ProspectQuerySet, *, at: datetime, pipeline: str = "") -> Board:
    """The same without its cards: what stands above the lanes. An archived stage has a lane while somebody is in it."""
    every = list(Stage.objects.select_related("pipeline").order_by("pipeline__name", "order"))
    pipelines = list(
        {stage.pipeline_id: stage.pipeline for stage in every if not stage.pipeline.archived_at}.values()
    )
    chosen = next((one for one in pipelines if one.slug == pipeline), None) or _default(pipelines)
    stages = [stage for stage in every if chosen and stage.pipeline_id == chosen.pk]
    sums, won = totals(prospects.filter(pipeline=chosen), stages=stages, at=at)
    lanes = [
        Lane(stage, sums.get(stage.pk, Total()))
        for stage in stages
        if stage.kind == Stage.Kind.OPEN and (stage.pk in sums or not stage.archived_at)
    ]
    return Board(lanes, pipelines, chosen, won)


def lane_of(board: Board, slug: str) -> Lane | None:
    return next((lane for lane in board.lanes if lane.stage.slug == slug), None)


def _default(pipelines: list[Pipeline]) -> Pipeline | None:
    return next((one for one in pipelines if one.is_default), pipelines[0] if pipelines else None)


def _added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
