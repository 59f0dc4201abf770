"""A call from its first word to what comes of it: one form, one transaction.

The call, what was learnt, a meeting, the verdict and the next step are kept together or not at all. A conversation
must not end in nothing: it leaves a next step, or it ends the cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects import pipeline
from prospects.calls import log
from prospects.clocks import tries
from prospects.clocks.calling_hours import outside
from prospects.feedback.outcomes import ask_consent
from prospects.follow_ups import refuse_closed_kindly
from prospects.meetings import book_meeting
from prospects.models import BantAnswer, Call, Prospect, Reason
from prospects.pressed_twice import lock_for
from prospects.stages import SALES_QUALIFIED, stage_named

ACCEPT, QUALIFY = "accept", SALES_QUALIFIED
JUST_NOW = timedelta(hours=1)
ONCE = {ACCEPT: "accepted_at", QUALIFY: "sales_qualified_at"}


def finish_call(
    *,
    prospect: Prospect,
    outcome: str,
    by: Any,
    at: datetime,
    told: Call | None = None,
    anyway: bool = False,
    verdict: str = "",
    reason: Reason | None = None,
    return_on: date | None = None,
    meeting: Mapping[str, Any] | None = None,
    note: str = "",
    agreed: bool = False,
    submit_key: Any = None,
    **call: Any,
) -> Call:
    """What `log.log_call` takes, and besides: a meeting (as `book_meeting` takes it), and a verdict.

    `verdict` is "accept" or "sales-qualified"; a `reason` rejects. `told` is the row that the phone system made of this
    very call: it is completed, none is added. `anyway`: the rep chose to ring outside the calling hours, which is
    noted. `agreed`: they agreed to hear from us by mail, which their mailbox is asked to confirm. The last try that
    reaches nobody ends the cycle as "no response", unless something lies ahead or they were sales-qualified. Raises
    Refused for a conversation that leaves the prospect without a next step; a twin of the form answers with the first
    call.
    """
    if verdict and reason is not None:
        raise Refused(_("Either a verdict or a reason to reject, not both."))
    with transaction.atomic():
        twin = lock_for(prospect, Call, submit_key, by=by)
        if twin is not None:
            return twin
        told = told or _just_told(prospect, call.get("direction") or Call.Direction.OUT, by=by, at=at)
        note = _noted(prospect, note, at) if anyway else note
        common: dict[str, Any] = {
            "outcome": outcome,
            "by": by,
            "at": at,
            "note": note,
            "submit_key": submit_key,
        }
        row = (
            _complete(told, prospect=prospect, **common, **call)
            if told
            else log.log_call(prospect=prospect, **common, **call)
        )
        if meeting:
            book_meeting(prospect=prospect, by=by, at=at, call=row, **meeting)
        _judge(prospect, verdict, reason, return_on, note=note, by=by, at=at)
        _end_without_response(prospect, row, by=by, at=at)
        if agreed:
            ask_consent(prospect=prospect, reason=reason, by=by, at=at, submit_key=submit_key)
        _refuse_no_next_step(prospect, row, at)
    return row


def untold(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Of these the ones that the phone system wrote down and nobody has said anything about yet, newest first."""
    said = Exists(BantAnswer.objects.filter(call=OuterRef("pk")))
    by_machine = calls.filter(~said, note="", submit_key=None, phone_event__isnull=False)
    return by_machine.order_by("-at", "-pk")


def _just_told(prospect: Prospect, direction: str, *, by: Any, at: datetime) -> Call | None:
    """The phone system may have been faster than the form, which was on the screen while they talked."""
    recent = prospect.calls.filter(by=by, direction=direction, at__gte=at - JUST_NOW, at__lte=at)
    return untold(recent).first()


def _complete(
    told: Call,
    *,
    prospect: Prospect,
    outcome: str,
    by: Any,
    at: datetime,
    note: str,
    submit_key: Any,
    direction: str = "",
    minutes: int | None = None,
    recording: str = "",
    bant: Mapping[str, Mapping[str, Any]] | None = None,
    follow_up: Mapping[str, Any] | None = None,
) -> Call:
    """Length, direction and moment stay as the phone system said; what happened is the rep's to say."""
    refuse_closed_kindly(prospect)
    if outcome not in Call.Outcome.values:
        raise Refused(_("Say how the call went."))
    changed = {"outcome": outcome, "note": note, "submit_key": submit_key}
    changed |= {"minutes": minutes} if told.minutes is None else {}
    changed |= {"recording": recording} if recording and not told.recording else {}
    if not untold(prospect.calls.filter(pk=told.pk)).exists():
        raise Refused(_("This call was told already."))
    Call.objects.filter(pk=told.pk).update(**changed)
    told.refresh_from_db()
    log.take_in(told, prospect=prospect, bant=bant, follow_up=follow_up, by=by, at=at)
    return told


def _noted(prospect: Prospect, note: str, at: datetime) -> str:
    hours = outside(prospect.person, at)
    if not hours:
        return note
    return f"{note}\n{_('Rung outside the calling hours, by choice: %(hours)s.') % {'hours': hours}}".strip()


def _judge(
    prospect: Prospect,
    verdict: str,
    reason: Reason | None,
    return_on: date | None,
    *,
    note: str,
    by: Any,
    at: datetime,
) -> None:
    """A verdict that was given already is no new one: the button may be older than the page."""
    if not prospect.is_open:
        return
    if reason is not None:
        pipeline.reject(prospect=prospect, reason=reason, note=note[:300], return_on=return_on, by=by, at=at)
    elif verdict and getattr(prospect, ONCE[verdict]) is None:
        if verdict == ACCEPT:
            pipeline.accept(prospect=prospect, by=by, at=at)
        else:
            pipeline.move(prospect=prospect, to=stage_named(prospect.pipeline, QUALIFY), by=by, at=at)


def _end_without_response(prospect: Prospect, call: Call, *, by: Any, at: datetime) -> None:
    """The rule of tries. Where the reason was archived the rep decides: a promise says so (`tries.next_step`)."""
    tried = call.direction == Call.Direction.OUT and call.outcome in tries.NOT_REACHED
    if not (
        tried and prospect.is_open and prospect.sales_qualified_at is None and tries.used_up(prospect, at)
    ):
        return
    reason = Reason.objects.in_use().filter(slug=tries.NO_RESPONSE, for_rejection=True).first()
    if reason is not None and Prospect.objects.filter(pk=prospect.pk).without_next_step(at).exists():
        log.tick_off_by_rule(prospect, by=by, at=at)
        pipeline.reject(prospect=prospect, reason=reason, note=call.note[:300], by=by, at=at)


def _refuse_no_next_step(prospect: Prospect, call: Call, at: datetime) -> None:
    if call.outcome != Call.Outcome.CONVERSATION:
        return
    if Prospect.objects.filter(pk=prospect.pk).without_next_step(at).exists():
        raise Refused(
            _("What comes next? Plan a step or a meeting that lies ahead, or end the cycle with a reason."),
            missing=[_("a next step, or a reason to end")],
        )
