"""Rehearsals that somebody asked for: small ones at once, large ones by the worker. The row is the queue."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import Sequence as MailSequence
from leads.models import Rehearsal, Segment
from leads.nudge import nudge
from leads.nurture.rehearsal.audience import MOST, Audience, audience_of, drawn
from leads.nurture.rehearsal.cast import Bound
from leads.nurture.rehearsal.claim import Claim, gone
from leads.nurture.rehearsal.draft import Draft, draft_of
from leads.nurture.rehearsal.limits import over_the_limits
from leads.nurture.rehearsal.run import lots, rehearse, scene_of

log = logging.getLogger(__name__)
State = Rehearsal.State
AT_ONCE = 1000  # people, in a second or two; more are walked by the worker
SAME = timedelta(seconds=10)  # a second press of the button is the first one
GONE = timedelta(minutes=5)  # a worker that says nothing for so long is dead


def ask(*, sequence: MailSequence, by: Any, at: datetime, segment: Segment | None = None) -> Rehearsal:
    """Rehearse the working copy of `sequence` as of `at`; asked twice is asked once.

    Raises Refused where there is nothing to rehearse. A small audience is walked before this returns.
    """
    draft_of(sequence)
    with transaction.atomic():
        MailSequence.objects.select_for_update().get(pk=sequence.pk)
        asked = _asked_already(sequence, segment, at)
        if asked is not None:
            return asked
        row = Rehearsal.objects.create(
            sequence=sequence, begins_at=at, asked_at=at, asked_by=by, result=_order(segment)
        )
    if _audience(row).people.count() < AT_ONCE:
        _carry_out(row)
    else:
        nudge("leads.nurture.rehearsal.work_due")
    return row


def _order(segment: Segment | None) -> dict[str, Any]:
    return {"segment": segment.pk if segment else None}


def _asked_already(sequence: MailSequence, segment: Segment | None, at: datetime) -> Rehearsal | None:
    rows = Rehearsal.objects.filter(sequence=sequence, result__segment=segment.pk if segment else None)
    open_ones = Q(state__in=[State.ASKED, State.RUNNING], asked_at__gt=at - timedelta(days=1))
    return rows.filter(open_ones | Q(asked_at__gt=at - SAME, asked_at__lte=at)).first()


def work_due(*, at: datetime) -> dict[str, int]:
    """Job: do the oldest rehearsal that waits, or whose worker is gone. Safe twice, late and after a crash."""
    rows = Rehearsal.objects.filter(state__in=[State.ASKED, State.RUNNING]).order_by("asked_at", "pk")
    waiting = (row for row in rows if row.state == State.ASKED or gone(row, since=at - GONE))
    row = next(waiting, None)
    return {"rehearsed": int(_carry_out(row))} if row else {}


def _carry_out(row: Rehearsal) -> bool:
    """Claim the row, walk everybody, keep the result. False where another worker has it, or it broke off."""
    claim = Claim(row)
    if not claim.take():
        return False
    try:
        claim.keep(_walk(row, claim))
    except Refused as refusal:
        claim.fail(refusal.message)
    except Exception as error:
        log.exception("Rehearsal %s broke off", row.pk)
        claim.fail(_("It broke off: %(error)s") % {"error": type(error).__name__})
    row.refresh_from_db()
    return row.state == State.DONE


def _walk(row: Rehearsal, claim: Claim) -> dict[str, Any]:
    draft = draft_of(row.sequence)
    audience = _audience(row)
    number = audience.people.count()
    people = drawn(audience.people, number=number, most=MOST)
    scene = scene_of(draft, at=row.begins_at)
    result = rehearse(scene, lots(people), walked=lambda done: claim.beat(done, min(number, MOST)))
    return result | _about(draft, audience, number, result)


def _about(draft: Draft, audience: Audience, number: int, result: dict[str, Any]) -> dict[str, Any]:
    """Whom it walked, through which steps, and when the server would have too much to do."""
    bounds = result["bounds"]
    walked = bounds[Bound.NOBODY]["people"]
    share = number / walked if walked else 1
    over = {
        bound: over_the_limits({hour: mails * share for hour, mails in one["load"].items()})
        for bound, one in bounds.items()
    }
    return {
        "audience": {
            "source": audience.source,
            "names": audience.names,
            "people": number,
            "walked": walked,
        },
        "words": {str(position): said for position, said in draft.words.items()},
        "kinds": {str(position): step.kind for position, step in draft.steps.items()},
        "over": over,
    }


def _audience(row: Rehearsal) -> Audience:
    segment = Segment.objects.filter(pk=row.result.get("segment")).first()
    return audience_of(sequence=row.sequence, at=row.begins_at, segment=segment)
