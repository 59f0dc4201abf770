"""How open pieces are read: readers, time in view, and who gets to the end. Human readers only.

A reader is a browser on one day: without consent nobody can be told apart over days, and with it nobody is counted
otherwise here. Time and depth come from a script; who reads without it is a reader that was not measured.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Max, Q, QuerySet, Sum

from leads.models import Hit, Verdict

DAYS = 90
# The last lines of a text seldom come to the middle of a screen.
TO_THE_END = 90


@dataclass(frozen=True)
class Reading:
    """One piece over a period. ``seconds`` is the median of the measured readers, None where nobody was."""

    readers: int
    measured: int
    seconds: float | None
    to_the_end: int

    @property
    def share_to_the_end(self) -> float | None:
        """Of the measured readers, 0…1."""
        return self.to_the_end / self.measured if self.measured else None


def reading(
    *, assets: Collection[int], at: datetime, campaign: int | None = None, days: int = DAYS
) -> dict[int, Reading]:
    """Asset → how it was read in the days before ``at``; with a campaign, by those whom it brought."""
    hits = Hit.objects.filter(asset__in=assets, at__gt=at - timedelta(days=days), at__lte=at)
    human = (
        hits.filter(kind__in=[Hit.Kind.READ, Hit.Kind.VIEW]).with_verdict().filter(read_as=Verdict.Kind.HUMAN)
    )
    opened = _opened(human, campaign)
    measured: dict[int, list[tuple[int, int]]] = {}
    rows = human.filter(kind=Hit.Kind.VIEW).order_by().values_list("asset", "visitor_key")
    for asset, key, seconds, depth in rows.annotate(Sum("seconds"), Max("depth")).iterator():
        if key in opened.get(asset, ()):
            measured.setdefault(asset, []).append((seconds or 0, depth or 0))
    return {asset: _summed(len(keys), measured.get(asset, [])) for asset, keys in opened.items()}


def _opened(human: QuerySet[Hit], campaign: int | None) -> dict[int, set[str]]:
    """Asset → the readers who opened it."""
    brought = Q(kind=Hit.Kind.READ) & (Q(campaign=campaign) if campaign else Q())
    found: dict[int, set[str]] = {}
    for asset, key in (
        human.filter(brought).order_by().values_list("asset", "visitor_key").distinct().iterator()
    ):
        found.setdefault(asset, set()).add(key)
    return found


def _summed(readers: int, measured: list[tuple[int, int]]) -> Reading:
    return Reading(
        readers=readers,
        measured=len(measured),
        seconds=median(seconds for seconds, _depth in measured) if measured else None,
        to_the_end=sum(depth >= TO_THE_END for _seconds, depth in measured),
    )
