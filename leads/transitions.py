"""Which lead status may follow which, and the one way a status changes."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.errors import Conflict, Refused
from leads.models import Lead, LeadMove, LeadStatus, ScoringModel, Submission
from leads.tracking import note_change

S = LeadStatus
ALLOWED: dict[str, set[str]] = {
    S.NEW: {S.NURTURING, S.MARKETING_QUALIFIED, S.DISQUALIFIED, S.CUSTOMER},
    S.NURTURING: {S.MARKETING_QUALIFIED, S.DISQUALIFIED, S.CUSTOMER},
    S.MARKETING_QUALIFIED: {S.NURTURING, S.DISQUALIFIED, S.CUSTOMER},
    S.DISQUALIFIED: {S.MARKETING_QUALIFIED, S.NURTURING, S.CUSTOMER},
    S.CUSTOMER: set(),
}


def move(
    *,
    lead: Lead,
    new: str,
    way: str,
    at: datetime,
    by=None,
    why: str = "",
    model: ScoringModel | None = None,
    grade: str = "",
    receipts: Sequence[dict] = (),
    submission: Submission | None = None,
) -> LeadMove:
    """Change the status and write its history row; call inside the transaction that locked the lead.

    Raises Refused for a move the table does not know, Conflict where somebody else moved the lead first.
    """
    old = lead.status
    if new not in ALLOWED[old]:
        raise Refused(f"A lead that is {lead.get_status_display()} cannot become {LeadStatus(new).label}.")
    changed = {"status": new, "status_since": at}
    if new == LeadStatus.MARKETING_QUALIFIED and lead.marketing_qualified_at is None:
        changed["marketing_qualified_at"] = at
    if not Lead.objects.filter(pk=lead.pk, status=old).update(**changed):
        raise Conflict(now=Lead.objects.get(pk=lead.pk).get_status_display())
    for name, value in changed.items():
        setattr(lead, name, value)
    note_change(person_ids=[lead.person_id], at=at)
    return LeadMove.objects.create(
        lead=lead, old=old, new=new, way=way, at=at, by=by, why=why[:300], model=model, grade=grade,
        receipts=list(receipts), submission=submission,
    )  # fmt: skip
