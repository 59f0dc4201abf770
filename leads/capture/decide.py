"""Which rows follow from a form, given what we know of its sender. Writes nothing."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from campaigns.models import Channel, ConsentText, FormField, InquiryKind
from leads.capture.entry import Entry, Stated
from leads.capture.known import Known
from leads.capture.rows import CaptureRows
from leads.channels import campaign_for, channel_for
from leads.consent import MARKETING
from leads.models import (
    ConsentEvent,
    Door,
    Enrolment,
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
from leads.nurture.enrolment import next_round
from leads.sending.outbox import download_row, optin_row

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


def decide(entry: Entry, known: Known) -> CaptureRows:
    """All rows of an accepted form, unsaved; they point at each other."""
    person = known.person or _new_person(entry, known)
    lead = known.lead or _new_lead(person, entry)
    changes = _said(person, entry, known)
    consents = _consents(entry, known)
    rows = CaptureRows(
        at=entry.now,
        person=person,
        person_changes=changes,
        submission=submission_row(entry),
        lead=lead,
        lead_was=lead.status,
        touch=_touch(entry),
        moves=[] if known.lead else [_first_move(lead, entry)],
        facts=_facts(person, entry, changes),
        consents=consents,
        requests=_requests(person, lead, entry),
        messages=_messages(person, entry, consents),
        enrolment=_enrolment(person, lead, entry, known, consents),
    )
    _note_touch(rows, entry, known)
    _start_nurture(rows, entry)
    return rows


def submission_row(entry: Entry) -> Submission:
    """The form itself; a released one is the row that lay in quarantine."""
    row = entry.released or Submission(
        page=entry.page, at=entry.at, door=entry.door, campaign=entry.campaign, label=entry.label[:160],
        email_key=entry.email_key, nonce=entry.stored_nonce, answers=dict(entry.answers), inquiry=entry.inquiry,
        source_url=entry.visit.url[:500], ip=entry.visit.ip, agent=entry.visit.agent,
        visitor_id=entry.visit.visitor_id, site=entry.site, share=entry.share,
        ticked=entry.ticked, marks=", ".join(entry.marks)[:200], test=entry.test, variant=entry.variant, by=entry.by,
        **entry.visit.origin(),
    )  # fmt: skip
    row.state = Submission.State.ACCEPTED
    row.judged_at = None if entry.inquiry else entry.now
    if entry.released:
        row.released_at, row.by = entry.now, entry.by  # type: ignore[assignment]
    return row


def _new_person(entry: Entry, known: Known) -> Person:
    """Of two people with one number the second keeps it as text only."""
    phone_key = None if known.phone_taken else entry.keys.phone_key
    language = entry.page.language if entry.page is not None else ""
    return Person(email_key=entry.keys.email_key, phone_key=phone_key, created_at=entry.at, language=language)


def _new_lead(person: Person, entry: Entry) -> Lead:
    """Somebody won as a cold contact is a customer already, so their first form makes no new prospect of them."""
    status = LeadStatus.CUSTOMER if person.sales_stage == "won" else LeadStatus.NEW
    return Lead(status=status, created_at=entry.at, status_since=entry.at, recorded_at=entry.now)


def _first_move(lead: Lead, entry: Entry) -> LeadMove:
    way = LeadMove.Way.STAFF if entry.door == Door.STAFF else LeadMove.Way.CAPTURE
    return LeadMove(
        old="", new=lead.status, way=way, at=entry.at, recorded_at=entry.now, why=entry.title[:300],
        by=entry.by if entry.typed_by_staff else None,
    )  # fmt: skip


def _said(person: Person, entry: Entry, known: Known) -> list[str]:
    """Fill empty columns with what was said. A stranger's form never replaces what we know: see ``_facts``."""
    changed = []
    for maps_to, column in COLUMNS.items():
        value = entry.answers.get(maps_to, "")
        if value and not getattr(person, column):
            setattr(person, column, value)
            changed.append(column)
    if entry.keys.email_key and not person.email_key:  # met by number before
        person.email_key = entry.keys.email_key
        changed.append("email_key")
    if entry.keys.phone_key and not person.phone_key and not known.phone_taken:
        person.phone_key = entry.keys.phone_key
        changed.append("phone_key")
    return changed


def _facts(person: Person, entry: Entry, filled: list[str]) -> list[Fact]:
    """Answers that no column holds or that differ from it; of what staff wrote down, every answer."""
    facts = []
    for name, value in entry.answers.items():
        column = COLUMNS.get(Maps(name)) if name in Maps.values else None
        known = column is not None and (column in filled or getattr(person, column) == value)
        if value and name not in KEPT_IN_THE_SUBMISSION and (entry.typed_by_staff or not known):
            facts.append(_fact(name, value, entry))
    return facts


def _fact(name: str, value: str, entry: Entry) -> Fact:
    source = Fact.Source.STAFF if entry.typed_by_staff else Fact.Source.SAID
    detail = entry.page.slug if entry.page is not None else entry.title
    return Fact(
        field=name, value=value[:500], source=source, detail=detail[:120], at=entry.at, recorded_at=entry.now,
        by=entry.by if entry.typed_by_staff else None,
    )  # fmt: skip


