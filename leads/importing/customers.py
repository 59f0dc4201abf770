"""Past sales make customers of leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leads.importing.changes import Changes
from leads.importing.due import make_due
from leads.models import Lead, LeadMove, LeadStatus


def become_customers(
    *, won: Mapping[int, datetime], detail: str, by: Any, at: datetime, changes: Changes | None = None
) -> Counter[str]:
    """`won` is person id → time of the sale. Call inside a transaction.

    The move is dated no earlier than the status it ends, so that the history stays readable in order; the true
    date of the sale stands on the deal. Returns counts: changed, known, without_lead.
    """
    changes = changes if changes is not None else Changes()
    leads = list(Lead.objects.select_for_update(no_key=True).filter(person__in=won).order_by("pk"))
    moves = []
    for lead in leads:
        if lead.status != LeadStatus.CUSTOMER:
            when = max(won[lead.person_id], lead.status_since)
            moves.append(
                LeadMove(
                    lead=lead, old=lead.status, new=LeadStatus.CUSTOMER, way=LeadMove.Way.IMPORTED, why=detail,
                    at=when, recorded_at=at, by=by,
                )
            )  # fmt: skip
            changes.move(lead, status=str(LeadStatus.CUSTOMER), status_since=when)
    # The rows are locked since they were read, so the old status still holds.
    Lead.objects.bulk_update([move.lead for move in moves], ["status", "status_since"])
    changes.insert(moves)
    make_due(lead_ids=[move.lead_id for move in moves], at=at, changes=changes)
    return Counter(changed=len(moves), known=len(leads) - len(moves), without_lead=len(won) - len(leads))
