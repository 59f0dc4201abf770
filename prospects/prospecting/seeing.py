"""Who sees which rows of a list (docs/prospecting-lists.md, "Who sees what").

A manager sees all. A rep sees who still waits, and whom they work on; nobody's owner, no phone, no address before it
is theirs. Marketing sees no list: these people are no leads.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from leads.models import Twin
from prospects.models import ListedPerson

State = ListedPerson.State
MAY_START = "prospects.import_prospects"


def rows_for(user: Any) -> QuerySet[ListedPerson]:
    """Of people who are there: not merged away, not erased."""
    rows = ListedPerson.objects.filter(person__merged_into=None, person__erased_at=None)
    if user.has_perm(MAY_START):
        return rows
    if user.has_perm("prospects.work_prospects"):
        return rows.filter(Q(state=State.WAITING) | Q(state=State.STARTED, prospect__owner=user))
    return rows.none()


def perhaps_known() -> Q:
    """Somebody has still to look at two people. Merged, or judged to be two, the row is free by itself."""
    judged = Twin.objects.exclude(state=Twin.State.OPEN)
    one_way = judged.filter(one=OuterRef("person"), two=OuterRef("like"))
    other_way = judged.filter(one=OuterRef("like"), two=OuterRef("person"))
    return Q(like__isnull=False) & ~Q(like=F("person")) & ~Exists(one_way) & ~Exists(other_way)


def free(rows: QuerySet[ListedPerson]) -> QuerySet[ListedPerson]:
    """Whom somebody may be started on."""
    return rows.filter(~perhaps_known(), state=State.WAITING)