def _touch(entry: Entry) -> Touch:
    """At capture the submit is the touch; an inquiry and a check-in are of their own kinds."""
    page, inquiry = entry.page, entry.inquiry != InquiryKind.NONE
    kind = TouchKind.INQUIRY if inquiry else TouchKind.EVENT if entry.door == Door.EVENT else TouchKind.FORM
    own = entry.campaign or (page.campaign if page is not None else None)
    label = page.get_inquiry_display() if page is not None and inquiry else entry.label
    return Touch(
        kind=kind, at=entry.at, recorded_at=entry.now, channel=_channel(entry),
        campaign=campaign_for(entry.visit) or own, page=page, asset=page.asset if page is not None else None,
        label=label[:160], share=entry.share, **entry.visit.origin(),
    )  # fmt: skip


def _channel(entry: Entry) -> Channel:
    """Where staff name it, theirs; a check-in is its campaign's; else what the visit tells."""
    if entry.channel is not None:
        return entry.channel
    if entry.typed_by_staff and entry.campaign is not None:
        return entry.campaign.channel
    return channel_for(entry.visit)


def _consents(entry: Entry, known: Known) -> list[ConsentEvent]:
    """One piece of evidence a ticked box. Who had unsubscribed must confirm by mail, as on a double opt-in page."""
    waits = known.suppressed or (entry.page is not None and entry.page.double_opt_in)
    return [_consent(given, entry, waits) for given in entry.consents]


def _consent(given: ConsentText | Stated, entry: Entry, waits: bool) -> ConsentEvent:
    stated = isinstance(given, Stated)
    return ConsentEvent(
        purpose=given.purpose, given=True, text=None if stated else given, page=entry.page,
        basis=given.basis[:200] if isinstance(given, Stated) else "",
        at=given.at if isinstance(given, Stated) else entry.at, recorded_at=entry.now,
        pending=waits and given.purpose == MARKETING, source_url=entry.visit.url[:500], ip=entry.visit.ip,
        by=entry.by if entry.typed_by_staff else None,
    )  # fmt: skip


def _requests(person: Person, lead: Lead, entry: Entry) -> list[WorkRequest]:
    """Sales or an account manager has this person: the owner should know of the form."""
    if not (person.sales_open or lead.status == LeadStatus.CUSTOMER):
        return []
    return [WorkRequest(kind=WorkRequest.Kind.FORM, note=entry.title[:300], at=entry.now)]


def _messages(person: Person, entry: Entry, consents: Sequence[ConsentEvent]) -> list[Message]:
    """The download mail where there is a file to send, the opt-in mail where a consent waits for it."""
    if not (entry.email_key and person.email) or entry.typed_by_staff:
        return []
    messages = []
    asset = entry.page.asset if entry.page is not None else None
    if asset and asset.gated and (asset.file or asset.link):
        messages.append(download_row(person=person, at=entry.now))
    if any(consent.pending for consent in consents):
        messages.append(optin_row(person=person, at=entry.now))
    return messages


def _enrolment(
    person: Person, lead: Lead, entry: Entry, known: Known, consents: Sequence[ConsentEvent]
) -> Enrolment | None:
    """The page's sequence, for somebody who may be written to and is not with sales."""
    sequence = entry.page.sequence if entry.page is not None else None
    said_yes = any(consent.purpose == MARKETING and not consent.pending for consent in consents)
    if sequence is None or person.sales_open or not (said_yes or known.consented):
        return None
    return next_round(
        person=person, sequence=sequence, status=lead.status, last=known.last_round, at=entry.now
    )


def _note_touch(rows: CaptureRows, entry: Entry, known: Known) -> None:
    """The newest touch is the last one. An older form that comes now (released, an event) may be the first."""
    if known.lead is None:
        return
    if entry.at == entry.now:
        rows.lead_changes["last_touch"] = rows.touch
        return
    first, last = known.lead.first_touch, known.lead.last_touch
    if first is None or entry.at < first.at:
        rows.lead_changes["first_touch"] = rows.touch
    if last is None or entry.at >= last.at:
        rows.lead_changes["last_touch"] = rows.touch


def _start_nurture(rows: CaptureRows, entry: Entry) -> None:
    """The first sequence makes a new lead a nurtured one."""
    if rows.enrolment is None or rows.lead.status != LeadStatus.NEW:
        return
    rows.moves.append(
        LeadMove(
            old=LeadStatus.NEW, new=LeadStatus.NURTURING, way=LeadMove.Way.NURTURE, at=entry.now,
            recorded_at=entry.now, why=str(rows.enrolment.sequence)[:300],
        )
    )  # fmt: skip
    rows.lead_changes |= {"status": LeadStatus.NURTURING, "status_since": entry.now}


def no_sender() -> str:
    return _("Please give an e-mail address or a phone number.")
