"""The score of a company, from those of its people: the best letter, and engagement together. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from leads.models import Company, LeadScore
from leads.scoring.points import Rules, grade
from leads.scoring.reading import decays, engagement_at


@dataclass(frozen=True, slots=True)
class PersonsShare:
    """One receipt: what a person brings. `grade` is their own."""

    person: int
    grade: str
    fit: int
    engagement: int


@dataclass(frozen=True, slots=True)
class CompanyScore:
    """`fit` is the best of its people, `engagement` the sum of theirs, at most the ceiling of the live rules.

    `over` is what the ceiling takes away, `hidden` how many are not counted for this viewer. Without a scored person
    the grade is empty.
    """

    grade: str = ""
    fit: int = 0
    engagement: int = 0
    over: int = 0
    people: tuple[PersonsShare, ...] = ()
    hidden: int = 0

    @property
    def by_grade(self) -> list[tuple[str, int]]:
        """How many people have each grade, the best first."""
        return sorted(Counter(one.grade for one in self.people).items())


def company_score(
    company: Company, at: datetime, *, seen_by_viewer: Collection[int] | None = None
) -> CompanyScore:
    """Its people who are leads and are scored, the strongest first. Two queries, whatever their number.

    `seen_by_viewer`: the people whose own numbers may be shown (None: all). Exactly one other is left out, for what
    the sum holds beyond those shown would be theirs.
    """
    rows = list(
        LeadScore.objects.filter(
            lead__person__company=company,
            lead__person__merged_into=None,
            lead__person__erased_at=None,
            lead__person__no_profiling=False,
        )
        .exclude(grade="")
        .select_related("lead")
    )
    if seen_by_viewer is None:
        return company_score_of(rows, at)
    named = [row for row in rows if row.lead.person_id in seen_by_viewer]
    if len(rows) - len(named) != 1:
        return company_score_of(rows, at)
    return replace(company_score_of(named, at), hidden=1)


def company_score_of(rows: Sequence[LeadScore], at: datetime) -> CompanyScore:
    """The same of rows that were read with their leads. One query; none where nobody is scored."""
    if not rows:
        return CompanyScore()
    rules = decays(row.model_id for row in rows if row.model_id is not None)
    people = sorted(
        (PersonsShare(row.lead.person_id, row.grade, row.fit, _engagement(row, rules, at)) for row in rows),
        key=lambda one: (one.grade, -one.engagement, one.person),
    )
    # After a publish rows of two versions stand side by side for a moment: the newest rules say where digits begin.
    newest = max(rules.values(), key=lambda one: one.id, default=None)
    if newest is None:
        return CompanyScore(people=tuple(people))
    together = sum(one.engagement for one in people)
    engagement = min(together, newest.engagement_ceiling)
    best = max(one.fit for one in people)
    return CompanyScore(
        grade=min(one.grade[0] for one in people) + grade(0, engagement, newest)[1],
        fit=best,
        engagement=engagement,
        over=together - engagement,
        people=tuple(people),
    )


def _engagement(row: LeadScore, rules: dict[int, Rules], at: datetime) -> int:
    own = rules.get(row.model_id or 0)
    return engagement_at(row, own, at) if own else row.engagement
