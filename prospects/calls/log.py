"""The call: what happened, what it taught and what comes next go in by one form, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.clocks import tries
from prospects.clocks.local_days import tomorrow
from prospects.first_act import leave_to_contact, note_first_act
from prospects.follow_ups import plan, refuse_closed_kindly
from prospects.models import Call, FollowUp, Prospect, Reason
from prospects.pipeline import hand_back
from prospects.pressed_twice import lock_for
from prospects.qualification import answer

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
    was reached and no next step is given, the rule of `prospects.clocks.tries` plans it. "Do not call" ends the cycle.
    Raises Refused for a stranger or a closed cycle; a twin of the form answers with the first call.
    """
    if outcome not in Outcome.values:
        raise Refused(_("Say how the call went."))
    with transaction.atomic():
        twin = lock_for(prospect, Call, submit_key, by=by)
        if twin is not None:
            return twin
        refuse_closed_kindly(prospect)
        call = Call.objects.create(
            prospect=prospect, outcome=outcome, direction=direction, minutes=minutes, note=note,
            recording=recording, by=by, at=at, submit_key=submit_key,
        )  # fmt: skip
        take_in(call, prospect=prospect, bant=bant, follow_up=follow_up, by=by, at=at)
    return call


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
    leave_to_contact(prospect, by=by, at=at, why=_("First call"))
    if follow_up:
        plan(prospect, by=by, at=at, **follow_up)
    elif not prospect.follow_ups.filter(done_at=None, due_at__gt=at).exists():
        by_rule = tries.next_step(prospect, call, at=at)
        if by_rule:
            plan(prospect, by=None, at=at, **by_rule)


def _never_again(prospect: Prospect, call: Call, *, by: Any, at: datetime) -> None:
    """They asked for silence on the phone: the reason that suppresses ends the cycle, in the same transaction."""
    reason = Reason.objects.in_use().filter(outcome=Reason.Outcome.SUPPRESS).first()
    if reason is None:
        raise Refused(_("No reason in use says that a person is never contacted again."))
    hand_back(prospect, reason, by=by, at=at, note=call.note[:300], return_on=None)


def _tick_off_calls(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """Done by this call: what was promised for today or before, and whatever the rule of tries had planned."""
    tick_off_by_rule(prospect, by=by, at=at)
    due = prospect.follow_ups.filter(kind__in=FOR_CALLS, due_at__lt=tomorrow(at), done_at=None)
    due.update(done_at=at, done_by=by)


def tick_off_by_rule(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """What the rule of tries had planned is done."""
    planned = prospect.follow_ups.filter(created_by=None, work_request=None, done_at=None)
    planned.update(done_at=at, done_by=by)
