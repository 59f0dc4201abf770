"""Working time entered or changed later: the clocks that run already go on by it (docs/assignment.md).

What was left of a first answer is counted in working minutes; days that are no longer worked move its end. A broken
clock stays broken: the person has waited, whatever the calendar says afterwards.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from prospects.clocks.clock import Hours, carry_over
from prospects.clocks.working_time import hours_of_all, house_hours
from prospects.models import Absence, Holiday, Notice, Prospect, Rep
from prospects.notices import tell_all

log = logging.getLogger(__name__)
TimeOff = Absence | Holiday | Rep


def save_time_off(*, row: TimeOff, by: Any, at: datetime) -> int:
    """Keep an absence, a holiday or a rep's working time, new or changed. Returns how many clocks moved."""
    return _with_clocks(row, row.save, by=by, at=at)


def delete_time_off(*, row: TimeOff, by: Any, at: datetime) -> int:
    """Take one away: the clocks come forward again, never before now. Returns how many moved."""
    return _with_clocks(row, row.delete, by=by, at=at)


def _with_clocks(row: TimeOff, change: Callable[[], Any], *, by: Any, at: datetime) -> int:
    users = _whose(row)
    with transaction.atomic():
        clocks = list(_running(users, at))
        owners = {clock.owner_id for clock in clocks if clock.owner_id}
        before = _hours(owners, at)
        change()
        moved = _move(clocks, before, _hours(owners, at), at)
        tell_all(_notices(moved, by, at))
    if moved:
        log.info(
            "%s %s: %d running clocks moved", row._meta.model_name, row.pk or "taken away", moved.total()
        )
    return moved.total()


def _whose(row: TimeOff) -> set[int] | None:
    """Whose clocks it concerns, before and after; None: everybody's, and those of nobody."""
    if isinstance(row, Holiday):
        return None
    kept = type(row)._base_manager.filter(pk=row.pk).values_list("user", flat=True)
    return {row.user_id, *kept}


def _running(users: Collection[int] | None, at: datetime) -> Any:
    """First answers that are still to come in time, by the index of the clocks."""
    rows = Prospect.objects.open().filter(first_acted_at=None, answer_by__gt=at)
    rows = rows if users is None else rows.filter(owner__in=users)
    return rows.order_by("pk").only("pk", "owner_id", "answer_by")


def _hours(owners: Collection[int], at: datetime) -> dict[int | None, Hours]:
    found: dict[int | None, Hours] = {None: house_hours(at)}
    found.update(hours_of_all(owners, at).items())
    return found


def _move(
    clocks: list[Prospect], before: dict[int | None, Hours], after: dict[int | None, Hours], at: datetime
) -> Counter[int | None]:
    """Owner → clocks moved. Whoever acted, or gave it away, at this very moment is left alone."""
    moved: Counter[int | None] = Counter()
    for clock in clocks:
        due = clock.answer_by
        assert due is not None
        later = carry_over(due, at, before[clock.owner_id], after[clock.owner_id])
        if later != due:
            still = Prospect.objects.filter(
                pk=clock.pk, owner=clock.owner_id, answer_by=due, first_acted_at=None
            )
            moved[clock.owner_id] += still.update(answer_by=later)
    return +moved


def _notices(moved: Counter[int | None], by: Any, at: datetime) -> list[Notice]:
    """A line to each rep. Without a prospect: it must not count as the word that a clock is broken."""
    return [
        Notice(user_id=owner, kind=Notice.Kind.CLOCK, at=at, text=_words(number), key=f"clocks:{owner}:{at}")
        for owner, number in moved.items()
        if owner is not None and (by is None or by.pk != owner)
    ]  # fmt: skip


def _words(number: int) -> str:
    said = ngettext(
        "The clock of %(n)d prospect has moved: days off or working time have changed.",
        "The clocks of %(n)d prospects have moved: days off or working time have changed.",
        number,
    )
    return said % {"n": number}
