"""On what ground a mail may go: consent for marketing, the sale for customers, the open conversation for prospects.

The rule (docs/sending.md). Leads: consent. Customers: consent, or that they are customers and have never said no.
Prospects, one to one from their owner: consent, or an open conversation: sales work on them, they wrote to us
within half a year, and they have not said no since. A cold contact, who has no lead, while sales work on them: the
ground that is written down for their address, until they say no, and for five mails without an answer at most. A
withdrawal ends all but what they ask for themselves.
"""

from __future__ import annotations

from datetime import datetime

from campaigns.models import Sequence as MailSequence
from leads.models import LeadStatus, Message
from leads.sending.gate.answer import Why
from leads.sending.gate.contacts import MOST_UNANSWERED
from leads.sending.gate.known import CONVERSATION, Known

Audience = MailSequence.Audience
WON = "won"  # the stage of sales, as leads know it


def of_sequence(message: Message, known: Known, at: datetime) -> str:
    """The ground of a sequence mail in words; empty: there is none."""
    assert message.enrolment is not None
    person, audience = message.person, message.enrolment.sequence.audience
    consent = known.consented.get(person.pk, "")
    if consent or audience == Audience.LEADS:
        return consent
    refused = known.refused.get(person.pk)
    if audience == Audience.CUSTOMERS:
        return "" if refused or known.leads.get(person.pk) != LeadStatus.CUSTOMER else "our own customer"
    if not person.sales_open:
        return ""
    spoke = known.conversations.get(person.pk)
    if spoke and spoke >= at - CONVERSATION and not (refused and refused > spoke):
        return f"open conversation with their owner, they wrote on {spoke:%Y-%m-%d}"
    return "" if _why_not_cold(person.pk, known) else known.contacts.grounds[person.pk]


def _why_not_cold(person: int, known: Known) -> str:
    """Why the ground that is written down for a cold contact allows no mail; empty: it does."""
    if person in known.refused:
        return Why.OBJECTED
    if person in known.leads:
        return Why.NO_CONVERSATION
    if person not in known.contacts.grounds:
        return Why.NO_CONTACT_BASIS
    too_many = known.contacts.unanswered.get(person, 0) >= MOST_UNANSWERED
    return Why.TOO_MANY_UNANSWERED if too_many else ""


def missing(message: Message, known: Known) -> str:
    """Why there is no ground."""
    assert message.enrolment is not None
    audience = message.enrolment.sequence.audience
    if audience == Audience.LEADS:
        return Why.NO_CONSENT
    if message.person_id in known.refused:
        return Why.OBJECTED
    if audience != Audience.PROSPECTS:
        return Why.NO_CONSENT
    return _why_not_cold(message.person_id, known) or Why.NO_CONVERSATION


def of_asked_for(message: Message, known: Known, at: datetime) -> str:
    if message.submission_id:
        return f"asked for by form {message.submission_id}"
    return f"asked for, {message.key}"[:120]


def of_one_to_one(message: Message, known: Known, at: datetime) -> str:
    """Of a colleague's own mail, an invitation to a meeting among them; empty: there is none."""
    if message.pk in known.invitations:
        return "an invitation to a meeting"
    if why_not_by_hand(message, known):
        return ""
    cold = known.contacts.grounds.get(message.person_id)
    return cold or (
        "owner's own mail to a prospect" if message.person.sales_open else "a colleague's own mail"
    )


def why_not_by_hand(message: Message, known: Known) -> str:
    """Why a colleague may not write to somebody on their own; empty: they may.

    Whoever is or was a lead, wrote to us, or bought, may be answered. Of anybody else the ground must be written down,
    and they must not have said no to mail of ours: the law does not tell one mail from many.
    """
    person = message.person_id
    if person in known.leads or person in known.consented or person in known.conversations:
        return ""
    if person in known.refused:
        return Why.OBJECTED
    is_customer = message.person.sales_stage == WON
    return "" if is_customer or person in known.contacts.grounds else Why.NO_CONTACT_BASIS
