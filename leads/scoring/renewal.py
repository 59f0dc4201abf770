"""A new reference time for rules that have been live for years: carried sums must not outgrow a number."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, FloatField, Q, Value, When
from django.utils import timezone

from leads.models import LeadScore, ScoringModel
from leads.scoring.points import DAY
from leads.tracking import note_change_of_rules

AFTER = timedelta(days=5 * 365)  # 608 of the shortest half-lives; a double holds 1,023
_LEAST = 1e-290  # a sum that would become smaller is nothing: PostgreSQL refuses a number too small to be one


def renew_reference(*, at: datetime) -> int:
    """Carry the live model's sums to `at` where its reference time is five years old; how many rows. Mostly none.

    One transaction: nobody reads sums of one time with the reference of another. Every row becomes due as well, for
    a run that has read the rules before may write a row after.
    """
    old = ScoringModel.objects.filter(state=ScoringModel.State.LIVE, reference_at__lte=at - AFTER)
    if not old.exists():
        return 0
    with transaction.atomic():
        model = old.select_for_update().first()
        if model is None:
            return 0
        note_change_of_rules(at=timezone.now())  # takes the rows in the order of all writers
        days = (at - model.reference_at).total_seconds() / DAY
        halves = (model.half_life_1, model.half_life_2, model.half_life_3)
        moved = {f"e{place}": _carried(f"e{place}", days / half) for place, half in enumerate(halves, 1)}
        rows = LeadScore.objects.filter(model=model).update(**moved)
        ScoringModel.objects.filter(pk=model.pk).update(reference_at=at)
    return rows


def _carried(column: str, half_lives: float) -> Case:
    share = 2.0**-half_lives
    if share < _LEAST:
        return Case(default=Value(0.0), output_field=FloatField())
    least = _LEAST / share
    nothing = Q(**{f"{column}__gt": -least, f"{column}__lt": least})
    return Case(When(nothing, then=Value(0.0)), default=F(column) * Value(share), output_field=FloatField())
