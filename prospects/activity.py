"""The call: what happened, what it taught and what comes next go in by one form, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects import tries
from prospects.follow_ups import plan, refuse_closed_kindly
from prospects.models import Call, FollowUp, Note, Prospect, Reason
from prospects.pipeline import first_act, hand_back
from prospects.qualification import answer, missing_for
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
    recording: str = "",
    bant: Mapping[str, Mapping[str, Any]] | None = None,
    follow_up: Mapping[str, Any] | None = None,
    submit_key: Any = None,
) -> Call:
    """A call, what was learnt (question → columns of BantAnswer), and the next step (kind, due_at, text).

    Stops the clock of the first answer and ticks off the calls that were due, if a person acted (`by`). It is not a
    verdict: accepting stays a choice of its own. A cold contact goes from "to contact" to "contacting". Where nobody
    was reached and no next step is given, the rule of `prospects.tries` plans it. "Do not call" ends the cycle.
    Raises Refused for a stranger or a closed cycle; a twin of the form answers with the first call.
    """
    if outcome not in Outcome.values:
        raise Refused(_("Say how the call went."))
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = logged_already(prospect, submit_key)
        if twin is not None:
            return twin
        refuse_closed_kindly(prospect)
        call = Call.objects.create(
            prospect=prospect, outcome=outcome, direction=direction, minutes=minutes, note=note,
            recording=recording, by=by, at=at, submit_key=submit_key,
        )  # fmt: skip
        take_in(call, prospect=prospect, bant=bant, follow_up=follow_up, by=by, at=at)
    return call


def logged_already(prospect: Prospect, submit_key: Any) -> Call | None:
    """The call that a twin of this form left. Raises Refused where the key is that of somebody else's form."""
    twin = Call.objects.filter(submit_key=submit_key).first() if submit_key else None
    if twin is not None and twin.prospect_id != prospect.pk:
        raise Refused(_("This form was sent for somebody else already: load the page again."))
    return twin


def take_in(
    call: Call,
    *,
    prospect: Prospect,
    bant: Mapping[str, Mapping[str, Any]] | None,
    follow_up: Mapping[str, Any] | None,
    by: Any,
    at: datetime,
) -> None:
    """What a call that was written down brings with it; the prospect is locked."""
    for question, columns in (bant or {}).items():
        answer(prospect=prospect, question=question, by=by, at=at, call=call, **columns)
    note_first_act(prospect, by=by, at=at)
    if by is not None:
        _tick_off_calls(prospect, by=by, at=at)
    _after_call(prospect, call, follow_up, by=by, at=at)


def _after_call(
    prospect: Prospect, call: Call, follow_up: Mapping[str, Any] | None, *, by: Any, at: datetime
) -> None:
    if call.outcome == Outcome.DO_NOT_CALL:
        _never_again(prospect, call, by=by, at=at)
        return
    _leave_to_contact(prospect, by=by, at=at)
    if follow_up:
        plan(prospect, by=by, at=at, **follow_up)
    elif not prospect.follow_ups.filter(done_at=None, due_at__gt=at).exists():
        by_rule = tries.next_step(prospect, call, at=at)
        if by_rule:
            plan(prospect, by=None, at=at, **by_rule)


def _leave_to_contact(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """The first call to a cold contact; where the next stage asks for more than a call, it stays."""
    if prospect.origin != Prospect.Origin.OUTBOUND or prospect.stage.slug != TO_CONTACT or by is None:
        return
    contacting = stage_named(prospect.pipeline, CONTACTING)
    if not missing_for(prospect, contacting, by=by):
        enter(prospect, contacting, at=at, by=by, why=_("First call"))


def _never_again(prospect: Prospect, call: Call, *, by: Any, at: datetime) -> None:
    """They asked for silence on the phone: the reason that suppresses ends the cycle, in the same transaction."""
    reason = Reason.objects.in_use().filter(outcome=Reason.Outcome.SUPPRESS).first()
    if reason is None:
        raise Refused(_("No reason in use says that a person is never contacted again."))
    hand_back(prospect, reason, by=by, at=at, note=call.note[:300], return_on=None)


def add_note(*, prospect: Prospect, text: str, by: Any, at: datetime, submit_key: Any = None) -> Note:
    """Keep a note, on a closed cycle as well. A twin of the form answers with the first one."""
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = Note.objects.filter(submit_key=submit_key).first() if submit_key else None
        return twin or Note.objects.create(prospect=prospect, text=text, by=by, at=at, submit_key=submit_key)


def note_first_act(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """Stops the clock of the first answer, if a person acts and nobody has before."""
    changed = first_act(prospect, by=by, at=at)
    if changed:
        Prospect.objects.filter(pk=prospect.pk, first_acted_at=None).update(**changed)
        prospect.first_acted_at = at


def _tick_off_calls(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """Done by this call: what was promised for today or before, and whatever the rule of tries had planned."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due = Q(kind__in=FOR_CALLS, due_at__lt=midnight) | Q(created_by=None, work_request=None)
    prospect.follow_ups.filter(due, done_at=None).update(done_at=at, done_by=by)
