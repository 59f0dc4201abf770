"""What sales does: calls, follow-ups, notes, meetings. A call with all it taught goes in by one form, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.nurture.goals import Goal, reached
from prospects import tries
from prospects.models import Call, FollowUp, Meeting, Note, Prospect, Reason
from prospects.pipeline import first_act, hand_back
from prospects.qualification import answer
from prospects.stages import CONTACTING, TO_CONTACT, stage_named
from prospects.transitions import enter, lock, refuse_stranger

Outcome, Kind = Call.Outcome, FollowUp.Kind
FOR_CALLS = (Kind.CALL, Kind.ANSWER)


def log_call(
    *,
    prospect: Prospect,
    outcome: str,
    by: Any,
    at: datetime,
    direction: str = Call.Direction.OUT,
    minutes: int | None = None,
    note: str = "",
    bant: Mapping[str, Mapping[str, Any]] | None = None,
    follow_up: Mapping[str, Any] | None = None,
    submit_key: Any = None,
) -> Call:
    """A call, what was learnt (question → columns of BantAnswer), and the next step (kind, due_at, text).

    Stops the clock of the first answer and ticks off the calls that were due. It is not a verdict: accepting
    stays a choice of its own. A cold contact goes from "to contact" to "contacting". Where nobody was reached
    and no next step is given, the rule of `prospects.tries` plans it. "Do not call" ends the cycle.
    Raises Refused for a stranger or a closed cycle; a twin of the form answers with the first call.
    """
    if outcome not in Outcome.values:
        raise Refused(_("Say how the call went."))
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = Call.objects.filter(submit_key=submit_key).first() if submit_key else None
        if twin is not None:
            return twin
        _refuse_closed_kindly(prospect)
        call = Call.objects.create(
            prospect=prospect, outcome=outcome, direction=direction, minutes=minutes, note=note, by=by, at=at,
            submit_key=submit_key,
        )  # fmt: skip
        for question, columns in (bant or {}).items():
            answer(prospect=prospect, question=question, by=by, at=at, call=call, **columns)
        _note_first_act(prospect, by=by, at=at)
        _tick_off_calls(prospect, by=by, at=at)
        _after_call(prospect, call, follow_up, by=by, at=at)
    return call


def _after_call(
    prospect: Prospect, call: Call, follow_up: Mapping[str, Any] | None, *, by: Any, at: datetime
) -> None:
    if call.outcome == Outcome.DO_NOT_CALL:
        _never_again(prospect, call, by=by, at=at)
        return
    if prospect.origin == Prospect.Origin.OUTBOUND and prospect.stage.slug == TO_CONTACT:
        enter(prospect, stage_named(prospect.pipeline, CONTACTING), at=at, by=by, why=_("First call"))
    if follow_up:
        _plan(prospect, by=by, at=at, **follow_up)
    elif not prospect.follow_ups.filter(done_at=None, due_at__gt=at).exists():
        by_rule = tries.next_step(prospect, call, at=at)
        if by_rule:
            _plan(prospect, by=None, at=at, **by_rule)


def _never_again(prospect: Prospect, call: Call, *, by: Any, at: datetime) -> None:
    """They asked for silence on the phone: the reason that suppresses ends the cycle, in the same transaction."""
    reason = Reason.objects.in_use().filter(outcome=Reason.Outcome.SUPPRESS).first()
    if reason is None:
        raise Refused(_("No reason in use says that a person is never contacted again."))
    hand_back(prospect, reason, by=by, at=at, note=call.note[:300], return_on=None)


def plan_follow_up(
    *,
    prospect: Prospect,
    kind: str,
    due_at: datetime,
    by: Any,
    at: datetime,
    text: str = "",
    submit_key: Any = None,
) -> FollowUp:
    """Promise a next step. A twin of the form answers with the first one."""
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = FollowUp.objects.filter(submit_key=submit_key).first() if submit_key else None
        if twin is not None:
            return twin
        _refuse_closed_kindly(prospect)
        return _plan(prospect, kind=kind, due_at=due_at, text=text, by=by, at=at, submit_key=submit_key)


def _plan(prospect: Prospect, *, kind: str, due_at: datetime, by: Any, at: datetime, **more: Any) -> FollowUp:
    return FollowUp.objects.create(
        prospect=prospect,
        kind=kind,
        due_at=due_at,
        owner=prospect.owner,
        created_at=at,
        created_by=by,
        **more,
    )


def finish_follow_up(*, follow_up: FollowUp, by: Any, at: datetime) -> FollowUp:
    """Tick off a promise. Doing it twice changes nothing: who was first stays."""
    with transaction.atomic():
        lock(follow_up.prospect)
        refuse_stranger(follow_up.prospect, by)
        FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(done_at=at, done_by=by)
        follow_up.refresh_from_db(fields=["done_at", "done_by"])
    return follow_up


def add_note(*, prospect: Prospect, text: str, by: Any, at: datetime, submit_key: Any = None) -> Note:
    """Keep a note, on a closed cycle as well. A twin of the form answers with the first one."""
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = Note.objects.filter(submit_key=submit_key).first() if submit_key else None
        return twin or Note.objects.create(prospect=prospect, text=text, by=by, at=at, submit_key=submit_key)


def book_meeting(
    *,
    prospect: Prospect,
    starts_at: datetime,
    by: Any,
    at: datetime,
    minutes: int = 30,
    subject: str = "",
    submit_key: Any = None,
) -> Meeting:
    """Agree on a meeting; a human act, so it stops the clock of the first answer."""
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = Meeting.objects.filter(submit_key=submit_key).first() if submit_key else None
        if twin is not None:
            return twin
        _refuse_closed_kindly(prospect)
        _note_first_act(prospect, by=by, at=at)
        reached(person=prospect.person, goal=Goal.MEETING, at=at)
        return Meeting.objects.create(
            prospect=prospect, at=starts_at, minutes=minutes, subject=subject, by=by, recorded_at=at,
            submit_key=submit_key,
        )  # fmt: skip


def close_meeting(*, meeting: Meeting, outcome: str, by: Any, at: datetime) -> Meeting:
    """Say how a booked meeting went: held, no-show or moved. Raises Conflict where that was said already."""
    if outcome not in (Meeting.Outcome.HELD, Meeting.Outcome.NO_SHOW, Meeting.Outcome.MOVED):
        raise Refused(_("A meeting was held, was a no-show, or was moved."))
    with transaction.atomic():
        lock(meeting.prospect)
        refuse_stranger(meeting.prospect, by)
        booked = Meeting.objects.filter(pk=meeting.pk, outcome=Meeting.Outcome.BOOKED)
        if not booked.update(outcome=outcome):
            raise Conflict(now=Meeting.objects.get(pk=meeting.pk).get_outcome_display())
        meeting.outcome = outcome
    return meeting


def _refuse_closed_kindly(prospect: Prospect) -> None:
    """Refused, not Conflict: a form full of words must come back with its words."""
    if not prospect.is_open:
        raise Refused(_("This cycle is closed: %(stage)s.") % {"stage": prospect.stage.name})


def _note_first_act(prospect: Prospect, *, by: Any, at: datetime) -> None:
    changed = first_act(prospect, by=by, at=at)
    if changed:
        Prospect.objects.filter(pk=prospect.pk, first_acted_at=None).update(**changed)
        prospect.first_acted_at = at


def _tick_off_calls(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """Done by this call: what was promised for today or before, and whatever the rule of tries had planned."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due = Q(kind__in=FOR_CALLS, due_at__lt=midnight) | Q(created_by=None, work_request=None)
    prospect.follow_ups.filter(due, done_at=None).update(done_at=at, done_by=by)
