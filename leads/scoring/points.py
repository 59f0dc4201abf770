"""What a score is made of: pure functions over touches, facts, rules and a time. No database (docs/scoring.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from leads.scoring.days import local_midnight
from leads.scoring.matching import FactsSeen, FitRule, fit_value

DAY = 86_400.0  # seconds
OPEN = "open"
FIT, ENGAGEMENT = "fit", "engagement"


@dataclass(frozen=True, slots=True)
class TouchSeen:
    """A touch as far as scores look at it. `source` is what it was, in words, for the panel."""

    id: int
    kind: str
    at: datetime
    asset_kind: int | None = None
    journey_stage: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchRule:
    """`half_life` is the place (0, 1, 2) in `Rules.half_lives`; an empty kind means any touch but opens."""

    id: int
    label: str
    points: int
    kind: str = ""
    asset_kind: int | None = None
    journey_stage: str = ""
    half_life: int = 1
    cool_down_hours: int = 0
    ceiling_touches: int | None = None
    ceiling_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRule:
    """So many touches of a kind (of assets of a kind, if given) reach a stage of the buyer's journey."""

    id: int
    stage: str
    kind: str
    asset_kind: int | None = None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A frozen copy of a scoring model. Half-lives in days; bounds from best to worst."""

    id: int
    reference_at: datetime
    zone: ZoneInfo
    fit: tuple[FitRule, ...] = ()
    engagement: tuple[TouchRule, ...] = ()
    half_lives: tuple[int, int, int] = (7, 30, 90)
    fit_from: tuple[int, int, int] = (75, 50, 25)
    engagement_from: tuple[int, int, int] = (60, 35, 15)
    fit_ceiling: int = 100
    engagement_ceiling: int = 100
    qualify_fit: str = "B"
    qualify_engagement: str = "2"
    again_margin: int = 10
    journey: tuple[StageRule, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of a score. `points` count now, `raw_points` before decay; `note` says why a line counts nothing."""

    group: str
    rule: int | None
    label: str
    source: str
    points: float
    raw_points: int
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A touch under a rule: `note` is empty where it counts, else `cool-down` or `ceiling`."""

    rule: TouchRule
    touch: TouchSeen
    note: str = ""


def receipts(touches: Iterable[TouchSeen], facts: FactsSeen, rules: Rules, at: datetime) -> list[Receipt]:
    """Every line of the score at `at`; its points sum to the score. Touches newest first, ceilings last."""
    fit = [
        Receipt(FIT, rule.id, rule.label, value, float(rule.points), rule.points)
        for rule in rules.fit
        if (value := fit_value(rule, facts, at.astimezone(rules.zone).year)) is not None
    ]
    midnight = local_midnight(at, rules.zone)
    counted = sorted(
        counted_touches(touches, rules, at), key=lambda one: (one.touch.at, one.touch.id), reverse=True
    )
    engagement = [_line(one, rules, midnight) for one in counted]
    return [
        *fit,
        *_over(FIT, fit, rules.fit_ceiling),
        *engagement,
        *_over(ENGAGEMENT, engagement, rules.engagement_ceiling),
    ]


def counted_touches(touches: Iterable[TouchSeen], rules: Rules, at: datetime) -> Iterator[Counted]:
    """Which touches count under which rule: cool-down first, then the ceiling of the rule. Future ones do not."""
    past = sorted(
        (touch for touch in touches if touch.at <= at and touch.kind != OPEN), key=lambda t: (t.at, t.id)
    )
    for rule in rules.engagement:
        seen: set[int] = set()
        full: dict[int, int] = {}
        for touch in past:
            if not _matches(rule, touch):
                continue
            note = _holds_back(rule, touch, seen, full)
            yield Counted(rule, touch, note)


def decayed(points: float, since: datetime, until: datetime, half_life: int) -> float:
    """`points` of an act at `since` as they stand at `until`: half after `half_life` days, full before it."""
    age = max(0.0, (until - since).total_seconds())
    return points * 2.0 ** (-age / (half_life * DAY))


def shown(points: float) -> int:
    """A whole number as screens show it: nearest, halves up. Noise of the arithmetic does not tip a half."""
    return math.floor(round(points, 6) + 0.5)


def grade(fit: float, engagement: float, rules: Rules) -> str:
    """Letter from fit, digit from engagement: `A1` is best, `D4` worst. Compares the numbers as shown."""
    return f"{_mark(shown(fit), rules.fit_from, 'ABCD')}{_mark(shown(engagement), rules.engagement_from, '1234')}"


def over_threshold(mark: str, rules: Rules) -> bool:
    """True where the letter and the digit are both at least as good as the model asks for."""
    return bool(mark) and mark[0] <= rules.qualify_fit and mark[1] <= rules.qualify_engagement


def total(lines: Sequence[Receipt]) -> Decimal:
    """Fit and engagement together, to one decimal: orders leads of one grade."""
    return tenth(sum(line.points for line in lines))


def tenth(points: float) -> Decimal:
    return Decimal(math.floor(round(points, 6) * 10 + 0.5)) / 10


def frozen(lines: Iterable[Receipt]) -> list[dict]:
    """The lines that count, fit for a JSON column."""
    rows = [asdict(line) for line in lines if line.points]
    return [{**row, "at": row["at"].isoformat() if row["at"] else None} for row in rows]


def _matches(rule: TouchRule, touch: TouchSeen) -> bool:
    return (
        rule.kind in ("", touch.kind)
        and rule.asset_kind in (None, touch.asset_kind)
        and rule.journey_stage in ("", touch.journey_stage)
    )


def _holds_back(rule: TouchRule, touch: TouchSeen, seen: set[int], full: dict[int, int]) -> str:
    """Why the touch does not count. Buckets are fixed spans from 1970 on, so a line never depends on now."""
    seconds = touch.at.timestamp()
    if rule.cool_down_hours:
        bucket = int(seconds // (rule.cool_down_hours * 3600))
        if bucket in seen:
            return "cool-down"
        seen.add(bucket)
    if rule.ceiling_touches is not None:
        bucket = int(seconds // (rule.ceiling_days * DAY)) if rule.ceiling_days else 0
        if full.get(bucket, 0) >= rule.ceiling_touches:
            return "ceiling"
        full[bucket] = full.get(bucket, 0) + 1
    return ""


def _line(one: Counted, rules: Rules, midnight: datetime) -> Receipt:
    points = 0.0
    if not one.note:
        points = decayed(one.rule.points, one.touch.at, midnight, rules.half_lives[one.rule.half_life])
    return Receipt(
        ENGAGEMENT,
        one.rule.id,
        one.rule.label,
        one.touch.source,
        points,
        one.rule.points,
        one.touch.at,
        one.note,
    )


def _over(group: str, lines: Sequence[Receipt], ceiling: int) -> list[Receipt]:
    over = sum(line.points for line in lines) - ceiling
    if over <= 0:
        return []
    return [
        Receipt(
            group, None, _("Over the ceiling of %(points)d") % {"points": ceiling}, "", -over, -shown(over)
        )
    ]


def _mark(points: int, bounds: Sequence[int], marks: str) -> str:
    return next((mark for mark, bound in zip(marks, bounds, strict=False) if points >= bound), marks[-1])
