"""From marketing to sales: a marketing-qualified move becomes a prospect; a request from below becomes a follow-up.

The rows are the truth (`LeadMove.handed_at`, `WorkRequest.taken_at` are still empty), the signals only make it
prompt. Everything here may run twice, late, or twice at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.models import Lead, LeadMove, LeadStatus, Person, WorkRequest
from prospects.assignment.choosing import choose
from prospects.clocks.clock import DAY, GRADE_A_MINUTES, INQUIRY_MINUTES, add_working_minutes
from prospects.clocks.working_time import hours_of
from prospects.cycles import open_cycle, open_cycle_of
from prospects.models import AssignmentRule, FollowUp, Note, Pipeline, Prospect, Reason
from prospects.stages import default_pipeline
from prospects.transitions import lock_person

log = logging.getLogger(__name__)

ASKED_WITHIN = timedelta(days=30)  # an older request of somebody whom nobody works on is no news any more
LIMIT = 500

KIND_OF_WORK: dict[str, str] = {
    WorkRequest.Kind.STEP: FollowUp.Kind.CALL,
    WorkRequest.Kind.SOCIAL: FollowUp.Kind.SOCIAL,
    WorkRequest.Kind.TO_DO: FollowUp.Kind.OTHER,
}


def answer_minutes(move: LeadMove) -> int:
    """Working minutes for the first answer: an inquiry waits least, then grade A, then the rest."""
    if move.way == LeadMove.Way.INQUIRY:
        return INQUIRY_MINUTES
    return GRADE_A_MINUTES if move.grade.startswith("A") else DAY


def open_from_move(*, move: LeadMove, at: datetime) -> Prospect:
    """Make the prospect of a marketing-qualified move; a second call answers with the first result.

    Where sales works on the person already, nothing is opened: the owner gets a follow-up.
    """
    with transaction.atomic():
        person = lock_person(Lead.objects.values_list("person", flat=True).get(pk=move.lead_id))
        pipeline = default_pipeline()
        at_work = open_cycle_of(person, pipeline)
        if not LeadMove.objects.filter(pk=move.pk, handed_at=None).update(handed_at=at):
            return _made_of(move, at_work)
        if at_work is not None:
            _tell_owner(at_work, move, at)
            return at_work
        return _open_inbound(person, pipeline, move, at)


def _open_inbound(person: Person, pipeline: Pipeline, move: LeadMove, at: datetime) -> Prospect:
    choice = choose(pipeline=pipeline, person=person, at=at)
    return open_cycle(
        person=person,
        pipeline=pipeline,
        origin=Prospect.Origin.INBOUND,
        at=at,
        by=None,
        why=_("Marketing-qualified: %(way)s") % {"way": move.get_way_display()},
        lead_move=move,
        marketing_qualified_at=move.at,
        answer_by=add_working_minutes(at, answer_minutes(move), hours_of(choice.owner, at)),
        owner=choice.owner,
        assigned_why=choice.why,
        rule=choice.rule,
    )


def _made_of(move: LeadMove, at_work: Prospect | None) -> Prospect:
    made = Prospect.objects.filter(lead_move=move).first() or at_work
    if made is None:
        raise Refused(_("This move was handed over, and its cycle is closed."))
    return made


def _tell_owner(prospect: Prospect, move: LeadMove, at: datetime) -> None:
    text = _("Qualified again: %(way)s") % {"way": move.get_way_display()}
    FollowUp.objects.create(
        prospect=prospect,
        kind=FollowUp.Kind.ANSWER,
        due_at=at,
        text=text,
        owner=prospect.owner,
        created_at=at,
    )


def open_cold(
    *,
    person: Person,
    owner: Any,
    at: datetime,
    by: Any,
    note: str = "",
    submit_key: Any = None,
    assigned_why: str = "",
    rule: AssignmentRule | None = None,
    step: str = "",
    step_at: datetime | None = None,
) -> Prospect:
    """Begin work on a cold contact. Never makes a lead, and has no clock: nobody asked for anything.

    The first follow-up is a call at once, or `step` at `step_at`.

    Raises Refused for a lead (marketing hands those over), for a person somebody works on, and for one who
    asked not to be contacted.
    """
    with transaction.atomic():
        person = lock_person(person.pk)
        pipeline = default_pipeline()
        twin = Prospect.objects.filter(submit_key=submit_key).first() if submit_key else None
        if twin is not None:
            return twin
        _refuse_cold(person, pipeline)
        prospect = open_cycle(
            person=person, pipeline=pipeline, origin=Prospect.Origin.OUTBOUND, at=at, by=by,
            why=_("Cold contact"), owner=owner, submit_key=submit_key,
            assigned_why=assigned_why or _entered_by(by), rule=rule,
        )  # fmt: skip
        if note:
            Note.objects.create(prospect=prospect, text=note, at=at, by=by)
        FollowUp.objects.create(
            prospect=prospect, kind=FollowUp.Kind.OTHER if step else FollowUp.Kind.CALL, due_at=step_at or at,
            text=step[:200] or _("First call"), owner=owner, created_at=at, created_by=by,
        )  # fmt: skip
        return prospect


def _entered_by(by: Any) -> str:
    return _("Entered by %(who)s") % {"who": by} if by else _("From a list")


def _refuse_cold(person: Person, pipeline: Pipeline) -> None:
    at_work = open_cycle_of(person, pipeline)
    if at_work is not None:
        raise Refused(_("Exists, owned by %(owner)s.") % {"owner": at_work.owner or _("nobody yet")})
    if Lead.objects.filter(person=person).exists():
        raise Refused(_("This person is a lead already: marketing hands over who is ready."))
    if asked_for_silence(person):
        raise Refused(_("This person asked not to be contacted."))


def asked_for_silence(person: Person) -> bool:
    """Whether a cycle of this person ended with "do not contact"; holds without an e-mail address, too."""
    return Prospect.objects.filter(person=person, reason__outcome=Reason.Outcome.SUPPRESS).exists()


def take_request(*, request: WorkRequest, at: datetime) -> FollowUp | None:
    """Turn a request from below into a follow-up of whoever works, or last worked, on the person; once."""
    with transaction.atomic():
        person = lock_person(request.person_id)
        cycles = Prospect.objects.filter(person=person).select_related("owner")
        prospect = cycles.filter(closed_at=None).first() or cycles.order_by("-opened_at", "-pk").first()
        if prospect is None:
            return None
        if not WorkRequest.objects.filter(pk=request.pk, taken_at=None).update(taken_at=at):
            return FollowUp.objects.filter(work_request=request).first()
        return FollowUp.objects.create(
            prospect=prospect, kind=KIND_OF_WORK.get(request.kind, FollowUp.Kind.ANSWER), due_at=at,
            text=(request.note or request.get_kind_display())[:200], owner=prospect.owner, created_at=at,
            work_request=request,
        )  # fmt: skip


def sweep(*, at: datetime) -> dict[str, int]:
    """Hand over what a signal did not. One bad row is logged and counted; it stops nobody else."""
    moves = LeadMove.objects.filter(new=LeadStatus.MARKETING_QUALIFIED, handed_at=None)
    moves = moves.exclude(way=LeadMove.Way.IMPORTED).order_by("at")
    somebodys = Exists(Prospect.objects.filter(person=OuterRef("person")))
    requests = WorkRequest.objects.filter(somebodys, taken_at=None, at__gte=at - ASKED_WITHIN).order_by("at")
    handed, failed = _each(moves[:LIMIT], lambda move: open_from_move(move=move, at=at))
    asked, failed_too = _each(requests[:LIMIT], lambda request: take_request(request=request, at=at))
    return {"handed": handed, "asked": asked, "failed": failed + failed_too}


def _each(rows: Iterable[Any], verb: Callable[[Any], Any]) -> tuple[int, int]:
    done = failed = 0
    for row in rows:
        try:
            verb(row)
            done += 1
        except Exception:
            log.exception("%s was not handed over", row)
            failed += 1
    return done, failed
