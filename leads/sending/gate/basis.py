"""On what ground a mail may go: consent for marketing, the sale for customers, the open conversation for prospects.

The rule (docs/sending.md). Leads: consent. Customers: consent, or that they are customers and have never said no.
Prospects, one to one from their owner: consent, or an open conversation: sales work on them, they wrote to us
within half a year, and they have not said no since. A withdrawal ends all but what they ask for themselves.
"""

from __future__ import annotations

from datetime import datetime

from campaigns.models import Sequence as MailSequence
from leads.models import LeadStatus, Message
from leads.sending.gate.answer import Why
from leads.sending.gate.known import CONVERSATION, Known

Audience = MailSequence.Audience


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
    spoke = known.conversations.get(person.pk)
    if not person.sales_open or spoke is None or spoke < at - CONVERSATION or (refused and refused > spoke):
        return ""
    return f"open conversation with their owner, they wrote on {spoke:%Y-%m-%d}"


def missing(message: Message, known: Known) -> str:
    """Why there is no ground."""
    assert message.enrolment is not None
    audience = message.enrolment.sequence.audience
    if audience == Audience.LEADS:
        return Why.NO_CONSENT
    if message.person_id in known.refused:
        return Why.OBJECTED
    return Why.NO_CONVERSATION if audience == Audience.PROSPECTS else Why.NO_CONSENT


def of_asked_for(message: Message, known: Known, at: datetime) -> str:
    if message.submission_id:
        return f"asked for by form {message.submission_id}"
    return f"asked for, {message.key}"[:120]


def of_one_to_one(message: Message, known: Known, at: datetime) -> str:
    return "owner's own mail to a prospect" if message.person.sales_open else "a colleague's own mail"
