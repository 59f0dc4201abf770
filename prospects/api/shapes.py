"""How a prospect and its next step read in the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from leads.models import OwnMail
from prospects.models import Account, Deal, FollowUp, ListedPerson, Prospect, ProspectingList
from prospects.prospecting.starting import Told


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


def mail_shape(mail: OwnMail) -> dict[str, Any]:
    """One mail with the person; `state` is the ledger's, empty for a mail that did not leave by us."""
    return {
        "id": mail.pk,
        "direction": mail.direction,
        "at": mail.at,
        "by": mail.user.get_username() if mail.user else None,
        "subject": mail.subject,
        "text": mail.text,
        "thread": mail.thread,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to or None,
        "state": mail.sent_as.state if mail.sent_as else "",
        "why": mail.sent_as.reason if mail.sent_as else "",
    }


def list_shape(one: ProspectingList) -> dict[str, Any]:
    """A list of cold contacts, and on what ground we speak to whoever stands on it."""
    return {
        "id": one.pk,
        "name": one.name,
        "source": one.source,
        "basis": one.basis,
        "basis_note": one.basis_note,
        "cadence": {"id": one.cadence.pk, "name": one.cadence.name} if one.cadence else None,
        "created_at": one.created_at,
        "archived_at": one.archived_at,
    }


def listed_shape(row: ListedPerson) -> dict[str, Any]:
    """As on the page: no address and no number; those are the prospect's, for whoever works on them."""
    person = row.person
    return {
        "id": row.pk,
        "person": {
            "id": person.pk, "name": person.name, "job_title": person.job_title,
            "company": person.company.name if person.company else person.company_name,
        },
        "state": row.state,
        "why": row.why,
        "fit": row.fit,
        "fit_why": row.fit_why,
        "like": row.like_id,
        "prospect": row.prospect_id,
        "stage": row.prospect.stage.slug if row.prospect else None,
        "started_at": row.started_at,
    }  # fmt: skip


def told_shape(line: Told) -> dict[str, Any]:
    """What became of a row: done, same (begun already), refused or gone, and why in words."""
    return {
        "row": line.row.pk if line.row else None,
        "what": line.what,
        "said": str(line.said),
        "prospect": line.prospect.pk if line.prospect else None,
    }


def account_shape(account: Account) -> dict[str, Any]:
    company, owner = account.company, account.owner
    return {
        "id": account.pk,
        "company": {
            "id": company.pk, "name": company.name, "domain": company.domain, "country": company.country,
            "industry": company.industry,
        },
        "owner": {"id": owner.pk, "name": str(owner)} if owner else None,
        "tier": account.tier,
        "is_target": account.is_target,
    }  # fmt: skip


def deal_shape(deal: Deal, *, full: bool = False) -> dict[str, Any]:
    """A row of the list; `full` adds products, who takes part, custom values and the history."""
    shape = {
        "id": deal.pk,
        "title": deal.title,
        "status": deal.status,
        "amount": _sum(deal.amount),
        "currency": deal.currency,
        "base_amount": _sum(deal.base_amount),
        "prospect": deal.prospect_id,
        "account": deal.account_id,
        "opened_at": deal.opened_at,
        "expected_on": deal.expected_on,
        "closed_at": deal.closed_at,
        "reason": deal.reason.slug if deal.reason else None,
        "offer": deal.offer_id,
    }
    return shape | (_deal_more(deal) if full else {})


def _sum(amount: Decimal | None) -> str | None:
    """In words: a reader that takes sums for floats would lose cents."""
    return None if amount is None else f"{amount:.2f}"


def _deal_more(deal: Deal) -> dict[str, Any]:
    return {
        "custom": deal.custom,
        "lines": [
            {"product": line.product.name, "quantity": _sum(line.quantity), "price": _sum(line.price)}
            for line in deal.lines.select_related("product")
        ],
        "people": [{"person": one.person_id, "role": one.role} for one in deal.people.order_by("at", "pk")],
        "moves": [
            {"from": move.old or None, "to": move.new, "at": move.at, "by": move.by_id}
            for move in deal.moves.order_by("pk")
        ],
    }
