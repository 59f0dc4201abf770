"""How far learned points can be relied on: tried on leads they were not learned from. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leads.scoring.learn.examples import Examples
from leads.scoring.learn.figures import Reliability, auc, calibration_error, reliability
from leads.scoring.learn.folds import FOLDS, folds_of, in_time
from leads.scoring.learn.regression import chance
from leads.scoring.learn.table import learn


@dataclass(frozen=True, slots=True)
class Trial:
    """By whole points and, to compare, by the weights before rounding. Chances are out of fold."""

    auc: float
    auc_of_weights: float
    auc_in_time: float | None
    calibration_error: float
    calibration_error_of_weights: float
    reliability: list[Reliability]
    chances: list[float]


def try_out(examples: Examples, *, told: Callable[[float], None] = lambda done: None) -> Trial:
    """Five parts, each tried by a table learned from the other four; then the newer leads by the older.

    `told` hears the share that is done, 0 … 1. Needs two leads of each outcome.
    """
    by_points, by_weights = [0.0] * len(examples), [0.0] * len(examples)
    for turn, (train, test) in enumerate(folds_of(examples.won)):
        table, tried = learn(examples.rows(train)), examples.rows(test)
        for place, points, logit in zip(test, table.points_of(tried), table.logits_of(tried), strict=True):
            by_points[place], by_weights[place] = table.chance_at(points), chance(logit)
        told((turn + 1) / (FOLDS + 1))
    bins = reliability(by_points, examples.won)
    return Trial(
        auc=auc(by_points, examples.won),
        auc_of_weights=auc(by_weights, examples.won),
        auc_in_time=tried_in_time(examples),
        calibration_error=calibration_error(bins),
        calibration_error_of_weights=calibration_error(reliability(by_weights, examples.won)),
        reliability=bins,
        chances=by_points,
    )


def tried_in_time(examples: Examples) -> float | None:
    """Learned from the older leads, tried on the newer; None where one part lacks an outcome."""
    parts = in_time(examples.won)
    if parts is None:
        return None
    older, newer = (examples.rows(part) for part in parts)
    return auc(learn(older).points_of(newer), newer.won)
