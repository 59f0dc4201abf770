"""Sums of a backtest: numbers and ids of leads, nothing that names a person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from leads.scoring.backtest.past import OPEN, REJECTED, WON, Move, Past, outcome
from leads.scoring.backtest.replay import Handed
from leads.scoring.backtest.span import Span

LISTED = 500  # leads of a list that are kept with the result
_RANK = {WON: 0, REJECTED: 1, OPEN: 2}


class Call(NamedTuple):
    """A handover: smaller is better, so that the best of a week are its first."""

    grade: str
    less: float
    lead: int
    outcome: str


@dataclass(slots=True)
class Calls:
    """What one version would have handed over, week by week."""

    weeks: list[list[Call]]
    by_inquiry: int = 0

    def add(self, lead: int, week: int, handed: Handed, what: str) -> None:
        self.weeks[week].append(Call(handed.grade or "–", -handed.points, lead, what))
        self.by_inquiry += handed.by_inquiry

    def result(self, *, capacity: int, base: float | None) -> dict[str, Any]:
        """`weeks`: won, rejected and open of each; then the same sums over all, and over the best of each week."""
        best = [sorted(week)[:capacity] for week in self.weeks]
        return {
            "weeks": [_counts(week) for week in self.weeks],
            "by_inquiry": self.by_inquiry,
            "over_capacity": sum(len(week) > capacity for week in self.weeks[1:]),
            **_shares(self.weeks, base),
            "at_capacity": _shares(best, base),
        }


@dataclass(slots=True)
class Tally:
    """Collects leads one by one; `result` is the same whatever their order."""

    span: Span
    capacity: int
    draft: Calls = field(init=False)
    live: Calls = field(init=False)
    outcomes: Counter[str] = field(default_factory=Counter)
    moved_in: list[tuple] = field(default_factory=list)
    moved_out: list[tuple] = field(default_factory=list)
    sooner: list[int] = field(default_factory=list)  # weeks, for those whom both hand over; later is negative

    def __post_init__(self) -> None:
        self.draft, self.live = (Calls([[] for _ in range(self.span.weeks + 1)]) for _ in range(2))

    def add(self, past: Past, draft: Handed | None, live: Handed | None) -> None:
        self.outcomes[outcome(past.moves, since=self.span.ends[0])] += 1
        if draft is not None:
            by_draft = self._outcome(past.moves, draft)
            self.draft.add(past.lead, self._week(draft), draft, by_draft)
        if live is not None:
            by_live = self._outcome(past.moves, live)
            self.live.add(past.lead, self._week(live), live, by_live)
        if draft is not None and live is None:
            self.moved_in.append(_line(past.lead, self._week(draft), draft, by_draft))
        elif live is not None and draft is None:
            self.moved_out.append(_line(past.lead, self._week(live), live, by_live))
        elif live is not None and draft is not None:
            self.sooner.append(self._week(live) - self._week(draft))

    def result(self, *, beside: bool) -> dict[str, Any]:
        """`beside`: whether a second version was asked about."""
        base = _share(self.outcomes[WON], self.outcomes[REJECTED])
        found: dict[str, Any] = {
            "weeks": [day.isoformat() for day in self.span.week_ends()],
            "leads": self.outcomes.total(),
            "base": {name: self.outcomes[name] for name in _RANK} | {"precision": base},
            "draft": self.draft.result(capacity=self.capacity, base=base),
        }
        if not beside:
            return found
        return found | {
            "live": self.live.result(capacity=self.capacity, base=base),
            "in": _listed(self.moved_in),
            "out": _listed(self.moved_out),
            "when": _when(self.sooner),
        }

    def _outcome(self, moves: Iterable[Move], handed: Handed) -> str:
        """What came since the morning of the handover."""
        return outcome(moves, since=self.span.ends[max(handed.day - 1, 0)])

    def _week(self, handed: Handed) -> int:
        return self.span.week_of(handed.day)


def _line(lead: int, week: int, handed: Handed, what: str) -> tuple:
    return (_RANK[what], handed.grade or "–", -round(handed.points, 1), lead, week, what)


def _listed(lines: Sequence[tuple]) -> dict[str, Any]:
    """All by outcome as numbers; of each outcome the best as [lead, week, grade, outcome]."""
    counts = Counter(line[-1] for line in lines)
    kept = [
        [lead, week, grade, what]
        for name in _RANK
        for _rank, grade, _less, lead, week, what in sorted(one for one in lines if one[-1] == name)[:LISTED]
    ]
    return {name: counts[name] for name in _RANK} | {"all": len(lines), "leads": kept}


def _when(sooner: Sequence[int]) -> dict[str, Any]:
    earlier, later = [n for n in sooner if n > 0], [-n for n in sooner if n < 0]
    return {
        "same": len(sooner) - len(earlier) - len(later),
        "earlier": len(earlier),
        "weeks_earlier": _mean(earlier),
        "later": len(later),
        "weeks_later": _mean(later),
    }


def _mean(numbers: Sequence[int]) -> float | None:
    return round(sum(numbers) / len(numbers), 1) if numbers else None


def _counts(calls: Iterable[Call]) -> list[int]:
    counts = Counter(call.outcome for call in calls)
    return [counts[name] for name in _RANK]


def _shares(weeks: Iterable[Iterable[Call]], base: float | None) -> dict[str, Any]:
    """Precision: of those whose outcome is known, the share that was won; lift: that over the same among all leads."""
    won, rejected, still = (sum(column) for column in zip(*map(_counts, weeks), strict=True))
    precision = _share(won, rejected)
    lift = round(precision / base, 3) if precision is not None and base else None
    return {
        "handed": won + rejected + still,
        WON: won,
        REJECTED: rejected,
        OPEN: still,
        "precision": precision,
        "lift": lift,
    }


def _share(won: int, rejected: int) -> float | None:
    return round(won / (won + rejected), 4) if won + rejected else None
