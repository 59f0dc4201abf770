"""Rows that wait are kept true: who became a lead or a colleague's is known now, and doubles found later wait.

A sweep over a bounded number of rows; run twice, late or twice at once it ends the same.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from leads.models import Lead, Suppression, Twin
from prospects.models import ListedPerson, Prospect, ProspectingList, Reason
from prospects.prospecting.seeing import perhaps_known
from prospects.prospecting.standing import standing_of

State = ListedPerson.State
LIMIT = 500


def settle(*, at: datetime) -> dict[str, int]:
    """Newcomers among leads, prospects and the silent; pairs that were judged; pairs that were found since."""
    return {"known": _known(at), "freed": _freed(), "doubted": _doubted()}


def _waiting() -> QuerySet[ListedPerson]:
    return ListedPerson.objects.filter(state=State.WAITING, list__archived_at=None)


def _known(at: datetime) -> int:
    of_person = {"person": OuterRef("person")}
    silent = Prospect.objects.filter(**of_person, reason__outcome=Reason.Outcome.SUPPRESS)
    said_no = Suppression.objects.filter(**of_person, lifted_at=None, topic=None)
    changed = (
        Q(person__sales_open=True)
        | Q(Exists(Lead.objects.filter(**of_person)))
        | Q(Exists(silent))
        | Q(Exists(said_no))
    )
    rows = list(_waiting().filter(changed).order_by("pk")[:LIMIT])
    said = standing_of([row.person_id for row in rows], at=at)
    moved = 0
    for row in rows:
        one = said.get(row.person_id)
        if one and one.final:
            mine = ListedPerson.objects.filter(pk=row.pk, state=State.WAITING)
            moved += mine.update(state=one.state, why=one.why[:200])
    return moved


def _freed() -> int:
    """Merged, or judged to be two people."""
    ids = list(_waiting().filter(~perhaps_known(), like__isnull=False).values_list("pk", flat=True)[:LIMIT])
    return ListedPerson.objects.filter(pk__in=ids, like__isnull=False).update(like=None)


def _doubted() -> int:
    """The night's run compares everybody with everybody: what it finds of those who wait is looked at first. Of two
    who are alike one waits for the look."""
    found = 0
    # No join: an UPDATE with one looks at its rows before another worker's is done, and not again.
    lists = ProspectingList.objects.filter(archived_at=None)
    for mine, other in (("one", "two"), ("two", "one")):
        looked_at = _waiting().filter(person=OuterRef(other), like=OuterRef(mine)).order_by()
        waits = _waiting().filter(person=OuterRef(mine), like=None)
        # A value, not NOT EXISTS: before statistics are there PostgreSQL joins that to all rows of the list.
        pairs = Twin.objects.alias(looked_at=Subquery(looked_at.values("pk")[:1]))
        fresh = pairs.filter(Exists(waits), looked_at=None, state=Twin.State.OPEN).order_by("pk")
        for person, like in fresh.values_list(mine, other)[:LIMIT]:
            rows = ListedPerson.objects.filter(person=person, list__in=lists)
            found += rows.filter(state=State.WAITING, like=None).update(like=like)
    return found
