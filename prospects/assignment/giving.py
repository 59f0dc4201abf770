"""A prospect comes to an owner: the column, the row that says why, the clock, and the word to the rep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from prospects import notices
from prospects.clocks.clock import carry_over
from prospects.clocks.working_time import hours_of
from prospects.models import Assignment, AssignmentRule, Notice, Prospect
from prospects.transitions import tell_leads

WHY_LENGTH = 200  # of the column on the prospect; the row holds 300


def give(
    *,
    prospect: Prospect,
    owner: Any | None,
    by: Any | None,
    at: datetime,
    why: str,
    rule: AssignmentRule | None = None,
    tell: bool = True,
) -> Assignment | None:
    """Another owner (or nobody) for a locked, open prospect, with the follow-ups that are still open.

    To whom it belongs already it is not given again: None. Before the first act the clock goes on by the working
    time of the new owner. `tell=False` spares the notice, for whoever moves many and says so in one.
    """
    old = prospect.owner
    if old == owner:
        return None
    changed: dict[str, Any] = {"owner": owner, "assigned_why": why[:WHY_LENGTH]}
    if prospect.answer_by and prospect.first_acted_at is None:
        changed["answer_by"] = carry_over(prospect.answer_by, at, hours_of(old, at), hours_of(owner, at))
    Prospect.objects.filter(pk=prospect.pk).update(**changed)
    for name, value in changed.items():
        setattr(prospect, name, value)
    prospect.follow_ups.filter(done_at=None).update(owner=owner)
    tell_leads(prospect, at=at)
    return note_assignment(
        prospect=prospect, old_owner=old, owner=owner, by=by, at=at, why=why, rule=rule, tell=tell
    )


def note_assignment(
    *,
    prospect: Prospect,
    old_owner: Any | None,
    owner: Any | None,
    by: Any | None,
    at: datetime,
    why: str,
    rule: AssignmentRule | None = None,
    tell: bool = True,
) -> Assignment:
    """The row of history, and the notice to a rep who did not take it themselves."""
    row = Assignment.objects.create(
        prospect=prospect, old_owner=old_owner, owner=owner, by=by, at=at, why=why[:300], rule=rule
    )
    if tell and owner is not None and (by is None or by.pk != owner.pk):
        notices.tell(
            user=owner, kind=Notice.Kind.ASSIGNED, prospect=prospect, at=at, key=f"assigned:{row.pk}",
            text=_("%(name)s is yours now. %(why)s") % {"name": prospect.person.name, "why": why},
        )  # fmt: skip
    return row
