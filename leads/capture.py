"""The one front door: a submitted form becomes person, lead, submission, touch and consent, or nothing at all.

``capture`` decides, ``leads.capture_rows`` writes, both in one transaction. It does not score, enrich or mail:
it leaves due rows and a nudge, and the worker does the rest within seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import ConsentText, FormField, InquiryKind, LandingPage
from leads.capture_rows import CaptureRows, write
from leads.consent import MARKETING, has_consent, is_suppressed
from leads.identity import Keys, email_key, find_person, phone_key
from leads.lifecycle import start_nurture
from leads.models import (
    ConsentEvent,
    Fact,
    Lead,
    LeadMove,
    LeadStatus,
    Message,
    Person,
    Submission,
    Touch,
    TouchKind,
    WorkRequest,
)
from leads.nudge import nudge
from leads.nurture.enrolment import enrol
from leads.nurture.outbox import download_row, optin_row
from leads.tracking import VisitContext, campaign_for, channel_for

Maps = FormField.Maps
COLUMNS = {
    Maps.EMAIL: "email",
    Maps.FIRST_NAME: "first_name",
    Maps.LAST_NAME: "last_name",
    Maps.COMPANY: "company_name",
    Maps.JOB_TITLE: "job_title",
    Maps.PHONE: "phone",
    Maps.COUNTRY: "country",
}
KEPT_IN_THE_SUBMISSION = {Maps.EMAIL, Maps.MESSAGE}
TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Captured:
    """What came of a form. A twin carries the rows of the first one; a quarantined one has no person."""

    submission: Submission
    person: Person | None
    lead: Lead | None
    twin: bool = False
    quarantined: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One form as it came in, with what identifies the sender."""

    page: LandingPage
    answers: Mapping[str, str]
    consents: Sequence[ConsentText]
    visit: VisitContext
    nonce: str
    keys: Keys
    at: datetime


def capture(
    *,
    page: LandingPage,
    answers: Mapping[str, str],
    consents: Sequence[ConsentText],
    visit: VisitContext,
    nonce: str,
    at: datetime,
    suspicions: Sequence[str] = (),
) -> Captured:
    """Take a form in. ``answers`` are keyed by what the field fills (``FormField.Maps``, custom: ``custom_<key>``).

    The same nonce and address twice is answered with the first result. ``suspicions`` (honeypot, too fast) put the
    form into quarantine: kept, and nothing else happens. Raises Refused where nothing identifies the sender.
    """
    keys = Keys(
        email_key=_email(answers), phone_key=phone_key(answers.get("phone", ""), answers.get("country", ""))
    )
    if not keys:
        raise Refused(_("Please give an e-mail address or a phone number."), missing=["email"])
    entry = Entry(
        page=page, answers=answers, consents=consents, visit=visit, nonce=nonce or _slot(at), keys=keys, at=at
    )
    for attempt in range(1, TRIES + 1):
        twin = _twin_of(entry)
        if twin:
            return twin
        try:
            with transaction.atomic():
                return _quarantine(entry, suspicions) if suspicions else _accept(entry)
        except IntegrityError:
            # Somebody wrote the same person or the same form at this moment; the next look finds it.
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _accept(entry: Entry) -> Captured:
    rows = decide(entry)
    write(rows)
    if (
        entry.page.sequence
        and has_consent(person=rows.person, purpose=MARKETING)
        and not rows.person.sales_open
    ):
        enrol(person=rows.person, sequence=entry.page.sequence, at=entry.at, submission=rows.submission)
        start_nurture(lead=rows.lead, at=entry.at, why=str(entry.page.sequence))
    nudge(
        "leads.scoring.verdicts.qualify_due" if entry.page.inquiry else "leads.nurture.delivery.deliver_due"
    )
    return Captured(submission=rows.submission, person=rows.person, lead=rows.lead)


def _quarantine(entry: Entry, suspicions: Sequence[str]) -> Captured:
    submission = _submission(entry)
    submission.state = Submission.State.QUARANTINED
    submission.reasons = ", ".join(suspicions)[:200]
    submission.judged_at = entry.at
    submission.save(force_insert=True)
    return Captured(submission=submission, person=None, lead=None, quarantined=True)


def decide(entry: Entry) -> CaptureRows:
    """All rows of an accepted form, unsaved. Reads, never writes."""
    person = find_person(entry.keys) or Person(
        email_key=entry.keys.email_key,
        phone_key=entry.keys.phone_key,
        created_at=entry.at,
        language=entry.page.language,
    )
    known = Lead.objects.filter(person=person).first() if person.pk else None
    lead = known or _new_lead(person, entry.at)
    changes = _said(person, entry)
    consents = _consents(person, entry)
    move = LeadMove(old="", new=lead.status, way=LeadMove.Way.CAPTURE, at=entry.at, why=str(entry.page))
    with_sales = person.sales_open or lead.status == LeadStatus.CUSTOMER
    return CaptureRows(
        at=entry.at,
        person=person,
        person_changes=changes,
        submission=_submission(entry),
        lead=lead,
        touch=_touch(entry),
        moves=[] if known else [move],
        facts=_facts(person, entry, changes),
        consents=consents,
        requests=[_notice(entry)] if with_sales else [],
        messages=_messages(person, entry, consents),
    )


