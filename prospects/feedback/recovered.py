"""Who was sent back, came back and bought: the cycles behind each number; and that nobody is forgotten on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from prospects.models import Prospect, Reason, Stage
from prospects.models.prospect import ProspectQuerySet

Kind, Outcome = Stage.Kind, Reason.Outcome


@dataclass(frozen=True)
class Recovered:
    """Cycles of a period: sent back, begun again after such a return, and of those that were, won."""

    returned: int
    came_back: int
    won: int


def recovered(since: datetime, until: datetime) -> Recovered:
    """Each number counts by the day its own event happened, so they are no shares of each other. Three queries."""
    return Recovered(
        returned(since, until).count(), came_back(since, until).count(), won_again(since, until).count()
    )


def returned(since: datetime, until: datetime) -> ProspectQuerySet:
    """Cycles that ended in "returned to nurture" in the period."""
    return Prospect.objects.filter(stage__kind=Kind.RETURNED, closed_at__gte=since, closed_at__lt=until)


def came_back(since: datetime, until: datetime) -> ProspectQuerySet:
    """Cycles opened in the period on somebody who had been returned: by the date, or by a new qualification."""
    return Prospect.objects.filter(_after_a_return(), opened_at__gte=since, opened_at__lt=until)


def won_again(since: datetime, until: datetime) -> ProspectQuerySet:
    """Customers of the period who had been returned before, in whichever earlier cycle: the recovered ones."""
    won = Prospect.objects.filter(stage__kind=Kind.WON, closed_at__gte=since, closed_at__lt=until)
    return won.filter(_after_a_return())


def forgotten(at: datetime) -> ProspectQuerySet:
    """Nobody, if all is well: returned until a day, and no day, or a day that passed without a new look at them."""
    waiting = Prospect.objects.filter(stage__kind=Kind.RETURNED, reason__outcome=Outcome.RETURN_ON_DATE)
    late = Q(return_on=None) | Q(return_on__lt=timezone.localdate(at))
    return waiting.filter(late, returned_at=None)


def _after_a_return() -> Exists:
    before = Prospect.objects.filter(
        person=OuterRef("person"),
        pipeline=OuterRef("pipeline"),
        round__lt=OuterRef("round"),
        stage__kind=Kind.RETURNED,
    )
    return Exists(before)
