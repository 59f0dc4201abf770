"""Recompute stored scores: those that became due, given ones, or all (docs/scoring.md).

Nothing is ever added to a stored number: a row is made anew from the lead's touches and facts, so late touches,
repeated runs and crashes lead to the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from leads.models import Lead, LeadScore
from leads.scoring.batch import SIZE, score_batch
from leads.scoring.panel import Receipts, receipts_for
from leads.scoring.rules import load_setup
from leads.scoring.verdicts import judge_grades

__all__ = ["Receipts", "receipts_for", "rescore", "rescore_all", "rescore_dirty"]

SWEEP = 1000


def rescore(*, lead_ids: Iterable[int] | None = None, all: bool = False, at: datetime) -> dict[str, int]:
    """Rescore these leads, or all, or without either those that are due; then judge the grades found.

    Returns counts: leads, changed, skipped (edited meanwhile, still due), failed, candidates, and those of
    `leads.scoring.verdicts.judge_grades`. Each batch is a transaction of its own: after a crash run it again.
    """
    setup = load_setup()
    counts: Counter[str] = Counter()
    if setup.rules is None:
        return {"without_model": 1}
    for batch in _batches(_every_lead() if all else _due(at) if lead_ids is None else lead_ids):
        counts.update(score_batch(batch, setup=setup, at=at))
    if counts["candidates"]:
        counts.update(judge_grades(at=at, limit=counts["candidates"]))
    return dict(counts)


def rescore_dirty(*, at: datetime, limit: int = SWEEP) -> dict[str, int]:
    """A sweep over the leads that became due since: a touch, a fact, or a grade that may have faded by now."""
    due = _due(at, limit)
    return rescore(lead_ids=due, at=at) if due else {}


def rescore_all(*, at: datetime) -> dict[str, int]:
    """Every lead, in ranges of ids; rows that stay the same are not written. Every night."""
    return rescore(all=True, at=at)


def _every_lead() -> Iterator[int]:
    last = 0
    while ids := list(Lead.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:SIZE]):
        yield from ids
        last = ids[-1]


def _due(at: datetime, limit: int | None = None) -> list[int]:
    """Ids of leads that are due, the longest waiting first, each once."""
    scores = LeadScore.objects.values_list("lead", flat=True)
    dirty = scores.filter(dirty_at__isnull=False).order_by("dirty_at", "lead")[:limit]
    faded = scores.filter(next_check_at__lte=at).order_by("next_check_at", "lead")[:limit]
    return list(dict.fromkeys([*dirty, *faded]))[:limit]


def _batches(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, SIZE)):
        yield batch
