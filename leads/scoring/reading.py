"""What a stored score is worth on the day it is read: lists show it without looking at a touch."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.kept import Kept
from leads.models import LeadScore, Person, ScoringModel
from leads.scoring.days import local_midnight
from leads.scoring.fold import standing
from leads.scoring.points import Rules, shown, tenth


def engagement_at(row: LeadScore, rules: Rules, at: datetime) -> int:
    """The whole points that screens show on the day of `at`, at most the ceiling of `rules` (those of the row)."""
    return row.engagement if _of_today(row, rules, at) else shown(_faded(row, rules, at))


def total_at(row: LeadScore, rules: Rules, at: datetime) -> Decimal:
    """Fit and engagement on the day of `at`, to one decimal."""
    return row.total if _of_today(row, rules, at) else tenth(row.fit + _faded(row, rules, at))


def score_of(person: Person) -> LeadScore | None:
    """The row of the person's lead; None for a cold contact, and before there is one. Select `lead__score` before."""
    return getattr(getattr(person, "lead", None), "score", None)


def engagements_at(rows: Iterable[LeadScore | None], at: datetime) -> dict[int, int]:
    """Lead → engagement as shown, for a page of rows. One query for the rules of their models, which are kept."""
    scored = [row for row in rows if row is not None]
    wanted = frozenset(row.model_id for row in scored if row.model_id is not None)
    rules = _decays_at_hand(wanted) if wanted else {}
    return {row.lead_id: _engagement(row, rules, at) for row in scored}


def decays(models: Iterable[int]) -> dict[int, Rules]:
    """Model → its rules without their lines: half-lives, bounds and ceilings. One query, or none without models."""
    wanted = set(models)
    return (
        {model.pk: decay_of(model) for model in ScoringModel.objects.filter(pk__in=wanted)} if wanted else {}
    )


def _read_decays(wanted: Hashable) -> dict[int, Rules]:
    assert isinstance(wanted, frozenset)
    return decays(wanted)


_decays_at_hand: Kept[dict[int, Rules]] = Kept(_read_decays)


def decay_of(model: ScoringModel) -> Rules:
    """The rules of a model without their lines."""
    return Rules(
        id=model.pk,
        reference_at=model.reference_at,
        zone=ZoneInfo(settings.TIME_ZONE),
        half_lives=(model.half_life_1, model.half_life_2, model.half_life_3),
        fit_from=(model.fit_a, model.fit_b, model.fit_c),
        engagement_from=(model.engagement_1, model.engagement_2, model.engagement_3),
        fit_ceiling=model.fit_ceiling,
        engagement_ceiling=model.engagement_ceiling,
    )


def _engagement(row: LeadScore, rules: dict[int, Rules], at: datetime) -> int:
    own = rules.get(row.model_id) if row.model_id is not None else None
    return engagement_at(row, own, at) if own else row.engagement


def _of_today(row: LeadScore, rules: Rules, at: datetime) -> bool:
    """True where the stored numbers stand for the day already: made since its midnight, or never made at all."""
    return row.computed_at is None or row.computed_at >= local_midnight(at, rules.zone)


def _faded(row: LeadScore, rules: Rules, at: datetime) -> float:
    worth = standing((row.e1, row.e2, row.e3), local_midnight(at, rules.zone), rules)
    return min(worth, float(rules.engagement_ceiling))
