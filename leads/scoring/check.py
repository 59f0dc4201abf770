"""Are the stored rows what touches and facts say? Each is made anew in Python, twice, and laid beside its row.

Once as the lead's panel adds up its receipts, once as the fold carries its sums. On PostgreSQL the row comes from
neither of them but from one statement over many (`statement.py`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db.models import F
from django.db.models.functions import Mod

from leads.models import Lead, LeadScore, ScoringModel
from leads.scoring.batch import made_anew
from leads.scoring.days import local_midnight
from leads.scoring.facts import Seen, read
from leads.scoring.panel import add_up
from leads.scoring.points import Rules
from leads.scoring.reading import engagement_at, total_at
from leads.scoring.rescore import batches
from leads.scoring.returned import returned_since
from leads.scoring.rules import Setup, load_setup
from leads.scoring.unchanged import is_same
from leads.tracking import make_dirty

log = logging.getLogger(__name__)

SAMPLE = 1000
SIZE = 500
_NAMED = 20  # differences that the log names
_NUMBERS = ("fit", "engagement", "grade", "total")
_STANDING = ("persona_id", "journey_stage", "exclusion")


@dataclass(frozen=True)
class Difference:
    """A lead, and what is stored and what came out, by column."""

    lead: int
    columns: dict[str, tuple[object, object]]

    def __str__(self) -> str:
        said = (f"{name} is {old}, made anew {new}" for name, (old, new) in self.columns.items())
        return f"lead {self.lead}: {'; '.join(said)}"


@dataclass
class Checked:
    """What a check found. `waiting`: leads with news, which the sweep has not worked in yet; they are not compared."""

    checked: int = 0
    waiting: int = 0
    differences: list[Difference] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {"checked": self.checked, "differ": len(self.differences), "waiting": self.waiting}


def check_sample(*, at: datetime) -> Checked:
    """Up to 1,000 leads, chosen by the day and spread over all of them."""
    return check(sample(at), at=at)


def check_all(*, at: datetime) -> Checked:
    return check(_everybody(), at=at)


def _everybody() -> Iterator[int]:
    ids = [0]
    while ids := list(
        Lead.objects.filter(pk__gt=ids[-1]).order_by("pk").values_list("pk", flat=True)[: 10 * SIZE]
    ):
        yield from ids


def sample(at: datetime) -> list[int]:
    """Ids of leads: every so many-th, beginning with one that is drawn by the day."""
    step = -(-Lead.objects.count() // SAMPLE) or 1
    drawn = Random(at.date().isoformat()).randrange(step)
    every = Lead.objects.annotate(place=Mod(F("pk"), step)).filter(place=drawn)
    return list(every.order_by("pk").values_list("pk", flat=True)[: 2 * SAMPLE])


def check(lead_ids: Iterable[int], *, at: datetime) -> Checked:
    """Compare these leads with their rows. Who differs is logged and marked: the sweep makes the row anew.

    Nothing is compared where no model is live. Three queries and a few more for 500 leads.
    """
    setup, found, start = load_setup(), Checked(), time.monotonic()
    if setup.rules is None:
        return found
    model = ScoringModel.objects.get(pk=setup.rules.id)
    for ids in batches(lead_ids, SIZE):
        now = at + timedelta(seconds=time.monotonic() - start)
        _check_batch(ids, setup, setup.rules, model, now, found)
    if found.differences:
        log.error("%d of %d scores differ from what they are made of", len(found.differences), found.checked)
    return found


def _check_batch(
    ids: Sequence[int], setup: Setup, rules: Rules, model: ScoringModel, at: datetime, found: Checked
) -> None:
    returned = returned_since(ids)
    differences: list[tuple[Difference, Seen]] = []
    for seen in read(ids, at=at):
        if waits(seen.lead.score, at):
            found.waiting += 1
            continue
        found.checked += 1
        columns = dict(_numbers(seen, rules, model, at))
        columns |= _standing_and_sums(seen, setup, rules, returned.get(seen.lead.pk), at)
        if columns:
            differences.append((Difference(seen.lead.pk, columns), seen))
    sure = _unchanged_since(differences)
    found.checked -= len(differences) - len(sure)
    found.waiting += len(differences) - len(sure)
    for one in sure[: max(0, _NAMED - len(found.differences))]:
        log.error("Score differs: %s", one)
    found.differences += sure
    make_dirty(lead_ids=[one.lead for one in sure], at=at)


def waits(row: LeadScore, at: datetime) -> bool:
    """True for a row that the sweep is about to make anew, or has just made for a later time."""
    return (
        row.dirty_at is not None
        or (row.next_check_at is not None and row.next_check_at <= at)
        or (row.computed_at is not None and row.computed_at > at)
    )


def _numbers(
    seen: Seen, rules: Rules, model: ScoringModel, at: datetime
) -> Iterator[tuple[str, tuple[object, object]]]:
    """What lists show beside what the panel says."""
    row, panel = seen.lead.score, add_up(seen, rules, model, at)
    stored = (row.fit, engagement_at(row, rules, at), row.grade, total_at(row, rules, at))
    shown = (panel.fit, panel.engagement, panel.grade, panel.total)
    for name, old, new in zip(_NUMBERS, stored, shown, strict=True):
        if old != new:
            yield name, (old, new)


def _standing_and_sums(
    seen: Seen, setup: Setup, rules: Rules, returned_at: datetime | None, at: datetime
) -> dict[str, tuple[object, object]]:
    """What the row carries beside the fold."""
    lead, row = seen.lead, seen.lead.score
    fresh = made_anew(seen, setup, rules, returned_at, at)
    old = (lead.persona_id, lead.journey_stage, lead.exclusion)
    differ: dict[str, tuple[object, object]] = {
        name: (before, after)
        for name, before, after in zip(_STANDING, old, fresh.standing, strict=True)
        if before != after
    }
    if not is_same(row, fresh.score, rules, local_midnight(at, rules.zone)):
        sums = (row.model_id, row.e1, row.e2, row.e3)
        differ["sums"] = (sums, (rules.id, fresh.score.e1, fresh.score.e2, fresh.score.e3))
    return differ


def _unchanged_since(found: Sequence[tuple[Difference, Seen]]) -> list[Difference]:
    """Without the leads that somebody touched while they were read."""
    rows = LeadScore.objects.filter(lead__in=[one.lead for one, _ in found])
    now = {row.lead_id: (row.dirty_at, row.computed_at) for row in rows.only("dirty_at", "computed_at")}
    return [one for one, seen in found if now.get(one.lead) == seen.version]
