"""Shares of visitors with honest intervals. Pure: no database, no time.

Wilson's score interval (E. B. Wilson, JASA 22, 1927) for one share. For the difference of two, the hybrid score
interval, method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions",
Statistics in Medicine 17, 1998. Both stay inside their range and hold for small numbers, where the usual
"± 1.96 standard errors" does not.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """``hits`` of ``of``, with the interval in which the true share lies (confidence 95 %)."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True)
class Difference:
    """Second share minus the first, between −1 and 1."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether zero lies outside, so that chance alone is a poor explanation."""
        return self.low > 0 or self.high < 0


def share(hits: int, of: int, *, confidence: float = CONFIDENCE) -> Share:
    """Wilson's interval; the whole range while nobody has been counted. Raises ValueError if ``hits > of``."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = hits + z * z / 2
    reach = z * sqrt(hits * (of - hits) / of + z * z / 4)
    whole = of + z * z
    low = 0.0 if hits == 0 else (middle - reach) / whole  # exactly 0 and 1 at the ends, not 1e-17
    high = 1.0 if hits == of else (middle + reach) / whole
    return Share(hits, of, low, high)


def difference(first: Share, second: Share) -> Difference:
    """Newcombe's interval of ``second - first``; both shares must come from ``share`` at one confidence."""
    gap = second.value - first.value
    down = sqrt((second.value - second.low) ** 2 + (first.high - first.value) ** 2)
    up = sqrt((second.high - second.value) ** 2 + (first.value - first.low) ** 2)
    return Difference(gap, max(gap - down, -1.0), min(gap + up, 1.0))
