"""The "not now" clock: who was sent back until a day comes back by themselves on that day, once."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Conflict
from leads.models import Lead, LeadStatus
from prospects.assignment.choosing import choose
from prospects.cycles import open_cycle, open_cycle_of
from prospects.models import FollowUp, Prospect, Reason
from prospects.transitions import lock_person

log = logging.getLogger(__name__)

LIMIT = 500
# Since then disqualified, or a customer: nobody to come back to as a prospect.
GONE = (LeadStatus.DISQUALIFIED, LeadStatus.CUSTOMER)


def return_due(*, at: datetime) -> dict[str, int]:
    """Open the next cycle of each prospect whose day has come; a sweep that may run twice, late, or at once."""
    counts = {"returned": 0, "dropped": 0, "failed": 0}
    due = Prospect.objects.filter(returned_at=None, return_on__lte=timezone.localdate(at)).order_by(
        "return_on"
    )
    for pk in list(due.values_list("pk", flat=True)[:LIMIT]):
        try:
            counts["returned" if return_one(pk=pk, at=at) else "dropped"] += 1
        except Conflict:
            continue  # merged with another person this very moment: the next run finds the cycle there
        except Exception:
            log.exception("Prospect %s did not come back", pk)
            counts["failed"] += 1
    return counts


def return_one(*, pk: int, at: datetime) -> Prospect | None:
    """The new cycle of one due prospect; None where there is nothing to come back to (or a twin was faster)."""
    with transaction.atomic():
        past = Prospect.objects.select_related("pipeline", "owner").get(pk=pk)
        person = lock_person(past.person_id)
        # Of this person still: a merge, or its undo, may have taken the cycle along while we waited; then the next run.
        if not Prospect.objects.filter(pk=pk, person=person, returned_at=None).update(returned_at=at):
            return None
        at_work = open_cycle_of(person, past.pipeline)
        if at_work is not None:
            _remind(at_work, at_work.owner, at)
        if at_work is not None or _is_gone(past):
            return None
        choice = choose(pipeline=past.pipeline, person=person, at=at)
        prospect = open_cycle(
            person=person, pipeline=past.pipeline, origin=past.origin, at=at, by=None,
            why=_("Came back on the date"), owner=choice.owner, assigned_why=choice.why, rule=choice.rule,
        )  # fmt: skip
        _remind(prospect, choice.owner, at)
        return prospect


def _is_gone(past: Prospect) -> bool:
    person = past.person
    if person.erased_at or person.merged_into_id:
        return True
    never = Prospect.objects.filter(person=person, reason__outcome=Reason.Outcome.SUPPRESS)
    return never.exists() or Lead.objects.filter(person=person, status__in=GONE).exists()


def _remind(prospect: Prospect, owner: Any, at: datetime) -> None:
    FollowUp.objects.create(
        prospect=prospect, kind=FollowUp.Kind.CALL, due_at=at, text=_("Came back on the date"), owner=owner,
        created_at=at,
    )  # fmt: skip
