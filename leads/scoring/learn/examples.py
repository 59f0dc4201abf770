"""What is learned from: for each closed lead what was known of it, and whether it was won. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leads.scoring.learn.bins import Value


@dataclass(frozen=True, slots=True)
class Column:
    """One field. `field` and `fact_name` as in a scoring rule; `values` lead by lead, None or empty: not known."""

    field: str
    fact_name: str
    label: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Examples:
    """Closed leads in the order of their outcomes."""

    columns: tuple[Column, ...]
    won: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.won)

    @property
    def rarer(self) -> int:
        """How many leads have the rarer outcome."""
        return min(sum(self.won), len(self.won) - sum(self.won))

    def rows(self, places: Sequence[int]) -> Examples:
        columns = (
            Column(one.field, one.fact_name, one.label, [one.values[place] for place in places])
            for one in self.columns
        )
        return Examples(tuple(columns), tuple(self.won[place] for place in places))

    def only(self, keep: Callable[[Column], bool]) -> Examples:
        return Examples(tuple(one for one in self.columns if keep(one)), self.won)

    def least(self) -> int:
        """How many leads a bin needs: one in twenty of a few, ten of hundreds, one in four hundred of many."""
        number = len(self.won)
        return max(5, min(10, number // 20), number // 400)
