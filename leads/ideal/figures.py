"""Shares and what can be said of them: a number out of so many, its 95 % interval, two shares beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

FEWEST = 10  # customers of whom a value is known; of fewer a share says nothing
_Z = 1.96


@dataclass(frozen=True)
class Share:
    """`number` of `of`."""

    number: int
    of: int

    @property
    def share(self) -> float | None:
        return self.number / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 0 to 1."""
        if not self.of:
            return 0.0, 1.0
        n, p, z2 = self.of, self.number / self.of, _Z * _Z
        middle, half = p + z2 / (2 * n), _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))


@dataclass(frozen=True)
class Estimate:
    """How many of `total`; `low` and `high` where only a sample was read."""

    number: int
    low: int | None = None
    high: int | None = None

    @classmethod
    def of(cls, number: int, read: int, total: int) -> Estimate:
        if read >= total:
            return cls(number)
        share = Share(number, read)
        low, high = share.interval
        return cls(round((share.share or 0.0) * total), round(low * total), round(high * total))


@dataclass(frozen=True)
class Beside:
    """The share of a value among customers beside its share among leads, both of those of whom it is known."""

    customers: Share
    leads: Share

    @property
    def too_few(self) -> bool:
        return self.customers.of < FEWEST

    @property
    def times(self) -> float | None:
        """How many times as frequent among customers; None where that cannot be said."""
        if self.too_few or not self.leads.number:
            return None
        return (self.customers.share or 0.0) / (self.leads.share or 1.0)

    @property
    def may_be_chance(self) -> bool:
        """Whether the leads' share lies in the customers' interval."""
        low, high = self.customers.interval
        return low <= (self.leads.share or 0.0) <= high
