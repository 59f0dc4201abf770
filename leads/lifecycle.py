"""What becomes of a lead: the verbs that change its status. Rules of the funnel: docs/glossary.md."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import Sequence as MailSequence
from leads.models import (
    Enrolment,
    Lead,
    LeadMove,
    LeadScore,
    LeadStatus,
    Person,
    ScoringModel,
    Submission,
    Touch,
)
from leads.nurture.enrolment import enrol, exit_enrolments
from leads.nurture.goals import Goal, reached
from leads.nurture.leaving import leave
from leads.nurture.ways_in import let_in_returned
from leads.signals import lead_qualified
from leads.tracking import make_dirty, note_change
from leads.transitions import move

Way = LeadMove.Way
BATCH = 1000


def make_lead(
    *, person: Person, at: datetime, way: str, why: str = "", touch: Touch | None = None, by=None
) -> Lead:
    """The first sign of interest makes the lead; later ones find it. Idempotent, safe against a twin."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        lead, made = Lead.objects.get_or_create(
            person=person,
            defaults={"created_at": at, "status_since": at, "first_touch": touch, "last_touch": touch},
        )
        if made:
            LeadMove.objects.create(
                lead=lead, old="", new=LeadStatus.NEW, way=way, at=at, by=by, why=why[:300]
            )
            LeadScore.objects.create(lead=lead, dirty_at=at)
    return lead


def start_nurture(*, lead: Lead, at: datetime, why: str = "", by=None) -> None:
    """A new lead is being nurtured from its first sequence on; any other status stays."""
    with transaction.atomic():
        lead = _locked(lead.pk)
        if lead.status == LeadStatus.NEW:
            move(lead=lead, new=LeadStatus.NURTURING, way=Way.NURTURE, at=at, by=by, why=why)


def start_nurture_of_many(*, sequence: MailSequence, entered_at: datetime, at: datetime, by=None) -> int:
    """The same for everybody who entered `sequence` at that moment; in batches. Returns how many moved."""
    entered = Enrolment.objects.filter(sequence=sequence, started_at=entered_at).values("person")
    moved = 0
    while batch := _move_new(
        Lead.objects.filter(status=LeadStatus.NEW, person__in=entered), sequence, at, by
    ):
        moved += batch
    return moved


def _move_new(leads: QuerySet[Lead], sequence: MailSequence, at: datetime, by) -> int:
    with transaction.atomic():
        chosen = list(leads.select_for_update(of=("self",), no_key=True).order_by("pk")[:BATCH])
        LeadMove.objects.bulk_create(
            LeadMove(
                lead=lead, old=lead.status, new=LeadStatus.NURTURING, way=Way.NURTURE, at=at, by=by,
                why=str(sequence)[:300],
            )
            for lead in chosen
        )  # fmt: skip
        pks = [lead.pk for lead in chosen]
        Lead.objects.filter(pk__in=pks).update(status=LeadStatus.NURTURING, status_since=at)
        make_dirty(lead_ids=pks, at=at)
    return len(chosen)


def qualify(
    *,
    lead: Lead,
    way: str,
    at: datetime,
    by=None,
    why: str = "",
    model: ScoringModel | None = None,
    grade: str = "",
    receipts: Sequence[dict] = (),
    submission: Submission | None = None,
) -> LeadMove:
    """Make the lead marketing-qualified and hand it over: the prospect is made in this transaction by the signal.

    ``way`` is ``inquiry`` or ``grade``; model, grade and receipts are frozen on the move row. Raises Refused for
    an excluded lead, a customer and a person who is with sales already; Conflict where somebody was faster.
    """
    with transaction.atomic():
        lead = _locked(lead.pk)
        _refuse_qualifying(lead)
        row = move(
            lead=lead, new=LeadStatus.MARKETING_QUALIFIED, way=way, at=at, by=by, why=why, model=model, grade=grade,
            receipts=receipts, submission=submission,
        )  # fmt: skip
        reached(person=lead.person, goal=Goal.HANDOVER, at=at)
        exit_enrolments(person=lead.person, reason="handed over", at=at)
        lead_qualified.send_robust(sender=LeadMove, move_id=row.pk)
    return row


