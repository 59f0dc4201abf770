"""What learned points say of a lead in words of chance: of such leads, so many became customers."""

from __future__ import annotations

from collections.abc import Sequence

from leads.models import ScoringRule
from leads.models.learned import LearnedModel
from leads.scoring.learn.saying import rules_of
from leads.scoring.learn.table import chance_at
from leads.scoring.matching import FactsSeen, FitRule, fit_value, words_of


def chance_of_points(learned: LearnedModel, points: float) -> float | None:
    """0 … 1, of a number of fit points under rules learned so; None before learning is done. No query."""
    if learned.state != LearnedModel.State.DONE or not learned.points_per_logit:
        return None
    return chance_at(points, learned.intercept, learned.points_per_logit)


def chance(learned: LearnedModel, facts: FactsSeen, year: int) -> float | None:
    """0 … 1, of somebody of whom this is known; `year` is local. One query."""
    return chance_of_points(learned, points_of(rules_to_count(learned), facts, year))


def rules_to_count(learned: LearnedModel) -> list[FitRule]:
    """To be asked again and again. One query."""
    return [_fit_rule(rule) for rule in rules_of(learned.points.order_by("pk"))]


def _fit_rule(rule: ScoringRule) -> FitRule:
    return FitRule(
        label=rule.label,
        points=rule.points,
        field=rule.field,
        fact_name=rule.fact_name,
        words=words_of(rule.words),
        minimum=None if rule.minimum is None else float(rule.minimum),
        maximum=None if rule.maximum is None else float(rule.maximum),
    )


def points_of(rules: Sequence[FitRule], facts: FactsSeen, year: int) -> int:
    return sum(rule.points for rule in rules if fit_value(rule, facts, year) is not None)
