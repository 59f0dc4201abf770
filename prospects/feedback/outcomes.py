"""What marketing hears when sales is done with a person: the outcome of the reason, as a few plain calls down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.errors import Refused
from leads import opt_in
from leads.consent import MARKETING, record_consent, suppress
from leads.lifecycle import disqualify, return_to_nurture
from leads.models import ContactBasis, Lead, Suppression
from prospects.models import Prospect, Reason
from prospects.qualification import had_conversation

Outcome = Reason.Outcome
WITHOUT_A_LEAD = {
    Outcome.NURTURE: gettext_lazy("stays a contact"),
    Outcome.WRONG_PERSON: gettext_lazy("stays a contact; find the right person there"),
}


def in_words(reason: Reason, *, is_lead: bool) -> str:
    """What becomes of the person by this reason: who never was a lead returns to no nurture."""
    without = None if is_lead else WITHOUT_A_LEAD.get(Outcome(reason.outcome))
    return str(without or reason.get_outcome_display())


def became(prospect: Prospect, reason: Reason) -> str:
    """The same once it was carried out. One query."""
    return in_words(reason, is_lead=Lead.objects.filter(person=prospect.person_id).exists())


def tell_marketing(*, prospect: Prospect, reason: Reason, note: str, by: Any, at: datetime) -> None:
    """Carry out what the reason says; in the transaction that closed the cycle.

    A cold contact becomes a lead only by interest: "not now" said in a conversation. Any other end leaves the
    person what they were, a contact without a lead, whom marketing does not write to.
    """
    person, outcome = prospect.person, reason.outcome
    if outcome == Outcome.SUPPRESS:
        _never_again(prospect, note, by=by, at=at)
    if outcome in (Outcome.SUPPRESS, Outcome.DISQUALIFY):
        disqualify(person=person, at=at, by=by, why=_why(reason, note), exclusion=reason.exclusion)
    elif Lead.objects.filter(person=person).exists() or _interested(prospect, reason):
        return_to_nurture(person=person, at=at, by=by, why=note, reason_name=reason.name)


def ask_consent(
    *, prospect: Prospect, reason: Reason | None, by: Any, at: datetime, submit_key: Any = None
) -> None:
    """They said in a conversation that we may write to them: a lead from now on, and their mailbox is asked to confirm.

    In the transaction that closed the cycle. Raises Refused where the cycle does not end in nurture, where nobody
    talked, and without an address.
    """
    if reason is None or reason.outcome in (Outcome.SUPPRESS, Outcome.DISQUALIFY):
        words = _("Say with which reason they go to nurture, where marketing may then write to them.")
        raise Refused(words, missing=[_("a reason that gives them to nurture")])
    if not had_conversation(prospect):
        raise Refused(_("Only they themselves can agree: log the conversation in which they did."))
    person, heard = prospect.person, _("told %(who)s on the phone") % {"who": by or _("a colleague")}
    if not Lead.objects.filter(person=person).exists():
        return_to_nurture(person=person, at=at, by=by, why=heard, reason_name=reason.name)
    opt_in.ask(person=person, heard=heard, by=by, at=at, submit_key=submit_key)


def _interested(prospect: Prospect, reason: Reason) -> bool:
    return reason.outcome == Outcome.RETURN_ON_DATE and had_conversation(prospect)


def _never_again(prospect: Prospect, note: str, *, by: Any, at: datetime) -> None:
    """By address where there is one. Without, the closed cycle itself keeps the person off the phone lists.

    The objection of a cold contact hangs on the person too: whatever address comes later, no ground to write counts.
    """
    person = prospect.person
    if ContactBasis.objects.filter(person=person).exists():
        said = _("told sales not to contact them")
        record_consent(person=person, purpose=MARKETING, given=False, at=at, by=by, basis=said)
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
