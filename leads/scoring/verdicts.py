"""Who becomes marketing-qualified, and why: an inquiry at once, or a grade with the required facts.

Rows are the queue: accepted inquiries without `judged_at`, and scores with `qualifies_at`. Each is cleared in the
transaction that acts on it, so it is judged once however often, late or at once this runs.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads import lifecycle
from leads.models import (
    Enrolment,
    Lead,
    LeadMove,
    LeadScore,
    LeadStatus,
    Person,
    ScoringModel,
    Submission,
    WorkRequest,
)
from leads.nurture import goals
from leads.scoring.batch import returned_since
from leads.scoring.facts import Seen, read
from leads.scoring.graduation import goes_by_grade, last_sign
from leads.scoring.panel import Receipts, add_up
from leads.scoring.points import frozen
from leads.scoring.rules import Setup, load_setup, missing_facts
from leads.signals import work_requested
from leads.tracking import make_dirty

log = logging.getLogger(__name__)

LIMIT = 200
WITH_SALES = (LeadStatus.CUSTOMER, LeadStatus.MARKETING_QUALIFIED)


def qualify_due(*, at: datetime, limit: int = LIMIT) -> dict[str, int]:
    """Judge the inquiries and the grades that wait. Two index look-ups where nothing does.

    Counts: qualified, asked (a notice for the owner), excluded, stale, refused, late (somebody was faster), failed.
    """
    return dict(judge_inquiries(at=at, limit=limit) + judge_grades(at=at, limit=limit))


def judge_inquiries(*, at: datetime, limit: int = LIMIT) -> Counter[str]:
    """Accepted forms marked as an inquiry, oldest first."""
    due = Submission.objects.filter(judged_at=None, state=Submission.State.ACCEPTED).exclude(inquiry="")
    due = due.filter(person__isnull=False).order_by("at", "pk")
    return _each(list(due.values_list("pk", flat=True)[:limit]), _judge_inquiry, at)


def judge_grades(*, at: datetime, limit: int = LIMIT) -> Counter[str]:
    """Leads that rescoring found over the threshold."""
    due = LeadScore.objects.filter(qualifies_at__isnull=False).order_by("qualifies_at", "lead")
    return _each(list(due.values_list("lead", flat=True)[:limit]), _judge_grade, at)


def _each(ids: list[int], judge: Callable[[int, Setup, datetime], str], at: datetime) -> Counter[str]:
    """One transaction a row; a row that fails is counted and does not stop the others."""
    counts: Counter[str] = Counter()
    setup = load_setup() if ids else None
    for pk in ids:
        assert setup is not None
        try:
            with transaction.atomic():
                counts[judge(pk, setup, at)] += 1
        except (DatabaseError, LookupError, TypeError, ValueError):
            log.exception("%s %s failed", judge.__name__, pk)
            counts["failed"] += 1
    return counts


def _judge_inquiry(pk: int, setup: Setup, at: datetime) -> str:
    submission = Submission.objects.select_related("page", "person").get(pk=pk)
    assert submission.person is not None  # asked for in judge_inquiries
    lead = _locked_lead(submission.person.pk)
    still = Submission.objects.filter(pk=pk, judged_at=None, person=submission.person_id)
    if not still.update(judged_at=at):
        return "late"
    goals.reached(person=submission.person, goal=goals.Goal.INQUIRY, at=submission.at, by_form=submission)
    if lead is None:
        return "without_lead"
    if lead.status in WITH_SALES or lead.person.sales_open:
        return _ask_owner(submission, at)
    if lead.status == LeadStatus.DISQUALIFIED and submission.at <= lead.status_since:
        return "stale"
    seen = read([lead.pk], at=at, in_words=True)[0]
    if _note_exclusion(seen, setup, at):
        return "excluded"
    why = _("Inquiry: %(kind)s") % {"kind": submission.get_inquiry_display()}
    return _qualify(
        lead, _receipts(seen, setup, at), at, way=LeadMove.Way.INQUIRY, why=why, submission=submission
    )


def _judge_grade(lead_id: int, setup: Setup, at: datetime) -> str:
    lead = _locked_lead(Lead.objects.values_list("person", flat=True).get(pk=lead_id))
    if not LeadScore.objects.filter(lead=lead_id, qualifies_at__isnull=False).update(qualifies_at=None):
        return "late"
    if lead is None or setup.rules is None:
        return "stale"
    seen = read([lead_id], at=at, in_words=True)[0]
    exclusion = _note_exclusion(seen, setup, at)
    result = _receipts(seen, setup, at)
    person = lead.person
    goes = goes_by_grade(
        grade=result.grade,
        engagement=result.engagement,
        status=lead.status,
        exclusion=exclusion,
        out_of_reach=bool(
            person.no_profiling or person.sales_open or person.erased_at or person.merged_into_id
        ),
        facts_missing=bool(missing_facts(seen.facts, setup.rules)),
        returned_at=returned_since([lead_id]).get(lead_id),
        last_sign_at=last_sign(seen.touches, at),
        rules=setup.rules,
    )
    if not goes:
        return "stale"
    why = _("Grade %(grade)s with all required facts") % {"grade": result.grade}
    return _qualify(lead, result, at, way=LeadMove.Way.GRADE, why=why)


def _locked_lead(person_id: int) -> Lead | None:
    """Person first, then lead, then the walks that a move ends or wakes: the lock order of the house.

    The row of the score is the last: a change that is noted at the same time wakes a walk and then marks the score.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    lead = Lead.objects.select_for_update(no_key=True).filter(person=person_id).first()
    if lead is not None:
        lead.person = person
    walks = Enrolment.objects.filter(person=person_id, state=Enrolment.State.ACTIVE)
    list(walks.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return lead


def _note_exclusion(seen: Seen, setup: Setup, at: datetime) -> str:
    """Decided anew, because an inquiry may be judged before its lead is rescored; kept where it changed."""
    lead = seen.lead
    year = at.astimezone(setup.zone).year
    word = setup.exclusion_for(seen.facts, year=year, status=lead.status, said=lead.exclusion)
    if word != lead.exclusion:
        Lead.objects.filter(pk=lead.pk).update(exclusion=word)
        make_dirty(lead_ids=[lead.pk], at=at)
    return word


def _receipts(seen: Seen, setup: Setup, at: datetime) -> Receipts:
    """Under the live rules; empty where none are live, which stops no inquiry."""
    if setup.rules is None:
        return Receipts()
    return add_up(seen, setup.rules, ScoringModel.objects.get(pk=setup.rules.id), at)


def _qualify(lead: Lead, result: Receipts, at: datetime, *, way: str, why: str, submission=None) -> str:
    """The row that moves the lead freezes model, grade and receipts."""
    try:
        lifecycle.qualify(
            lead=lead,
            way=way,
            at=at,
            why=why,
            model=result.model,
            grade=result.grade,
            receipts=frozen(result.lines),
            submission=submission,
        )
    except (Refused, Conflict) as refusal:
        log.info("Lead %s stays as it is: %s", lead.pk, refusal)
        return "refused"
    return "qualified"


def _ask_owner(submission: Submission, at: datetime) -> str:
    """Sales has this person: never a second qualification, but somebody should look."""
    request, made = WorkRequest.objects.get_or_create(
        key=f"form:{submission.pk}",
        defaults={
            "person_id": submission.person_id,
            "kind": WorkRequest.Kind.FORM,
            "note": f"{submission.get_inquiry_display()}: {submission.page.title}"[:300],
            "at": at,
        },
    )
    if made:
        work_requested.send_robust(sender=WorkRequest, request_id=request.pk)
    return "asked"
