"""Whether a grade makes a lead marketing-qualified. Pure; the runs and the verdict ask the same questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from leads.models.lead import LeadStatus
from leads.scoring.points import OPEN, Rules, TouchSeen, over_threshold

MARKETINGS = (LeadStatus.NEW, LeadStatus.NURTURING)


def goes_by_grade(
    *,
    grade: str,
    engagement: int,
    status: str,
    exclusion: str,
    out_of_reach: bool,
    facts_missing: bool,
    returned_at: datetime | None,
    last_sign_at: datetime | None,
    rules: Rules,
) -> bool:
    """Letter and digit over the threshold, required facts known, no exclusion, and nobody but marketing has the person.

    `engagement` is as shown. `out_of_reach`: with sales, objected to being scored, erased or merged into somebody.
    `returned_at`: when a colleague last gave the lead back to nurture (None: never); `last_sign_at`: its latest touch
    so far that is no open.
    """
    return (
        over_threshold(grade, rules)
        and status in MARKETINGS
        and not exclusion
        and not out_of_reach
        and not facts_missing
        and may_go_again(
            engagement=engagement, returned_at=returned_at, last_sign_at=last_sign_at, rules=rules
        )
    )


def may_go_again(
    *, engagement: int, returned_at: datetime | None, last_sign_at: datetime | None, rules: Rules
) -> bool:
    """A lead given back needs a new sign and more points than the threshold: it is not passed back and forth."""
    if returned_at is None:
        return True
    return last_sign_at is not None and last_sign_at > returned_at and engagement >= again_from(rules)


def again_from(rules: Rules) -> int:
    """The engagement, as shown, that a lead given back needs. Never more than it can have at all."""
    bounds = dict(zip("123", rules.engagement_from, strict=True))
    bound = bounds.get(rules.qualify_engagement, 0)
    return min(bound + rules.again_margin, max(bound, rules.engagement_ceiling))


def last_sign(touches: Iterable[TouchSeen], at: datetime) -> datetime | None:
    """When the person last did something by `at`; opens are no sign."""
    return max((one.at for one in touches if one.kind != OPEN and one.at <= at), default=None)
