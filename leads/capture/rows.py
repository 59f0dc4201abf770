"""The rows of one capture, and their writer row by row. Nothing here reads or judges."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.models import (
    ConsentEvent,
    Enrolment,
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

SUBMISSION = "{submission}"  # stands in a key for the number that the submission gets


class Stale(Exception):
    """The person or the lead has changed since it was read: look again and decide anew."""


@dataclass(kw_only=True)
class CaptureRows:
    """Unsaved rows that point at each other; ``person``, ``lead`` and ``submission`` may be saved already."""

    at: datetime
    person: Person
    person_changes: list[str]
    submission: Submission
    lead: Lead
    lead_was: str
    lead_changes: dict[str, Any] = field(default_factory=dict)
    touch: Touch
    moves: list[LeadMove] = field(default_factory=list)
    consents: list[ConsentEvent] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    requests: list[WorkRequest] = field(default_factory=list)
    enrolment: Enrolment | None = None

    def __post_init__(self) -> None:
        for request in self.requests:
            # The verdict on an inquiry asks by the same key, so the owner is asked once.
            request.key = f"form:{SUBMISSION}"


def write_each(rows: CaptureRows) -> None:
    """Save row by row; call inside one transaction. Raises IntegrityError where a twin was faster, or Stale."""
    _write_person(rows)
    rows.submission.person = rows.person
    rows.submission.save()
    rows.touch.person, rows.touch.submission = rows.person, rows.submission
    rows.touch.save(force_insert=True)
    _write_lead(rows)
    keyed: tuple[Any, ...] = (*rows.messages, *rows.requests)
    for row in keyed:
        row.key = row.key.replace(SUBMISSION, str(rows.submission.pk))
    evidence: list[Any] = [*rows.consents, *rows.messages]
    if rows.enrolment:
        evidence.append(rows.enrolment)
    for row in evidence:
        row.submission = rows.submission
    others: tuple[Any, ...] = (*evidence, *rows.facts, *rows.requests)
    for other in others:
        other.person = rows.person
        other.save(force_insert=True)


def _write_person(rows: CaptureRows) -> None:
    person = rows.person
    if person._state.adding:
        person.save(force_insert=True)
        return
    now = Person.objects.select_for_update(no_key=True).filter(
        pk=person.pk, erased_at=None, merged_into=None, sales_open=person.sales_open
    )
    blanks = now.values(*rows.person_changes or ["pk"]).first()
    if blanks is None or any(blanks[name] for name in rows.person_changes):
        raise Stale
    if rows.person_changes:
        person.save(update_fields=rows.person_changes)


def _write_lead(rows: CaptureRows) -> None:
    """A lead known before keeps its first touch; its score becomes due either way."""
    lead = rows.lead
    if lead._state.adding:
        lead.person = rows.person
        lead.first_touch = lead.last_touch = rows.touch
        _take_over(lead, rows.lead_changes)
        lead.save(force_insert=True)
    else:
        _take_over(lead, rows.lead_changes)
        changes = rows.lead_changes or {"status": rows.lead_was}
        if not Lead.objects.filter(pk=lead.pk, status=rows.lead_was).update(**changes):
            raise Stale
    for row in rows.moves:
        row.lead = lead
        row.save(force_insert=True)
    if not LeadScore.objects.filter(lead=lead).update(dirty_at=rows.at):
        LeadScore.objects.create(lead=lead, dirty_at=rows.at)


def _take_over(lead: Lead, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(lead, name, value)
