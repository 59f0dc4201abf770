"""The result of a backtest as drawn: sums side by side, a chart of calls a week, and people by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from leads.models import Backtest, Lead
from leads.scoring.backtest.past import OPEN, REJECTED, WON
from leads.scoring.backtest.run import fingerprint
from leads.scoring.rules import rules_of

SHOWN = 25  # people of a list; all that are kept by `?show=`
TOP, HEIGHT, FOOT, WIDE = 18, 130, 30, 960
TEXT = 44


@dataclass(frozen=True)
class Named:
    """Somebody who moves in or out."""

    lead: Lead
    week: date
    grade: str
    outcome: str


@dataclass(frozen=True)
class People:
    """Part of a list, by outcome: how many in all, and those that are shown by name."""

    key: str
    all: int
    shown: list[Named]
    kept: int

    @property
    def more(self) -> bool:
        return self.kept > SHOWN and len(self.shown) == SHOWN


@dataclass(frozen=True)
class WeekBars:
    """A week's bars: the draft, and the live version beside it. Coordinates in user units."""

    end: date
    draft: int
    live: int | None
    counts: list[int]
    x: float
    width: float
    y: float
    height: float
    live_x: float
    live_y: float
    live_height: float
    middle: float
    word: bool


@dataclass(frozen=True)
class Chart:
    bars: list[WeekBars]
    capacity_y: float | None
    wide: int = WIDE
    high: int = TOP + HEIGHT + FOOT
    ground: int = TOP + HEIGHT
    words_y: int = TOP + HEIGHT + 18


class Report:
    """Reads the JSON of a finished backtest. Names are looked up now: who was erased since is in no list."""

    def __init__(self, row: Backtest, show: str = "") -> None:
        self.row, self.result, self.show = row, row.result, show
        self.draft, self.live = self.result["draft"], self.result.get("live")
        self.base, self.leads = self.result["base"], self.result["leads"]
        self.when = self.result.get("when")

    @property
    def nothing(self) -> bool:
        return not self.leads or not (self.draft["handed"] or (self.live and self.live["handed"]))

    @property
    def mostly_open(self) -> bool:
        return self.draft["open"] * 2 > self.draft["handed"]

    @property
    def begins(self) -> date:
        return _day(self.result["weeks"][0])

    @property
    def ends(self) -> date:
        return _day(self.result["weeks"][-1])

    @cached_property
    def changed_since(self) -> bool:
        """The draft has other rules by now than when it was tried."""
        return self.result.get("rules") != fingerprint(rules_of(self.row.model))

    @property
    def at_start(self) -> int:
        """Handed over at once, on the day the period begins."""
        return sum(self.draft["weeks"][0])

    @property
    def a_week(self) -> float:
        return _mean(self.draft["weeks"])

    @property
    def live_a_week(self) -> float | None:
        return _mean(self.live["weeks"]) if self.live else None

    @property
    def busiest(self) -> int:
        return max((sum(week) for week in self.draft["weeks"][1:]), default=0)

    @cached_property
    def chart(self) -> Chart:
        draft = [sum(week) for week in self.draft["weeks"]]
        live = [sum(week) for week in self.live["weeks"]] if self.live else None
        most = max([*draft, *(live or []), 1])
        near = self.row.capacity <= 2 * most
        top = max(most, self.row.capacity if near else 0)
        bars = _bars([_day(end) for end in self.result["weeks"]], draft, live, self.draft["weeks"], top)
        return Chart(bars, round(TOP + HEIGHT * (1 - self.row.capacity / top), 1) if near else None)

    @cached_property
    def stopped(self) -> People:
        return self._people("out", REJECTED)

    @cached_property
    def cost(self) -> People:
        return self._people("out", WON)

    @cached_property
    def out_open(self) -> People:
        return self._people("out", OPEN)

    @cached_property
    def won_more(self) -> People:
        return self._people("in", WON)

    @cached_property
    def let_in(self) -> People:
        return self._people("in", REJECTED)

    @cached_property
    def in_open(self) -> People:
        return self._people("in", OPEN)

    def _people(self, which: str, outcome: str) -> People:
        moves, key = self.result[which], f"{which}-{outcome}"
        lines = [line for line in moves["leads"] if line[3] == outcome]
        wanted = lines if self.show == key else lines[:SHOWN]
        return People(key, moves[outcome], [*self._named(wanted)], len(lines))

    def _named(self, lines: Sequence[list[Any]]) -> Iterable[Named]:
        leads = Lead.objects.filter(person__erased_at=None, person__merged_into=None).select_related(
            "person__company"
        )
        found = leads.in_bulk([line[0] for line in lines])
        weeks = self.result["weeks"]
        for pk, week, grade, outcome in lines:
            if pk in found:
                yield Named(found[pk], _day(weeks[week]), grade, outcome)


def _bars(
    ends: Sequence[date], draft: Sequence[int], live: Sequence[int] | None, counts: list[list[int]], top: int
) -> list[WeekBars]:
    pitch = WIDE / len(ends)
    every = max(1, -(-TEXT // max(1, int(pitch))))
    width = round(pitch * (0.38 if live else 0.68), 1)
    bars = []
    for place, end in enumerate(ends):
        high = HEIGHT * draft[place] / top
        live_high = HEIGHT * live[place] / top if live else 0
        bars.append(
            WeekBars(
                end=end, draft=draft[place], live=live[place] if live else None, counts=counts[place],
                x=round(place * pitch + pitch * 0.1, 1), width=width,
                y=round(TOP + HEIGHT - high, 1), height=round(high, 1),
                live_x=round(place * pitch + pitch * 0.1 + width, 1),
                live_y=round(TOP + HEIGHT - live_high, 1), live_height=round(live_high, 1),
                middle=round((place + 0.5) * pitch, 1), word=place % every == 0,
            )
        )  # fmt: skip
    return bars


def _mean(weeks: Sequence[Sequence[int]]) -> float:
    """Handovers a week, the day it begins apart."""
    rest = weeks[1:]
    return sum(map(sum, rest)) / len(rest) if rest else 0.0


def _day(moment: str) -> date:
    """The last day of a week, as it is kept."""
    return date.fromisoformat(moment)
