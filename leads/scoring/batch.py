"""Scores a batch of leads: read without locks, work out, then one short transaction that writes what changed.

On PostgreSQL `people.py` judges who they are and one statement (`statement.py`) adds up what they did; on SQLite each
lead is folded in Python. Both give the same rows (leads/tests/test_scoring_statement_on_servers.py).
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, OperationalError, connection, transaction

from leads.models import Fact, Lead, LeadScore
from leads.nurture.waking import wake_leads
from leads.scoring import statement
from leads.scoring.days import local_midnight
from leads.scoring.facts import Seen, read
from leads.scoring.fold import UNSCORED, Score, score
from leads.scoring.graduation import goes_by_grade, last_sign
from leads.scoring.people import Batch, People
from leads.scoring.points import Rules
from leads.scoring.returned import returned_since
from leads.scoring.rules import Setup, missing_facts, stage_for
from leads.scoring.unchanged import check_to_keep, is_same

log = logging.getLogger(__name__)

SIZE = 500
RANGE = 20_000  # leads a statement takes in a full run; also what is lost at most when a run is killed
_COLUMNS = [one.name for one in fields(Score)]
_STANDING = ("persona_id", "journey_stage", "exclusion")
_TRY_AGAIN = timedelta(hours=1)
_TRIES = 3
_DEADLOCK = "40P01"
_IN_RANGE = f"""BETWEEN %(first)s AND %(last)s AND NOT EXISTS (SELECT FROM {LeadScore._meta.db_table} n
    WHERE n.lead_id = l.id AND (n.dirty_at > %(since)s OR n.computed_at > %(since)s))"""


@dataclass(slots=True)
class Fresh:
    """What the run found for one lead: the row, the standing, and whether the grade verdict should look."""

    seen: Seen
    score: Score
    standing: tuple[int | None, str, str]
    qualifies: bool


def in_sets() -> bool:
    return connection.vendor == "postgresql"


def score_batch(
    lead_ids: Sequence[int], *, setup: Setup, at: datetime, people: People | None = None
) -> Counter[str]:
    """Recompute these leads and write rows that differ. Counts: leads, changed, skipped (edited meanwhile), failed,
    candidates (over the threshold, waiting for a verdict). The query count does not depend on the batch.

    `people` keeps what a run has judged once from batch to batch.
    """
    if in_sets():
        return _by_sets("= ANY(%(ids)s)", {"ids": list(lead_ids)}, setup, at, people)
    return _one_by_one(lead_ids, setup, at)


def score_range(
    first: int, last: int, *, setup: Setup, at: datetime, since: datetime, people: People | None = None
) -> Counter[str]:
    """The same for the leads numbered `first` to `last`, but for those that somebody marked or computed after `since`:
    theirs are newer than this run's, and the sweep has them."""
    if in_sets():
        return _by_sets(_IN_RANGE, {"first": first, "last": last, "since": since}, setup, at, people)
    counts: Counter[str] = Counter()
    leads = Lead.objects.filter(pk__range=(first, last)).exclude(score__dirty_at__gt=since)
    ids = list(leads.exclude(score__computed_at__gt=since).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), SIZE):
        counts.update(_one_by_one(ids[start : start + SIZE], setup, at))
    return counts


def graduates(
    seen: Seen,
    *,
    grade: str,
    engagement: int,
    exclusion: str,
    returned_at: datetime | None,
    rules: Rules,
    at: datetime,
) -> bool:
    """`graduation.goes_by_grade` of a lead as it was read; `engagement` is as shown."""
    lead, person = seen.lead, seen.lead.person
    return goes_by_grade(
        grade=grade,
        engagement=engagement,
        status=lead.status,
        exclusion=exclusion,
        out_of_reach=bool(
            person.no_profiling or person.sales_open or person.erased_at or person.merged_into_id
        ),
        facts_missing=bool(missing_facts(seen.facts, rules)),
        returned_at=returned_at,
        last_sign_at=last_sign(seen.touches, at),
        rules=rules,
    )


