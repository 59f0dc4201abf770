"""How a prospect and its next step read in the API."""

from __future__ import annotations

from typing import Any

from prospects.models import FollowUp, Prospect


def prospect_shape(prospect: Prospect, *, full: bool = False) -> dict[str, Any]:
    """A row of the list; `full` adds the history and what is planned."""
    person, owner = prospect.person, prospect.owner
    lead = getattr(person, "lead", None)
    shape = {
        "id": prospect.pk,
        "person": {
            "id": person.pk, "name": person.name, "email": person.email, "phone": person.phone,
            "job_title": person.job_title, "company": person.company.name if person.company else person.company_name,
        },
        "origin": prospect.origin,
        "round": prospect.round,
        "stage": prospect.stage.slug,
        "stage_since": prospect.stage_since,
        "open": prospect.is_open,
        "owner": {"id": owner.pk, "name": str(owner)} if owner else None,
        "account": prospect.account_id,
        "grade": getattr(getattr(lead, "score", None), "grade", ""),
        "verdict": prospect.verdict,
        "reason": prospect.reason.slug if prospect.reason else None,
        "return_on": prospect.return_on,
        "opened_at": prospect.opened_at,
        "answer_by": prospect.answer_by,
        "first_acted_at": prospect.first_acted_at,
        "accepted_at": prospect.accepted_at,
        "sales_qualified_at": prospect.sales_qualified_at,
        "closed_at": prospect.closed_at,
    }  # fmt: skip
    return shape | (_more(prospect) if full else {})


def _more(prospect: Prospect) -> dict[str, Any]:
    moves = prospect.moves.select_related("old", "new", "reason")
    return {
        "custom": prospect.custom,
        "follow_ups": [step_shape(step) for step in prospect.follow_ups.filter(done_at=None)],
        "moves": [
            {
                "from": move.old.slug if move.old else None,
                "to": move.new.slug,
                "at": move.at,
                "by": move.by_id,
                "why": move.why,
                "reason": move.reason.slug if move.reason else None,
            }
            for move in moves
        ],
    }


def step_shape(step: FollowUp) -> dict[str, Any]:
    return {
        "id": step.pk,
        "kind": step.kind,
        "due_at": step.due_at,
        "text": step.text,
        "done_at": step.done_at,
    }
