"""Scores a batch of leads: read without locks, fold, then one short transaction that writes what changed.

A set-based statement may take the place of `score_batch`: it takes ids and a time and returns the same counts.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from leads.models import Lead, LeadMove, LeadScore, LeadStatus
from leads.nurture.waking import wake_leads
from leads.scoring.facts import Seen, read
from leads.scoring.fold import UNSCORED, Score, score
from leads.scoring.points import OPEN, Rules, TouchSeen, over_threshold
from leads.scoring.rules import Setup, missing_facts, stage_for

log = logging.getLogger(__name__)

SIZE = 500
MARKETINGS = (LeadStatus.NEW, LeadStatus.NURTURING)
_COLUMNS = [one.name for one in fields(Score)]
_STANDING = ("persona_id", "journey_stage", "exclusion")
_TRY_AGAIN = timedelta(hours=1)


@dataclass(slots=True)
class Fresh:
    """What the run found for one lead: the row, the standing, and whether the grade verdict should look."""

    seen: Seen
    score: Score
    standing: tuple[int | None, str, str]
    qualifies: bool


def score_batch(lead_ids: Sequence[int], *, setup: Setup, at: datetime) -> Counter[str]:
    """Recompute these leads and write rows that differ. Counts: leads, changed, skipped (edited meanwhile), failed,
    candidates (over the threshold, waiting for a verdict). The query count does not depend on the batch.
    """
    assert setup.rules is not None
    counts: Counter[str] = Counter()
    fresh, broken = [], []
    for seen in read(lead_ids, at=at):
        try:
            fresh.append(_fold(seen, setup, setup.rules, at))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            log.exception("Lead %s cannot be scored", seen.lead.pk)
            broken.append(seen)
    _ask_for_a_new_sign(fresh)
    with transaction.atomic():
        valid = _still_as_read(fresh)
        _write_standing(valid)
        counts["changed"] = _write_scores(valid, setup.rules, at)
    _push_forward(broken, at)
    counts["leads"] = len(fresh) + len(broken)
    counts["skipped"] = len(fresh) - len(valid)
    counts["failed"] = len(broken)
    counts["candidates"] = sum(one.qualifies for one in valid)
    return counts


def may_graduate(seen: Seen, mark: str, exclusion: str, rules: Rules) -> bool:
    """Grade over the threshold, required facts known, no exclusion, and nobody but marketing has the person."""
    lead = seen.lead
    return (
        over_threshold(mark, rules)
        and not lead.person.no_profiling
        and lead.status in MARKETINGS
        and not exclusion
        and not lead.person.sales_open
        and lead.person.erased_at is None
        and lead.person.merged_into_id is None
        and not missing_facts(seen.facts, rules)
    )


def returned_since(lead_ids: Sequence[int]) -> dict[int, datetime]:
    """When a person last put each lead (back) into nurture; leads that never were are missing."""
    by_people = [LeadMove.Way.SALES, LeadMove.Way.STAFF, LeadMove.Way.IMPORTED]
    moves = LeadMove.objects.filter(lead__in=lead_ids, new=LeadStatus.NURTURING, way__in=by_people)
    return dict(moves.order_by().values_list("lead").annotate(Max("at")))


def touched_since(touches: Sequence[TouchSeen], since: datetime | None) -> bool:
    """True where the person gave a sign after `since`; opens are none."""
    return since is None or any(touch.at > since and touch.kind != OPEN for touch in touches)


def _fold(seen: Seen, setup: Setup, rules: Rules, at: datetime) -> Fresh:
    lead = seen.lead
    if lead.person.no_profiling:
        return Fresh(seen, UNSCORED, _standing(lead), False)
    past = [touch for touch in seen.touches if touch.at <= at]
    row = score(seen.touches, seen.facts, rules, at)
    year = at.astimezone(setup.zone).year
    exclusion = setup.exclusion_for(seen.facts, year=year, status=lead.status, said=lead.exclusion)
    persona = setup.persona_for(seen.facts, by_hand=seen.by_hand.get("persona", ""), old=lead.persona_id)
    stage = stage_for(past, by_hand=seen.by_hand.get("journey_stage", ""), old=lead.journey_stage)
    return Fresh(seen, row, (persona, stage, exclusion), may_graduate(seen, row.grade, exclusion, rules))


def _ask_for_a_new_sign(fresh: Sequence[Fresh]) -> None:
    """A lead given back by sales does not graduate again by the points it had (docs/scoring.md)."""
    candidates = [one for one in fresh if one.qualifies]
    if not candidates:
        return
    since = returned_since([one.seen.lead.pk for one in candidates])
    for one in candidates:
        one.qualifies = touched_since(one.seen.touches, since.get(one.seen.lead.pk))


def _still_as_read(fresh: Sequence[Fresh]) -> list[Fresh]:
    """Lock leads, then rows (the order of all writers) and drop what anybody changed since it was read."""
    moved = [one.seen.lead.pk for one in fresh if one.standing != _standing(one.seen.lead)]
    leads = Lead.objects.select_for_update().filter(pk__in=moved).order_by("pk") if moved else []
    edited = {lead.pk: _standing(lead) for lead in leads}
    ids = [one.seen.lead.pk for one in fresh]
    rows = LeadScore.objects.select_for_update().filter(lead__in=ids).order_by("lead")
    now = {row.lead_id: (row.dirty_at, row.computed_at) for row in rows.only("dirty_at", "computed_at")}
    return [
        one
        for one in fresh
        if now.get(one.seen.lead.pk) == one.seen.version
        and edited.get(one.seen.lead.pk, _standing(one.seen.lead)) == _standing(one.seen.lead)
    ]


def _standing(lead: Lead) -> tuple[int | None, str, str]:
    return (lead.persona_id, lead.journey_stage, lead.exclusion)


def _write_standing(valid: Sequence[Fresh]) -> None:
    """One statement for each new value: there are a few personas, stages and exclusions in all."""
    groups: dict[tuple[str, int | str | None], list[int]] = defaultdict(list)
    for one in valid:
        for name, old, new in zip(_STANDING, _standing(one.seen.lead), one.standing, strict=True):
            if old != new:
                groups[name, new].append(one.seen.lead.pk)
    for (name, value), pks in groups.items():
        Lead.objects.filter(pk__in=pks).update(**{name: value})


def _write_scores(valid: Sequence[Fresh], rules: Rules, at: datetime) -> int:
    """Only rows that differ or were due; the rows are locked, so all columns go in one statement."""
    rows = []
    for one in valid:
        old = one.seen.lead.score
        qualifies_at = (old.qualifies_at or at) if one.qualifies else None
        new = (rules.id, *_values(one.score), qualifies_at)
        if old.dirty_at is None and new == (
            old.model_id,
            *(getattr(old, name) for name in _COLUMNS),
            old.qualifies_at,
        ):
            continue
        columns = dict(zip(["model_id", *_COLUMNS, "qualifies_at"], new, strict=True))
        rows.append(LeadScore(lead_id=one.seen.lead.pk, computed_at=at, dirty_at=None, **columns))
    LeadScore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=["model", *_COLUMNS, "qualifies_at", "computed_at", "dirty_at"],
    )
    if rows:  # a grade may be waited for; and a form, whose own statement wakes nobody
        wake_leads(lead_ids=[row.lead_id for row in rows], at=at)
    return len(rows)


def _values(row: Score) -> tuple:
    return astuple(row)


def _push_forward(broken: Sequence[Seen], at: datetime) -> None:
    """A lead that cannot be scored does not stop the others; it is tried again in an hour."""
    for seen in broken:
        dirty_at, computed_at = seen.version
        rows = LeadScore.objects.filter(lead=seen.lead.pk, dirty_at=dirty_at, computed_at=computed_at)
        rows.update(dirty_at=None, next_check_at=at + _TRY_AGAIN)
