"""Two versions side by side on the leads of today: whose grade changes, and who would come over the threshold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.kept import Kept
from leads.models import Lead, ScoringModel
from leads.scoring.backtest.past import Past
from leads.scoring.backtest.reading import LOT, lot_of, there_by, with_person
from leads.scoring.backtest.replay import Version
from leads.scoring.backtest.run import fingerprint
from leads.scoring.backtest.span import span_until
from leads.scoring.points import over_threshold
from leads.scoring.rules import load_setup, rules_of

SAMPLE = 5000


@dataclass
class Today:
    """Of `looked_at` leads (of `leads` in all) the grades under both. `grades` counts (old, new) where they differ."""

    leads: int
    looked_at: int = 0
    better: int = 0
    worse: int = 0
    grades: Counter[tuple[str, str]] = field(default_factory=Counter)
    over_now: int = 0
    over_then: int = 0
    comes: int = 0
    goes: int = 0

    @property
    def is_sample(self) -> bool:
        return self.looked_at < self.leads

    @property
    def changed(self) -> int:
        return self.grades.total()

    @property
    def commonest(self) -> list[tuple[str, str, int]]:
        return [(old, new, leads) for (old, new), leads in self.grades.most_common(8)]


def today(*, draft: ScoringModel, live: ScoringModel, at: datetime) -> Today:
    """Grades as of the end of yesterday, under both by the same arithmetic; kept for a few seconds."""
    return _kept((draft, live, fingerprint(rules_of(draft)), at.replace(second=0, microsecond=0)))


def _made(key: tuple[ScoringModel, ScoringModel, str, datetime]) -> Today:
    draft, live, _print, at = key
    setup, rules = load_setup(), rules_of(draft)
    span = span_until(at, weeks=0, zone=rules.zone)
    new, old = (Version(one, span, setup.exclusions) for one in (rules, rules_of(live)))
    every = there_by(span.until).filter(person__no_profiling=False)
    found = Today(leads=every.count())
    ids = spread(every.order_by("pk").values_list("pk", flat=True), found.leads)
    for begin in range(0, len(ids), LOT):
        chosen = with_person(Lead.objects.filter(pk__in=ids[begin : begin + LOT]))
        for past in lot_of(list(chosen), span, at):
            _count(found, past, old, new)
    return found


_kept: Kept[Today] = Kept(_made)


def spread(ids: QuerySet[Any, int], number: int) -> list[int]:
    """All ids, or of more than the sample every n-th."""
    every = max(1, -(-number // SAMPLE))
    return [pk for place, pk in enumerate(ids.iterator(chunk_size=20_000)) if place % every == 0]


def _count(found: Today, past: Past, old: Version, new: Version) -> None:
    was, now = old.grade_in(past, 0)[0], new.grade_in(past, 0)[0]
    found.looked_at += 1
    if was != now:
        found.grades[was, now] += 1
        found.better += now < was
        found.worse += now > was
    before, after = over_threshold(was, old.rules), over_threshold(now, new.rules)
    found.over_now += before
    found.over_then += after
    found.comes += after and not before
    found.goes += before and not after
