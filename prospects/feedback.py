"""What marketing hears when sales is done with a person: the outcome of the reason, as a few plain calls down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leads.consent import suppress
from leads.lifecycle import disqualify, return_to_nurture
from leads.models import Lead, Suppression
from prospects.models import Prospect, Reason
from prospects.qualification import had_conversation

Outcome = Reason.Outcome


def tell_marketing(*, prospect: Prospect, reason: Reason, note: str, by: Any, at: datetime) -> None:
    """Carry out what the reason says; in the transaction that closed the cycle.

    A cold contact becomes a lead only by interest: "not now" said in a conversation. Any other end leaves the
    person what they were, a contact without a lead, whom marketing does not write to.
    """
    person, outcome = prospect.person, reason.outcome
    if outcome == Outcome.SUPPRESS:
        _never_again(prospect, note, at)
    if outcome in (Outcome.SUPPRESS, Outcome.DISQUALIFY):
        disqualify(person=person, at=at, by=by, why=_why(reason, note), exclusion=reason.exclusion)
    elif Lead.objects.filter(person=person).exists() or _interested(prospect, reason):
        return_to_nurture(person=person, at=at, by=by, why=note, reason_name=reason.name)


def _interested(prospect: Prospect, reason: Reason) -> bool:
    return reason.outcome == Outcome.RETURN_ON_DATE and had_conversation(prospect)


def _never_again(prospect: Prospect, note: str, at: datetime) -> None:
    """By address where there is one. Without, the closed cycle itself keeps the person off the phone lists."""
    person = prospect.person
    if person.email_key:
        suppress(
            email_key=person.email_key,
            person=person,
            reason=Suppression.Reason.SALES,
            at=at,
            evidence=note[:200],
        )


def _why(reason: Reason, note: str) -> str:
    return ": ".join(filter(None, [reason.name, note]))
