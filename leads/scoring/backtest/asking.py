"""Backtests that somebody asked for: the worker does them one by one. The row is the queue."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.models import ScoringModel
from leads.models.asked import Backtest
from leads.nudge import nudge
from leads.scoring.backtest.run import replay
from leads.scoring.claim import Claim, next_waiting
from leads.scoring.versions import faults

log = logging.getLogger(__name__)
State = Backtest.State
SAME = timedelta(seconds=10)  # a second press of the button is the first one
MOST_WEEKS = 104
MOST_CALLS = 10_000


class Lost(Exception):
    """Another worker has taken the row meanwhile."""


def ask(*, model: ScoringModel, by: Any, at: datetime, weeks: int, capacity: int) -> Backtest:
    """Try `model` on the `weeks` before `at`, beside the version that is live; asked twice is asked once.

    Raises Refused for broken rules and for numbers that make no sense.
    """
    _refuse(model, weeks, capacity)
    with transaction.atomic():
        ScoringModel.objects.select_for_update().get(pk=model.pk)
        asked = _asked_already(model, weeks, capacity, at)
        if asked is not None:
            return asked
        live = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).exclude(pk=model.pk).first()
        row = Backtest.objects.create(
            model=model, beside=live, until=at, weeks=weeks, capacity=capacity, asked_at=at, asked_by=by
        )
    nudge("leads.scoring.backtest.work_due")
    return row


def _refuse(model: ScoringModel, weeks: int, capacity: int) -> None:
    if not 1 <= weeks <= MOST_WEEKS:
        raise Refused(_("Choose between 1 and %(most)d weeks.") % {"most": MOST_WEEKS})
    if not 1 <= capacity <= MOST_CALLS:
        raise Refused(_("Calls a week: a number between 1 and %(most)d.") % {"most": MOST_CALLS})
    if found := list(faults(model)):
        raise Refused(_("These rules cannot be tried: %(fault)s") % {"fault": found[0]}, missing=found)


def _asked_already(model: ScoringModel, weeks: int, capacity: int, at: datetime) -> Backtest | None:
    rows = Backtest.objects.filter(model=model, weeks=weeks, capacity=capacity)
    waiting = Q(state__in=[State.ASKED, State.RUNNING], asked_at__gt=at - timedelta(days=1))
    return rows.filter(waiting | Q(asked_at__gt=at - SAME, asked_at__lte=at)).first()


def work_due(*, at: datetime) -> dict[str, int]:
    """Job: do the oldest backtest that waits, or whose worker is gone. Safe twice, late and after a crash."""
    row = next_waiting(Backtest, at=at)
    return {"tried": int(_carry_out(row))} if row else {}


def _carry_out(row: Backtest) -> bool:
    """Claim the row, replay, keep the result. False where another worker has it, or it broke off."""
    claim = Claim(row)
    if not claim.take():
        return False
    try:
        return claim.keep(result=_replayed(row, claim))
    except Lost:
        log.info("Backtest %s goes on elsewhere", row.pk)
    except Exception as error:
        log.exception("Backtest %s broke off", row.pk)
        claim.fail(_("It broke off: %(error)s") % {"error": type(error).__name__})
    return False


def _replayed(row: Backtest, claim: Claim) -> dict[str, Any]:
    def walked(done: int, of: int) -> None:
        if not claim.beat(100 * done / max(of, 1)):
            raise Lost

    return replay(
        draft=row.model,
        beside=row.beside,
        until=row.until,
        weeks=row.weeks,
        capacity=row.capacity,
        walked=walked,
    )