def _by_sets(
    which: str, given: Mapping[str, Any], setup: Setup, at: datetime, people: People | None
) -> Counter[str]:
    """Read and judge without locks, then one statement; once more where two that write many waited for each other."""
    people = people or People(setup, at)
    for _try in range(_TRIES - 1):
        try:
            return _one_set(people.read(which, given), setup, at)
        except OperationalError as error:
            if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
                raise
    return _one_set(people.read(which, given), setup, at)


def _one_set(batch: Batch, setup: Setup, at: datetime) -> Counter[str]:
    counts: Counter[str] = Counter(leads=len(batch.leads) + len(batch.broken))
    for part, done in _written(batch, setup, at):
        if done is None:
            batch.broken += zip(part.leads, part.score_versions, strict=True)
            continue
        counts["changed"] += done.changed
        counts["skipped"] += len(part.leads) - done.seen
        counts["candidates"] += done.candidates
    statement.push_forward(batch.broken, at + _TRY_AGAIN)
    counts["failed"] = len(batch.broken)
    return counts


def _written(batch: Batch, setup: Setup, at: datetime) -> Iterator[tuple[Batch, statement.Done | None]]:
    """Numbers that the database refuses belong to one lead: the batch is halved until it is found (None)."""
    if not batch.leads:
        return
    try:
        with transaction.atomic():
            done = statement.write(batch, setup, at)
        if done.woken:  # a grade may be waited for; and a form, whose own statement wakes nobody
            wake_leads(lead_ids=done.woken, at=at)
        yield batch, done
    except DataError:
        if len(batch.leads) == 1:
            log.exception("Lead %s cannot be scored", batch.leads[0])
            yield batch, None
        else:
            for half in batch.halves():
                yield from _written(half, setup, at)


def _one_by_one(lead_ids: Sequence[int], setup: Setup, at: datetime) -> Counter[str]:
    assert setup.rules is not None
    counts: Counter[str] = Counter()
    fresh: list[Fresh] = []
    readable, broken = _readable(lead_ids, at)
    returned = returned_since(lead_ids)
    for seen in readable:
        try:
            fresh.append(made_anew(seen, setup, setup.rules, returned.get(seen.lead.pk), at))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            log.exception("Lead %s cannot be scored", seen.lead.pk)
            broken.append((seen.lead.pk, *seen.version))
    with transaction.atomic():
        valid = _still_as_read(fresh)
        _write_standing(valid)
        written = _write_scores(valid, setup, at)
    if written:  # a grade may be waited for; and a form, whose own statement wakes nobody
        wake_leads(lead_ids=written, at=at)
    counts["changed"] = len(written)
    _push_forward(broken, at)
    counts["leads"] = len(fresh) + len(broken)
    counts["skipped"] = len(fresh) - len(valid)
    counts["failed"] = len(broken)
    counts["candidates"] = sum(one.qualifies for one in valid)
    return counts


def _readable(lead_ids: Sequence[int], at: datetime) -> tuple[list[Seen], list[tuple]]:
    """The leads, and those (with their versions) whose facts cannot be read: halved until they are found."""
    versions = LeadScore.objects.filter(lead__in=lead_ids).values_list("lead", "dirty_at", "computed_at")
    known = list(versions) if len(lead_ids) == 1 else []
    try:
        return read(lead_ids, at=at), []
    except (ArithmeticError, LookupError, TypeError, ValueError):
        if len(lead_ids) == 1:
            log.exception("Lead %s cannot be scored", lead_ids[0])
            return [], known
    middle = len(lead_ids) // 2
    first, first_broken = _readable(lead_ids[:middle], at)
    rest, rest_broken = _readable(lead_ids[middle:], at)
    return [*first, *rest], [*first_broken, *rest_broken]


