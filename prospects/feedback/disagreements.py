"""Where marketing's grade and sales' verdict disagree most, and how often each grade, source and rep is accepted.

The grade is the one frozen on the move that handed the lead over, never the one of today. What was found when both
looked again is a `Review`; it changes neither grade nor verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from prospects.models import Prospect, Reason, Review
from prospects.targets import span_of_days

MAY_REVIEW = "prospects.see_outcomes"
SHARPEST, HOTTEST = 10, 6
Verdict, Outcome = Prospect.Verdict, Reason.Outcome
# What a rejection says about the grade: a disqualification contradicts it most, "not now" hardly.
WEIGHT = {Outcome.DISQUALIFY: 3, Outcome.SUPPRESS: 1, Outcome.NURTURE: 1, Outcome.WRONG_PERSON: 0}
Z = 1.96  # 95 in 100


@dataclass(frozen=True)
class Disagreement:
    """`sharpness` grows with the distance between grade and verdict."""

    prospect: Prospect
    grade: str
    sharpness: int
    review: Review | None


@dataclass(frozen=True)
class Calibration:
    """Of `n` handovers with a verdict `accepted` were accepted; `low` to `high` is where the true share lies."""

    key: str
    words: str
    n: int
    accepted: int

    @property
    def share(self) -> float:
        return self.accepted / self.n

    @property
    def low(self) -> float:
        return interval(self.accepted, self.n)[0]

    @property
    def high(self) -> float:
        return interval(self.accepted, self.n)[1]


def heat(grade: str) -> int:
    """0 for D4, 6 for A1: letter and digit weigh the same."""
    return HOTTEST - ("ABCD".index(grade[0]) + "1234".index(grade[1]))


def sharpness(prospect: Prospect, grade: str) -> int:
    """How far grade and verdict are apart: a hot one disqualified, or a cold one that went far."""
    warm = heat(grade)
    if prospect.verdict == Verdict.REJECTED:
        outcome = prospect.reason.outcome if prospect.reason else ""
        return warm + WEIGHT.get(Outcome(outcome), -1) if outcome else warm
    went_far = (prospect.sales_qualified_at is not None) + (prospect.stage.kind == "won")
    return HOTTEST - warm + went_far


def judged(start: datetime, end: datetime) -> QuerySet[Prospect]:
    """Handovers whose verdict was given in the span; by its day, not by that of the handover."""
    given = Q(verdict=Verdict.ACCEPTED, accepted_at__gte=start, accepted_at__lt=end) | Q(
        verdict=Verdict.REJECTED, closed_at__gte=start, closed_at__lt=end
    )
    return Prospect.objects.filter(given, lead_move__isnull=False)


def graded(rows: QuerySet[Prospect]) -> QuerySet[Prospect]:
    return rows.filter(lead_move__grade__regex=r"^[ABCD][1234]$")


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_of(monday: date) -> tuple[datetime, datetime]:
    return span_of_days(monday, monday + timedelta(days=7))


def sharpest(monday: date) -> list[Disagreement]:
    """The ten of the week where they are furthest apart, the sharpest first. Two queries."""
    rows = graded(judged(*week_of(monday))).select_related("stage", "reason", "lead_move")
    marked = [(sharpness(row, row.lead_move.grade), row.pk) for row in rows.only(
        "verdict", "sales_qualified_at", "stage__kind", "reason__outcome", "lead_move__grade",
    ).iterator()]  # fmt: skip
    chosen = sorted((mark for mark in marked if mark[0] > HOTTEST // 2), key=lambda mark: (-mark[0], mark[1]))
    ranked = {pk: mark for mark, pk in chosen[:SHARPEST]}
    found = Prospect.objects.filter(pk__in=ranked).select_related(
        "person__company", "person__lead__first_touch__channel", "stage", "owner", "reason", "lead_move",
        "review__by",
    )  # fmt: skip
    shown = [
        Disagreement(
            row, row.lead_move.grade if row.lead_move else "", ranked[row.pk], getattr(row, "review", None)
        )
        for row in found
    ]
    return sorted(shown, key=lambda one: (-one.sharpness, one.prospect.pk))


def decide(*, prospect: Prospect, decision: str, note: str, by: Any, at: datetime) -> Review:
    """What both found when they looked again. Raises Conflict where a colleague has decided otherwise already."""
    if not by.has_perm(MAY_REVIEW):
        raise Refused(_("Only marketing and managers review verdicts."))
    if decision not in Review.Decision.values:
        raise Refused(_("Say who was right."), missing=[_("a decision")])
    if not prospect.verdict or prospect.lead_move_id is None:
        raise Refused(_("There is no verdict on a handover to review."))
    try:
        with transaction.atomic():
            return Review.objects.create(prospect=prospect, decision=decision, note=note, by=by, at=at)
    except IntegrityError:
        first = Review.objects.select_related("by").get(prospect=prospect)
        if (first.decision, first.note, first.by_id) == (decision, note, by.pk):
            return first
        said = {"decision": first.get_decision_display(), "who": first.by}
        raise Conflict(now=_("%(decision)s, says %(who)s") % said) from None


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval: honest for few and for shares near 0 and 1, where share ± error is not."""
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    reach = Z / (1 + square / whole) * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    return max(0.0, middle - reach), min(1.0, middle + reach)


BY: dict[str, tuple[str, str]] = {  # what is grouped by → column of the prospect, and of its words
    "grade": ("lead_move__grade", "lead_move__grade"),
    "source": ("person__lead__first_touch__channel__slug", "person__lead__first_touch__channel__name"),
    "rep": ("owner", "owner"),
}


def calibration(rows: QuerySet[Prospect], by: str, words: Callable[[Any], str]) -> list[Calibration]:
    """A line a group, by key; handovers without a grade or a known source make a line of their own. One query."""
    column, shown = BY[by]
    accepted = Count("pk", filter=Q(verdict=Verdict.ACCEPTED))
    grouped = rows.order_by().values_list(column, shown).annotate(n=Count("pk"), accepted=accepted)
    lines = [Calibration(str(row[0] or ""), words(row[1]), row[-2], row[-1]) for row in grouped]
    return sorted(lines, key=lambda line: (line.key == "", line.words))


def behind(rows: QuerySet[Prospect], by: str, key: str) -> QuerySet[Prospect]:
    """The handovers of one line."""
    column = BY[by][0]
    if key:
        return rows.filter(**{column: key})
    empty = Q(**{f"{column}__isnull": True})
    return rows.filter(empty | Q(**{column: ""}) if by != "rep" else empty)


def reviewed(rows: Iterable[Disagreement]) -> int:
    return sum(one.review is not None for one in rows)
