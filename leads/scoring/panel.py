"""The receipts of one lead, for the panel and for the row that freezes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from leads.models import Lead, ScoringModel
from leads.scoring.facts import Seen, read
from leads.scoring.points import ENGAGEMENT, FIT, Receipt, Rules, grade, receipts, shown, total
from leads.scoring.rules import rules_of


@dataclass(frozen=True, slots=True)
class Receipts:
    """Lines and what they sum to, as of the last local midnight plus today. Iterates over the lines."""

    lines: tuple[Receipt, ...] = ()
    fit: int = 0
    engagement: int = 0
    grade: str = ""
    total: Decimal = Decimal(0)
    model: ScoringModel | None = None

    def __iter__(self) -> Iterator[Receipt]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


def receipts_for(lead: Lead | None, at: datetime) -> Receipts:
    """The lines of the lead's score at `at`, under the rules its stored row was made by; else the live ones.

    Empty without a lead or a model. At most seven queries.
    """
    seen = read([lead.pk], at=at, in_words=True) if lead else []
    if not seen:
        return Receipts()
    model = seen[0].lead.score.model or ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()
    return add_up(seen[0], rules_of(model), model, at) if model else Receipts()


def add_up(seen: Seen, rules: Rules, model: ScoringModel, at: datetime) -> Receipts:
    """The lines of what was seen, and their sums; none of somebody who objected to being scored."""
    if seen.lead.person.no_profiling:
        return Receipts()
    lines = tuple(receipts(seen.touches, seen.facts, rules, at))
    fit = sum(line.points for line in lines if line.group == FIT)
    engagement = sum(line.points for line in lines if line.group == ENGAGEMENT)
    return Receipts(lines, shown(fit), shown(engagement), grade(fit, engagement, rules), total(lines), model)
