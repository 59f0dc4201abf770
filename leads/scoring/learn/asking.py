"""Learning that somebody asked for: the worker does it. The row is the queue, and the result are its lines."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.models.learned import LearnedModel, LearnedPoint, LeftOut, ReliabilityBin
from leads.nudge import nudge
from leads.scoring.claim import Claim, next_waiting
from leads.scoring.learn.closed import closed_leads
from leads.scoring.learn.enough import Numbers, refuse_if_short
from leads.scoring.learn.examples import Examples
from leads.scoring.learn.fields import Known, known_of
from leads.scoring.learn.leaks import Left, left_out
from leads.scoring.learn.table import Table, learn
from leads.scoring.learn.trial import Trial, try_out

log = logging.getLogger(__name__)
State = LearnedModel.State
READ, SIFTED = 10, 25  # per cent of the work when the leads are read, and when the fields are chosen


class Lost(Exception):
    """Another worker has taken the row meanwhile."""


def ask(*, by: Any, at: datetime) -> LearnedModel:
    """Learn from the leads closed by `at`; asked while one waits or runs, that one is meant.

    Raises Refused where there is too little to learn from.
    """
    refuse_if_short()
    with transaction.atomic():
        newest = LearnedModel.objects.select_for_update().order_by("-pk").first()
        if newest is not None and newest.state in (State.ASKED, State.RUNNING):
            return newest
        row = LearnedModel.objects.create(until=at, asked_at=at, asked_by=by)
    nudge("leads.scoring.learn.work_due")
    return row


def work_due(*, at: datetime) -> dict[str, int]:
    """Job: do the oldest that waits, or whose worker is gone. Safe twice, late and after a crash."""
    row = next_waiting(LearnedModel, at=at)
    return {"learned": int(_carry_out(row))} if row else {}


def _carry_out(row: LearnedModel) -> bool:
    """Claim the row, learn, keep the lines. False where another worker has it, or it broke off."""
    claim = Claim(row)
    if not claim.take():
        return False
    try:
        return _learn(row, claim)
    except Lost:
        log.info("Learned points %s go on elsewhere", row.pk)
    except Refused as refusal:
        claim.fail(refusal.message)
    except Exception as error:
        log.exception("Learned points %s broke off", row.pk)
        claim.fail(_("It broke off: %(error)s") % {"error": type(error).__name__})
    return False


def _learn(row: LearnedModel, claim: Claim) -> bool:
    def told(percent: float) -> None:
        if not claim.beat(percent):
            raise Lost

    known = known_of(closed_leads(until=row.until))
    refuse_if_short(Numbers(len(known.examples), sum(known.examples.won)))
    told(READ)
    left = left_out(known.examples)
    dropped = {id(one.column) for one in left}
    kept = known.examples.only(lambda column: id(column) not in dropped)
    if not kept.columns:
        raise Refused(_("No field tells won leads from the others. Collect more facts first."))
    told(SIFTED)
    trial = try_out(kept, told=lambda share: told(SIFTED + (100 - SIFTED) * share))
    return _keep(row, claim, kept, learn(kept), trial, _all_left(known, left))


def _all_left(known: Known, left: list[Left]) -> list[Left]:
    return [*(Left(column, LeftOut.Why.LATE) for column in known.late), *left]


def _keep(
    row: LearnedModel, claim: Claim, examples: Examples, table: Table, trial: Trial, left: list[Left]
) -> bool:
    """All lines with the state, in one transaction: a crash leaves nothing behind."""
    with transaction.atomic():
        done = claim.keep(
            closed=len(examples),
            won=sum(examples.won),
            intercept=table.intercept,
            points_per_logit=table.points_per_logit,
            auc=trial.auc,
            auc_in_time=trial.auc_in_time,
            calibration_error=trial.calibration_error,
        )
        if done:
            LearnedPoint.objects.bulk_create(_points(row, table))
            LeftOut.objects.bulk_create(
                LeftOut(
                    learned=row, field=one.column.field, fact_name=one.column.fact_name,
                    label=one.column.label[:160], why=one.why, auc=one.auc,
                )
                for one in left
            )  # fmt: skip
            ReliabilityBin.objects.bulk_create(
                ReliabilityBin(
                    learned=row, lower=one.lower, upper=one.upper, leads=one.leads, expected=one.expected, won=one.won
                )
                for one in trial.reliability
            )  # fmt: skip
    return done


def _points(row: LearnedModel, table: Table) -> list[LearnedPoint]:
    return [
        LearnedPoint(
            learned=row, field=field.field, fact_name=field.fact_name, label=field.label[:160], words=line.bin.said,
            minimum=line.bin.minimum, maximum=line.bin.maximum, is_missing=line.bin.is_missing, weight=line.weight,
            points=line.points, leads=line.leads, won=line.won,
        )
        for field in table.fields
        for line in field.lines
    ]  # fmt: skip
