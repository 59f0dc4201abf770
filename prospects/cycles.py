"""Opening a cycle: one prospect, its account, its first history row. Who opens one, and why, is not decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leads.models import Person
from prospects.assignment.giving import WHY_LENGTH, note_assignment
from prospects.models import Account, AssignmentRule, Pipeline, Prospect
from prospects.stages import TO_CONTACT, stage_named
from prospects.transitions import begin


def last_cycle(person: Person, pipeline: Pipeline) -> Prospect | None:
    """The newest cycle of this person, open or closed."""
    cycles = Prospect.objects.filter(person=person, pipeline=pipeline).select_related(
        "owner", "stage", "reason"
    )
    return cycles.order_by("-round").first()


def open_cycle_of(person: Person, pipeline: Pipeline) -> Prospect | None:
    return Prospect.objects.open().filter(person=person, pipeline=pipeline).select_related("owner").first()


def account_for(person: Person) -> Account | None:
    """The account of the person's company, made now if it is not one yet; None without a company."""
    if person.company_id is None:
        return None
    account, _made = Account.objects.get_or_create(company_id=person.company_id)
    return account


def open_cycle(
    *,
    person: Person,
    pipeline: Pipeline,
    origin: str,
    at: datetime,
    by: Any,
    why: str,
    owner: Any,
    assigned_why: str = "",
    rule: AssignmentRule | None = None,
    **columns: Any,
) -> Prospect:
    """Open the next round on a locked person, linked to the round before, and give it to `owner` (or to nobody).

    `columns` are those of Prospect.
    """
    before = last_cycle(person, pipeline)
    prospect = Prospect.objects.create(
        person=person,
        pipeline=pipeline,
        round=before.round + 1 if before else 1,
        previous=before,
        origin=origin,
        account=account_for(person),
        stage=stage_named(pipeline, TO_CONTACT),
        stage_since=at,
        opened_at=at,
        owner=owner,
        assigned_why=assigned_why[:WHY_LENGTH],
        **columns,
    )
    begin(prospect, at=at, by=by, why=why)
    note_assignment(prospect=prospect, old_owner=None, owner=owner, by=by, at=at, why=assigned_why, rule=rule)
    return prospect
