"""How the scores of all leads lie: the grid of grades, the spread of fit and engagement, and what is not known."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Floor

from campaigns.kept import Kept
from leads.models import Lead, LeadScore, ScoringModel
from leads.scoring.days import local_midnight
from leads.scoring.points import DAY, Rules, over_threshold
from leads.scoring.reading import decay_of

STEP = 10  # points of a bar of a spread
LEVELS = 5


@dataclass(frozen=True)
class Cell:
    """One grade: how many leads have it, how deep it is drawn (0 to 5), and whether it hands over by itself."""

    grade: str
    leads: int
    level: int
    share: float
    over: bool


@dataclass(frozen=True)
class Bar:
    """Leads with `low` to `high` points."""

    low: int
    high: int
    leads: int


@dataclass(frozen=True)
class Coverage:
    """Leads, and of how many something is not known."""

    leads: int = 0
    persona_unknown: int = 0
    stage_unknown: int = 0
    excluded: int = 0
    unscored: int = 0
    objected: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Overview:
    grid: list[list[Cell]]
    fit: list[Bar]
    engagement: list[Bar]
    coverage: Coverage

    @property
    def over(self) -> int:
        return sum(cell.leads for row in self.grid for cell in row if cell.over)

    @property
    def scored(self) -> int:
        return sum(cell.leads for row in self.grid for cell in row)


def overview(model: ScoringModel | None, at: datetime) -> Overview:
    """Four statements over all leads, kept for a few seconds: the page may be open all day."""
    return _kept((model, at.replace(second=0, microsecond=0)))


def grid(counts: dict[str, int], rules: Rules) -> list[list[Cell]]:
    """Rows A to D, columns 1 to 4. Depth by the square root of the share of the fullest cell."""
    most, together = max(counts.values(), default=0), sum(counts.values())
    return [
        [
            Cell(
                mark,
                counts.get(mark, 0),
                math.ceil(LEVELS * math.sqrt(counts.get(mark, 0) / most)) if most else 0,
                counts.get(mark, 0) / together if together else 0.0,
                over_threshold(mark, rules),
            )
            for mark in (letter + digit for digit in "1234")
        ]
        for letter in "ABCD"
    ]


def _made(key: tuple[ScoringModel | None, datetime]) -> Overview:
    model, at = key
    rules = decay_of(model) if model else None
    counts = dict(_scores().exclude(grade="").values_list("grade").annotate(Count("pk")).order_by())
    if model is None or rules is None:
        return Overview([], [], [], _coverage())
    bounds = Rules(
        id=model.pk, reference_at=model.reference_at, zone=rules.zone,
        qualify_fit=model.qualify_fit, qualify_engagement=model.qualify_engagement,
    )  # fmt: skip
    return Overview(
        grid(counts, bounds),
        _spread(F("fit"), rules.fit_ceiling),
        _spread(_worth(model, rules, at), rules.engagement_ceiling),
        _coverage(),
    )


_kept: Kept[Overview] = Kept(_made)


def _scores() -> QuerySet[LeadScore]:
    return LeadScore.objects.filter(lead__person__erased_at=None, lead__person__merged_into=None)


def _worth(model: ScoringModel, rules: Rules, at: datetime) -> Case:
    """Engagement on the day of `at`, from the sums that stand still; of another version the stored number."""
    age = (local_midnight(at, rules.zone) - rules.reference_at).total_seconds()
    one, two, three = (2.0 ** (-age / (days * DAY)) for days in rules.half_lives)
    worth = F("e1") * Value(one) + F("e2") * Value(two) + F("e3") * Value(three)
    return Case(When(model=model, then=worth), default=F("engagement"), output_field=FloatField())


def _spread(points: F | Case, ceiling: int) -> list[Bar]:
    """Bars of ten points each; what is below nothing stands in the first, what is at the ceiling in the last."""
    number = max(1, math.ceil(ceiling / STEP))
    rows = (
        _scores()
        .exclude(grade="")
        .annotate(step=Floor(points / Value(float(STEP)), output_field=FloatField()))
    )
    found: Counter[int] = Counter()
    for step, leads in rows.values_list("step").annotate(Count("pk")).order_by():
        found[min(max(int(step or 0), 0), number - 1)] += leads
    return [Bar(place * STEP, min((place + 1) * STEP, ceiling), found[place]) for place in range(number)]


def _coverage() -> Coverage:
    leads = Lead.objects.filter(person__erased_at=None, person__merged_into=None)
    return Coverage(
        **leads.aggregate(
            leads=Count("pk"),
            persona_unknown=Count("pk", filter=Q(persona=None)),
            stage_unknown=Count("pk", filter=Q(journey_stage="")),
            excluded=Count("pk", filter=~Q(exclusion="")),
            unscored=Count("pk", filter=Q(score__isnull=True) | Q(score__grade="")),
            objected=Count("pk", filter=Q(person__no_profiling=True)),
            waiting=Count("pk", filter=Q(score__dirty_at__isnull=False)),
        )
    )