def made_anew(seen: Seen, setup: Setup, rules: Rules, returned_at: datetime | None, at: datetime) -> Fresh:
    """What the row, the standing and the verdict of a lead are by its touches and facts."""
    lead = seen.lead
    if lead.person.no_profiling:
        return Fresh(seen, UNSCORED, _standing(lead), False)
    past = [touch for touch in seen.touches if touch.at <= at]
    row = score(seen.touches, seen.facts, rules, at)
    year = at.astimezone(setup.zone).year
    exclusion = setup.exclusion_for(seen.facts, year=year, status=lead.status, said=lead.exclusion)
    persona = setup.persona_for(seen.facts, by_hand=seen.by_hand.get("persona", ""), old=lead.persona_id)
    by_hand = seen.by_hand.get("journey_stage", "")
    stage = stage_for(past, by_hand=by_hand, old=lead.journey_stage, journey=rules.journey)
    qualifies = graduates(
        seen, grade=row.grade, engagement=row.engagement, exclusion=exclusion, returned_at=returned_at,
        rules=rules, at=at,
    )  # fmt: skip
    return Fresh(seen, row, (persona, stage, exclusion), qualifies)


def _still_as_read(fresh: Sequence[Fresh]) -> list[Fresh]:
    """Lock leads, then rows (the order of all writers) and drop what anybody changed since it was read."""
    moved = [one.seen.lead.pk for one in fresh if one.standing != _standing(one.seen.lead)]
    leads = Lead.objects.select_for_update(no_key=True).filter(pk__in=moved).order_by("pk") if moved else []
    edited = {lead.pk: _standing(lead) for lead in leads}
    ids = [one.seen.lead.pk for one in fresh]
    rows = LeadScore.objects.select_for_update(no_key=True).filter(lead__in=ids).order_by("lead")
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


def _write_scores(valid: Sequence[Fresh], setup: Setup, at: datetime) -> list[int]:
    """Only rows that differ or were due; the rows are locked, so all columns go in one statement. Returns the leads."""
    assert setup.rules is not None
    rules, rows = setup.rules, []
    still = _still_due(valid, setup, at)
    midnight = local_midnight(at, rules.zone)
    for one in valid:
        old = one.seen.lead.score
        same = is_same(old, one.score, rules, midnight)
        columns = dict(zip(_COLUMNS, astuple(one.score), strict=True))
        columns["next_check_at"] = check_to_keep(old, one.score, same=same, at=at)
        columns["qualifies_at"] = (old.qualifies_at or at) if one.qualifies else None
        waits = (columns["next_check_at"], columns["qualifies_at"])
        stays = one.standing == _standing(one.seen.lead)
        if same and stays and old.dirty_at is None and waits == (old.next_check_at, old.qualifies_at):
            continue
        columns |= {"computed_at": at, "dirty_at": still.get(one.seen.lead.pk)}
        rows.append(LeadScore(lead_id=one.seen.lead.pk, model_id=rules.id, **columns))
    LeadScore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=["model", *_COLUMNS, "qualifies_at", "computed_at", "dirty_at"],
    )
    return [row.lead_id for row in rows]


def _still_due(valid: Sequence[Fresh], setup: Setup, at: datetime) -> dict[int, datetime]:
    """Marks that stay: set since the rules were read, or for a fact that is later than `at` and so not in the row."""
    marks = {one.seen.lead.pk: one.seen.lead.score.dirty_at for one in valid}
    late = {lead: mark for lead, mark in marks.items() if mark is not None and mark > at}
    if not late:
        return {}
    facts = Fact.objects.filter(person__lead__in=late, at__gt=at).values_list("person__lead", flat=True)
    with_facts = set(facts)
    read_at = (
        setup.loaded_at if setup.loaded_at >= at else None
    )  # a time to come says nothing about the clock
    return {
        lead: mark
        for lead, mark in late.items()
        if lead in with_facts or (read_at is not None and mark > read_at)
    }


def _push_forward(broken: Sequence[tuple], at: datetime) -> None:
    """A lead that cannot be scored does not stop the others; it is tried again in an hour."""
    for lead, dirty_at, computed_at in broken:
        rows = LeadScore.objects.filter(lead=lead, dirty_at=dirty_at, computed_at=computed_at)
        rows.update(dirty_at=None, next_check_at=at + _TRY_AGAIN)
