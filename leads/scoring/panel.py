"""The receipts of one lead, for the panel and for the row that freezes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from campaigns.kept import Kept
from leads.models import Lead, ScoringModel
from leads.scoring.facts import Seen, read
from leads.scoring.learn.chances import chance_of_points, rules_to_count
from leads.scoring.matching import FitRule
from leads.scoring.points import ENGAGEMENT, FIT, Receipt, Rules, grade, receipts, shown, total
from leads.scoring.rules import Setup, load_setup, rules_of

# What every page of a lead needs and few people change.
kept_setup: Kept[Setup] = Kept(lambda _key: load_setup())


@dataclass(frozen=True, slots=True)
class Receipts:
    """Lines and what they sum to, as of the last local midnight plus today. Iterates over the lines.

    `seen` and `rules` are what they were made from; None where nothing was added up.
    """

    lines: tuple[Receipt, ...] = ()
    fit: int = 0
    engagement: int = 0
    grade: str = ""
    total: Decimal = Decimal(0)
    model: ScoringModel | None = None
    seen: Seen | None = None
    rules: Rules | None = None

    def __iter__(self) -> Iterator[Receipt]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


def receipts_for(lead: Lead | None, at: datetime) -> Receipts:
    """The lines of the lead's score at `at`, under the rules its stored row was made by; else the live ones.

    Empty without a lead or a model. At most 13 queries, nine of them for rules, which are kept for a moment.
    """
    seen = read([lead.pk], at=at, in_words=True) if lead else []
    if not seen:
        return Receipts()
    live = kept_setup("").rules
    number = seen[0].lead.score.model_id or (live.id if live else None)
    model = ScoringModel.objects.filter(pk=number).select_related("learned").first()
    if model is None:
        return Receipts()
    return add_up(seen[0], live if live and live.id == model.pk else rules_of(model), model, at)


def add_up(seen: Seen, rules: Rules, model: ScoringModel, at: datetime) -> Receipts:
    """The lines of what was seen, and their sums; none of somebody who objected to being scored."""
    if seen.lead.person.no_profiling:
        return Receipts()
    lines = tuple(receipts(seen.touches, seen.facts, rules, at))
    fit = sum(line.points for line in lines if line.group == FIT)
    engagement = sum(line.points for line in lines if line.group == ENGAGEMENT)
    return Receipts(
        lines=lines,
        fit=shown(fit),
        engagement=shown(engagement),
        grade=grade(fit, engagement, rules),
        total=total(lines),
        model=model,
        seen=seen,
        rules=rules,
    )


def chance(receipts: Receipts) -> float | None:
    """The share, 0 to 1, of closed leads like this one that were won, where the fit rules were learned from such.

    None where they were written by hand, or edited since they were learned. One query, of learned rules only.
    """
    learned = receipts.model.learned if receipts.model else None
    if learned is None or receipts.rules is None:
        return None
    if sorted(map(_said, rules_to_count(learned))) != sorted(map(_said, receipts.rules.fit)):
        return None
    return chance_of_points(
        learned, sum(line.raw_points for line in receipts if line.group == FIT and line.rule)
    )


def _said(rule: FitRule) -> tuple:
    """All of a rule but its number and its name; None sorts with nothing, so limits are said in words."""
    return (rule.field, rule.fact_name, rule.words, str(rule.minimum), str(rule.maximum), rule.points)