def _new_lead(person: Person, at: datetime) -> Lead:
    """Somebody won as a cold contact is a customer already, so their first form makes no new prospect of them."""
    status = LeadStatus.CUSTOMER if person.sales_stage == "won" else LeadStatus.NEW
    return Lead(status=status, created_at=at, status_since=at, recorded_at=at)


def _notice(entry: Entry) -> WorkRequest:
    """The owner should know of it."""
    return WorkRequest(kind=WorkRequest.Kind.FORM, note=entry.page.title[:300], at=entry.at)


def _email(answers: Mapping[str, str]) -> str | None:
    raw = answers.get("email", "")
    return email_key(raw) if raw else None


def _slot(at: datetime) -> str:
    """Without a nonce the same page and address within ten minutes is the same form."""
    return f"slot:{int(at.timestamp()) // 600}"


def _twin_of(entry: Entry) -> Captured | None:
    first = (
        Submission.objects.select_related("person__lead")
        .filter(page=entry.page, nonce=entry.nonce[:64], email_key=entry.keys.email_key or "")
        .first()
    )
    if first is None:
        return None
    quarantined = first.state == Submission.State.QUARANTINED
    lead = getattr(first.person, "lead", None) if first.person else None
    return Captured(submission=first, person=first.person, lead=lead, twin=True, quarantined=quarantined)


def _submission(entry: Entry) -> Submission:
    return Submission(
        page=entry.page, at=entry.at, state=Submission.State.ACCEPTED, email_key=entry.keys.email_key or "",
        nonce=entry.nonce[:64], answers=dict(entry.answers), inquiry=entry.page.inquiry,
        source_url=entry.visit.url[:500], ip=entry.visit.ip, agent=entry.visit.agent,
        judged_at=None if entry.page.inquiry else entry.at,
        **entry.visit.origin(),
    )  # fmt: skip


def _said(person: Person, entry: Entry) -> list[str]:
    """Fill empty columns with what was said. A stranger's form never replaces what we know: see ``_facts``."""
    changed = []
    for maps_to, column in COLUMNS.items():
        value = entry.answers.get(maps_to, "")
        if value and not getattr(person, column):
            setattr(person, column, value)
            changed.append(column)
    if entry.keys.phone_key and not person.phone_key and not _phone_taken(entry.keys.phone_key):
        person.phone_key = entry.keys.phone_key
        changed.append("phone_key")
    return changed


def _phone_taken(key: str) -> bool:
    return Person.objects.filter(phone_key=key).exists()


def _facts(person: Person, entry: Entry, filled: list[str]) -> list[Fact]:
    """Answers that no column holds, and answers that differ from what a column holds."""
    facts = []
    for name, value in entry.answers.items():
        column = COLUMNS.get(Maps(name)) if name in Maps.values else None
        known = column is not None and (column in filled or getattr(person, column) == value)
        if value and not known and name not in KEPT_IN_THE_SUBMISSION:
            facts.append(
                Fact(
                    field=name,
                    value=value[:500],
                    source=Fact.Source.SAID,
                    detail=entry.page.slug,
                    at=entry.at,
                )
            )
    return facts


def _touch(entry: Entry) -> Touch:
    """At capture the submit is the touch; an inquiry is one of its own kind."""
    inquiry = entry.page.inquiry != InquiryKind.NONE
    return Touch(
        kind=TouchKind.INQUIRY if inquiry else TouchKind.FORM, at=entry.at, recorded_at=entry.at,
        channel=channel_for(entry.visit), campaign=campaign_for(entry.visit) or entry.page.campaign, page=entry.page,
        asset=entry.page.asset, label=entry.page.get_inquiry_display() if inquiry else "", **entry.visit.origin(),
    )  # fmt: skip


def _consents(person: Person, entry: Entry) -> list[ConsentEvent]:
    """One piece of evidence a ticked box. Who had unsubscribed must confirm by mail, as on a double opt-in page."""
    key = entry.keys.email_key
    pending = entry.page.double_opt_in or bool(key and person.pk and is_suppressed(key))
    return [
        ConsentEvent(
            purpose=text.purpose, given=True, text=text, page=entry.page, at=entry.at, recorded_at=entry.at,
            pending=pending and text.purpose == MARKETING, source_url=entry.visit.url[:500], ip=entry.visit.ip,
        )
        for text in entry.consents
    ]  # fmt: skip


def _messages(person: Person, entry: Entry, consents: Sequence[ConsentEvent]) -> list[Message]:
    """The download mail where there is a file to send, the opt-in mail where a consent waits for it."""
    if not entry.keys.email_key:
        return []
    messages = []
    if entry.page.asset and entry.page.asset.gated and (entry.page.asset.file or entry.page.asset.link):
        messages.append(download_row(person=person, at=entry.at))
    if any(consent.pending for consent in consents):
        messages.append(optin_row(person=person, at=entry.at))
    return messages
