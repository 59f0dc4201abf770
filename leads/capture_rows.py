"""The rows of one capture and their writer. ``leads.capture`` decides; nothing here reads or judges."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.models import (
    ConsentEvent,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    Message,
    Person,
    Submission,
    Touch,
    WorkRequest,
)

MESSAGE_KEYS = {Message.Kind.DOWNLOAD: "dl", Message.Kind.OPT_IN: "optin"}


@dataclass(kw_only=True)
class CaptureRows:
    """Unsaved rows that point at each other; ``person`` and ``lead`` may be saved already."""

    at: datetime
    person: Person
    person_changes: list[str]
    submission: Submission
    lead: Lead
    touch: Touch
    moves: list[LeadMove] = field(default_factory=list)
    consents: list[ConsentEvent] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    requests: list[WorkRequest] = field(default_factory=list)


def write(rows: CaptureRows) -> None:
    """Save all rows; call inside one transaction. Raises IntegrityError where a twin was faster."""
    if rows.person._state.adding:
        rows.person.save(force_insert=True)
    elif rows.person_changes:
        rows.person.save(update_fields=rows.person_changes)
    rows.submission.person = rows.person
    rows.submission.save(force_insert=True)
    rows.touch.person, rows.touch.submission = rows.person, rows.submission
    rows.touch.save(force_insert=True)
    _write_lead(rows)
    for message in rows.messages:
        message.key = f"{MESSAGE_KEYS[Message.Kind(message.kind)]}:{rows.submission.pk}"
    for request in rows.requests:
        # The verdict on an inquiry asks by the same key, so the owner is asked once.
        request.key = f"form:{rows.submission.pk}"
    evidence: tuple[Any, ...] = (*rows.consents, *rows.messages)
    for row in evidence:
        row.submission = rows.submission
    others: tuple[Any, ...] = (*evidence, *rows.facts, *rows.requests)
    for other in others:
        other.person = rows.person
        other.save(force_insert=True)


def _write_lead(rows: CaptureRows) -> None:
    """A lead known before keeps its first touch; its score becomes due either way."""
    if rows.lead._state.adding:
        rows.lead.person = rows.person
        rows.lead.first_touch = rows.lead.last_touch = rows.touch
        rows.lead.save(force_insert=True)
    else:
        Lead.objects.filter(pk=rows.lead.pk).update(last_touch=rows.touch)
    for row in rows.moves:
        row.lead = rows.lead
        row.save(force_insert=True)
    if not LeadScore.objects.filter(lead=rows.lead).update(dirty_at=rows.at):
        LeadScore.objects.create(lead=rows.lead, dirty_at=rows.at)
