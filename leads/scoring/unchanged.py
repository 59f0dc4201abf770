"""When a stored row stays as it is. Decay moves engagement and total every night: they alone are no reason to write."""

from __future__ import annotations

from datetime import datetime

from leads.models import LeadScore
from leads.scoring.fold import Score, carrying
from leads.scoring.points import Rules

NOISE = 1e-9  # sums made in another order differ in the last digits


def is_same(old: LeadScore, new: Score, rules: Rules, midnight: datetime) -> bool:
    """The same rules, fit, carried sums and grade."""
    return (
        (old.model_id, old.fit, old.grade) == (rules.id, new.fit, new.grade)
        and _alike(old.e1, new.e1, carrying(midnight, rules, 0))
        and _alike(old.e2, new.e2, carrying(midnight, rules, 1))
        and _alike(old.e3, new.e3, carrying(midnight, rules, 2))
    )


def check_to_keep(old: LeadScore, new: Score, *, same: bool, at: datetime) -> datetime | None:
    """An earlier look that is still ahead stays: of a row that nobody touched it is as good as the new one."""
    kept = same and old.dirty_at is None and old.next_check_at is not None and old.next_check_at > at
    if kept and (new.next_check_at is None or old.next_check_at <= new.next_check_at):  # type: ignore[operator]
        return old.next_check_at
    return new.next_check_at


def _alike(one: float, other: float, point: float) -> bool:
    """`point` is what one point of today carries: below a billionth of it nothing can be seen."""
    return abs(one - other) <= NOISE * max(abs(one), abs(other), point)
