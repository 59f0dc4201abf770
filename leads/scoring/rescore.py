"""Recompute stored scores: those that became due, given ones, or all (docs/scoring.md).

Nothing is ever added to a stored number: a row is made anew from the lead's touches and facts, so late touches,
repeated runs and crashes lead to the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from leads.models import LeadScore
from leads.scoring.batch import SIZE, in_sets, score_batch
from leads.scoring.panel import Receipts, receipts_for
from leads.scoring.people import People
from leads.scoring.rules import Setup, load_setup
from leads.scoring.runs import rescore_all
from leads.scoring.verdicts import judge_grades

__all__ = ["Receipts", "receipts_for", "rescore", "rescore_all", "rescore_dirty"]

SWEEP = 1000
AT_ONCE = 5000  # leads a statement takes where they are named one by one


def rescore(*, lead_ids: Iterable[int] | None = None, all: bool = False, at: datetime) -> dict[str, int]:
    """Rescore these leads, or all (`runs.rescore_all`), or without either those that are due; then judge the grades.

    Returns counts: leads, changed, skipped (edited meanwhile, still due), failed, candidates, and those of
    `leads.scoring.verdicts.judge_grades`. Each batch is a transaction of its own: after a crash run it again.
    """
    if all:
        return rescore_all(at=at)
    setup = load_setup()
    if setup.rules is None:
        return {"without_model": 1}
    counts = _these(due(at) if lead_ids is None else lead_ids, setup, at)
    if counts["candidates"]:
        counts.update(judge_grades(at=at, limit=counts["candidates"]))
    return dict(counts)


def rescore_dirty(*, at: datetime, limit: int = SWEEP) -> dict[str, int]:
    """A sweep over the leads that became due since: a touch, a fact, or a grade that may have faded by now."""
    ids = due(at, limit)
    return rescore(lead_ids=ids, at=at) if ids else {}


def _these(lead_ids: Iterable[int], setup: Setup, at: datetime) -> Counter[str]:
    counts: Counter[str] = Counter()
    people = People(setup, at)
    for batch in batches(lead_ids, AT_ONCE if in_sets() else SIZE):
        counts.update(score_batch(batch, setup=setup, at=at, people=people))
    return counts


def due(at: datetime, limit: int | None = None) -> list[int]:
    """Ids of leads that are due, the longest waiting first, each once."""
    scores = LeadScore.objects.values_list("lead", flat=True)
    dirty = scores.filter(dirty_at__isnull=False).order_by("dirty_at", "lead")[:limit]
    faded = scores.filter(next_check_at__lte=at).order_by("next_check_at", "lead")[:limit]
    return list(dict.fromkeys([*dirty, *faded]))[:limit]


def batches(ids: Iterable[int], size: int) -> Iterator[Sequence[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch
