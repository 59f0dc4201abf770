"""Engagement as a screen shows it today, as an SQL condition: a row computed since midnight says it, an older one
has faded since. Nobody crosses a bound by the clock within a day, so a day's first look is at everybody.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import ExpressionWrapper, F, FloatField, Q, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils.timezone import localtime

from campaigns.comparing import number_in
from leads.models import ScoringModel, SegmentCondition
from leads.segments.lines import Compare, said

ROW = "lead__score__"


def midnight(at: datetime) -> datetime:
    """The last local midnight before `at`."""
    return localtime(at, ZoneInfo(settings.TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)


def live_model() -> ScoringModel | None:
    return ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()


def as_shown(line: SegmentCondition, at: datetime) -> Q:
    """Engagement compared as the line says. Who has no score has none."""
    model, today = live_model(), midnight(at)
    if model is None:
        return Q(pk__in=[])
    age = (today - model.reference_at).total_seconds() / 86_400
    halves = (model.half_life_1, model.half_life_2, model.half_life_3)
    parts = [F(f"{ROW}e{place}") * Value(2.0 ** (-age / days)) for place, days in enumerate(halves, 1)]
    faded = ExpressionWrapper(parts[0] + parts[1] + parts[2], output_field=FloatField())
    fresh = Q(**{f"{ROW}computed_at__gte": today})
    old = Q(**{f"{ROW}computed_at__lt": today}) | Q(**{f"{ROW}computed_at__isnull": True})
    holds = [
        (fresh & _stored(low, high)) | (old & _faded(faded, low, high, model.engagement_ceiling))
        for low, high in _ranges(line)
    ]
    return Q(**{f"{ROW}grade__gt": ""}) & reduce(or_, holds)


def _ranges(line: SegmentCondition) -> list[tuple[int | None, int | None]]:
    """From and to, both included; None: open."""
    if line.compare == Compare.IS:
        return [(number, number) for number in (int(number_in(one) or 0) for one in said(line.value))]
    bound = int(number_in(line.value) or 0)
    return [(bound, None) if line.compare == Compare.FROM else (None, bound)]


def _stored(low: int | None, high: int | None) -> Q:
    above = Q() if low is None else Q(**{f"{ROW}engagement__gte": low})
    return above if high is None else above & Q(**{f"{ROW}engagement__lte": high})


def _faded(faded: ExpressionWrapper, low: int | None, high: int | None, ceiling: int) -> Q:
    """Halves are rounded up, and no more than the ceiling is ever shown."""
    if low is not None and low > ceiling:
        return Q(pk__in=[])
    above = Q() if low is None else Q(GreaterThanOrEqual(faded, low - 0.5))
    return above if high is None or high >= ceiling else above & Q(LessThan(faded, high + 0.5))