def return_to_nurture(
    *,
    person: Person,
    at: datetime,
    by=None,
    why: str = "",
    reason_name: str = "",
    sequence: MailSequence | None = None,
) -> Lead:
    """Sales gives a person back. One without a lead becomes one: they answered with interest, if not yet."""
    with transaction.atomic():
        lead = make_lead(person=person, at=at, way=Way.SALES, why=why, by=by)
        lead = _locked(lead.pk)
        words = ": ".join(filter(None, [reason_name, why]))
        if lead.status in (LeadStatus.NEW, LeadStatus.MARKETING_QUALIFIED):
            move(lead=lead, new=LeadStatus.NURTURING, way=Way.SALES, at=at, by=by, why=words)
        elif lead.status == LeadStatus.NURTURING:
            _note_return(lead, at, by, words)
        if sequence:
            enrol(person=person, sequence=sequence, at=at, by=by)
        let_in_returned(person=person, at=at)
    return lead


def disqualify(*, person: Person, at: datetime, by=None, why: str = "", exclusion: str = "") -> Lead | None:
    """No customer will come of this. A cold contact has no lead and gets none; a second call changes nothing."""
    with transaction.atomic():
        lead = _locked_of(person)
        if lead is None:
            return None
        exit_enrolments(person=person, reason="disqualified", at=at)
        if exclusion:
            Lead.objects.filter(pk=lead.pk).update(exclusion=exclusion)
            make_dirty(lead_ids=[lead.pk], at=at)
        if lead.status != LeadStatus.DISQUALIFIED:
            move(
                lead=lead,
                new=LeadStatus.DISQUALIFIED,
                way=Way.SALES if by else Way.STAFF,
                at=at,
                by=by,
                why=why,
            )
    return lead


def become_customer(*, person: Person, at: datetime, by=None, why: str = "") -> Lead | None:
    """A deal was won. Somebody who never was a lead stays without one; the won prospect says it all."""
    with transaction.atomic():
        reached(person=person, goal=Goal.CUSTOMER, at=at)
        lead = _locked_of(person)
        if lead is None:
            return None
        exit_enrolments(person=person, reason="became a customer", at=at)
        if lead.status != LeadStatus.CUSTOMER:
            move(lead=lead, new=LeadStatus.CUSTOMER, way=Way.SALES, at=at, by=by, why=why)
    return lead


def note_sales_stage(
    *, person: Person, stage: str, open: bool, at: datetime, owner=None, moved_on: bool = False
) -> None:
    """What sales does with the person, as far as marketing needs to know; same transaction as the stage move.

    `owner`: whose prospect it is while open; mail of sequences for prospects comes from them. While sales work on
    a person, sequences for leads end; when they stop, or got on with the person (`moved_on`), those for prospects do.
    """
    owner = owner if open else None
    Person.objects.filter(pk=person.pk).update(sales_stage=stage, sales_open=open, sales_owner=owner)
    person.sales_stage, person.sales_open, person.sales_owner = stage, open, owner
    audiences = MailSequence.Audience
    ends, why = (audiences.LEADS, "with sales") if open else (audiences.PROSPECTS, "no longer with sales")
    leave(Enrolment.objects.filter(person=person, sequence__audience=ends), reason=why, at=at)
    if open and moved_on:
        cadences = Enrolment.objects.filter(person=person, sequence__audience=audiences.PROSPECTS)
        leave(cadences, reason="a stage further", at=at)
    note_change(person_ids=[person.pk], at=at)


def _note_return(lead: Lead, at: datetime, by, why: str) -> None:
    """The status stays, but the day of the return is kept: an old grade alone must not qualify again."""
    stays = {"old": lead.status, "new": lead.status}
    LeadMove.objects.get_or_create(
        lead=lead, at=at, way=Way.SALES, defaults={**stays, "by": by, "why": why[:300]}
    )
    make_dirty(lead_ids=[lead.pk], at=at)


def _locked(pk: int) -> Lead:
    """Person first, then lead: the lock order of the house."""
    person_id = Lead.objects.values_list("person", flat=True).get(pk=pk)
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    lead = Lead.objects.select_for_update(no_key=True).get(pk=pk)
    if lead.person_id == person.pk:  # else a merge was faster
        lead.person = person
    return lead


def _locked_of(person: Person) -> Lead | None:
    pk = Lead.objects.filter(person=person).values_list("pk", flat=True).first()
    return _locked(pk) if pk else None


def _refuse_qualifying(lead: Lead) -> None:
    if lead.exclusion:
        raise Refused(_("Excluded as %(what)s.") % {"what": lead.get_exclusion_display()})
    if lead.person.sales_open:
        raise Refused(_("Sales works on this person already."))
