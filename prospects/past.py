"""Cycles that ended, or began, before this installation: history goes in as it was (docs/importing.md).

No entry rules, no clocks, no follow-ups, no signals, no mails; every row says `imported`. The status of the lead
(customer, disqualified) is imported by `leads`; this writes what sales did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.importing import Changes, make_due
from leads.lifecycle import note_sales_stage
from leads.models import Lead, Person
from leads.tracking import make_dirty
from prospects.models import Deal, DealMove, Pipeline, Prospect, Reason, Stage, StageMove
from prospects.stages import SALES_QUALIFIED, TO_CONTACT, default_pipeline

BATCH = 500
Kind = Stage.Kind
DEAL_STATUS = {Kind.WON: Deal.Status.WON, Kind.OPEN: Deal.Status.OPEN}  # any other end lost it


@dataclass(frozen=True, kw_only=True)
class PastCycle:
    """One cycle as another system knew it. `steps` are the stages entered after the first, each with its time.

    `amount` in `currency`, `rate` to the base currency. `source` and `external_id` name the deal there, so that
    the same file adds nothing when it comes again; without them a cycle is known by person and `opened_at`.
    """

    person_id: int
    opened_at: datetime
    steps: Sequence[tuple[str, datetime]] = ()
    origin: str = Prospect.Origin.INBOUND
    owner_id: int | None = None
    account_id: int | None = None
    lead_move_id: int | None = None
    marketing_qualified_at: datetime | None = None
    reason: Reason | None = None
    title: str = ""
    amount: Decimal | None = None
    currency: str = ""
    rate: Decimal = Decimal(1)
    expected_on: date | None = None
    source: str = ""
    external_id: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Imported:
    """What became of the rows: made, known from before, or refused with the reason."""

    made: list[Prospect] = field(default_factory=list)
    known: list[PastCycle] = field(default_factory=list)
    refused: list[tuple[PastCycle, str]] = field(default_factory=list)


def import_history(
    *,
    cycles: Iterable[PastCycle],
    by: Any,
    at: datetime,
    pipeline: Pipeline | None = None,
    changes: Changes | None = None,
) -> Imported:
    """Write past cycles in batches of one transaction each. Raises Refused without the right to import history.

    A row with a date after `at`, an unknown stage, or a second open cycle of one person is refused by itself.
    """
    if by is not None and not by.has_perm("leads.import_history"):
        raise Refused(_("Importing history needs a right of its own."))
    pipeline = pipeline or default_pipeline()
    stages = {stage.slug: stage for stage in pipeline.stages.all()}
    result = Imported()
    changes = changes if changes is not None else Changes()
    for batch in _batches(cycles):
        with transaction.atomic():
            _import_batch(batch, pipeline, stages, at, by, result, changes)
    return result


def _batches(cycles: Iterable[PastCycle]) -> Iterator[list[PastCycle]]:
    """At most BATCH rows, each person once: a second cycle must find the first one stored."""
    batch: dict[int, PastCycle] = {}
    for cycle in cycles:
        if cycle.person_id in batch or len(batch) == BATCH:
            yield list(batch.values())
            batch = {}
        batch[cycle.person_id] = cycle
    if batch:
        yield list(batch.values())


def _import_batch(
    batch: list[PastCycle],
    pipeline: Pipeline,
    stages: dict[str, Stage],
    at: datetime,
    by: Any,
    result: Imported,
    changes: Changes,
) -> None:
    locked = Person.objects.select_for_update(no_key=True).order_by("pk")
    people = locked.in_bulk([cycle.person_id for cycle in batch])
    before = _rounds_before(batch, pipeline)
    known_deals = _known_deals(batch)
    new: list[tuple[PastCycle, Prospect]] = []
    for cycle in batch:
        rounds = before.get(cycle.person_id, [])
        if _is_known(cycle, rounds, known_deals):
            result.known.append(cycle)
        elif why := _why_not(cycle, rounds, stages, at):
            result.refused.append((cycle, why))
        else:
            new.append((cycle, _prospect(cycle, rounds, pipeline, stages)))
    moves = [move for cycle, row in new for move in _moves(cycle, row, stages, by)]
    changes.note(Prospect.objects.bulk_create([prospect for _cycle, prospect in new]))
    changes.note(StageMove.objects.bulk_create(moves))
    _import_deals(new, by, changes)
    _note_stages([prospect for _cycle, prospect in new], people, changes, at)
    result.made.extend(prospect for _, prospect in new)


def _note_stages(new: list[Prospect], people: dict[int, Person], changes: Changes, at: datetime) -> None:
    """An open cycle ends nurture, so each takes the verb; ends are written at once, a statement a stage."""
    ended: dict[str, list[int]] = {}
    before = {
        pk: (person.sales_stage, person.sales_open, person.sales_owner_id) for pk, person in people.items()
    }
    leads = Lead.objects.filter(person__in=[prospect.person_id for prospect in new])
    make_due(lead_ids=list(leads.values_list("pk", flat=True)), at=at, changes=changes)
    for prospect in new:
        if prospect.is_open:
            person, stage = people[prospect.person_id], prospect.stage.slug
            note_sales_stage(
                person=person, stage=stage, open=True, at=prospect.stage_since, owner=prospect.owner
            )
        else:
            ended.setdefault(prospect.stage.slug, []).append(prospect.person_id)
    for stage, ids in ended.items():
        at_work = Prospect.objects.open().filter(person__in=ids).values("person")
        Person.objects.filter(pk__in=ids).exclude(pk__in=at_work).update(sales_stage=stage, sales_open=False)
    # The verb above marks by the time of the stage; an undo looks for that of the import.
    make_dirty(lead_ids=list(leads.values_list("pk", flat=True)), at=at)
    names = ("sales_stage", "sales_open", "sales_owner_id")
    for pk, *after in Person.objects.filter(pk__in=before).values_list("pk", *names):
        if tuple(after) != before[pk]:
            columns = {name: [old, new] for name, old, new in zip(names, before[pk], after, strict=True)}
            changes.moved.append((Person._meta.label, pk, columns))


def _rounds_before(batch: list[PastCycle], pipeline: Pipeline) -> dict[int, list[Prospect]]:
    rows = Prospect.objects.filter(pipeline=pipeline, person__in=[cycle.person_id for cycle in batch])
    found: dict[int, list[Prospect]] = {}
    for row in rows.order_by("round"):
        found.setdefault(row.person_id, []).append(row)
    return found


def _known_deals(batch: list[PastCycle]) -> set[tuple[str, str | None]]:
    ids = [cycle.external_id for cycle in batch if cycle.external_id]
    return set(Deal.objects.filter(external_id__in=ids).values_list("source", "external_id"))


def _is_known(cycle: PastCycle, rounds: list[Prospect], deals: set[tuple[str, str | None]]) -> bool:
    if cycle.external_id:
        return (cycle.source, cycle.external_id) in deals
    return any(row.opened_at == cycle.opened_at for row in rounds)


def _why_not(cycle: PastCycle, rounds: list[Prospect], stages: dict[str, Stage], at: datetime) -> str:
    unknown = [slug for slug, _when in cycle.steps if slug not in stages]
    if unknown:
        return _("no stage %(slug)s") % {"slug": unknown[0]}
    if any(when > at for when in [cycle.opened_at, *(when for _slug, when in cycle.steps)]):
        return _("a date of history must lie in the past")
    if _last(cycle, stages).kind == Kind.OPEN and any(row.is_open for row in rounds):
        return _("this person has an open cycle")
    return ""


def _last(cycle: PastCycle, stages: dict[str, Stage]) -> Stage:
    return stages[cycle.steps[-1][0] if cycle.steps else TO_CONTACT]


def _prospect(
    cycle: PastCycle, rounds: list[Prospect], pipeline: Pipeline, stages: dict[str, Stage]
) -> Prospect:
    stage, since = _last(cycle, stages), cycle.steps[-1][1] if cycle.steps else cycle.opened_at
    accepted = _first_at(cycle, stages)
    inbound = cycle.origin == Prospect.Origin.INBOUND
    return Prospect(
        person_id=cycle.person_id, pipeline=pipeline, round=rounds[-1].round + 1 if rounds else 1,
        previous=rounds[-1] if rounds else None, origin=cycle.origin, lead_move_id=cycle.lead_move_id,
        account_id=cycle.account_id, owner_id=cycle.owner_id, assigned_why=_("Imported"),
        stage=stage, stage_since=since, opened_at=cycle.opened_at,
        marketing_qualified_at=cycle.marketing_qualified_at,
        verdict=_verdict(cycle, stages) if inbound else "", accepted_at=accepted if inbound else None,
        sales_qualified_at=_first_at(cycle, stages, order=stages[SALES_QUALIFIED].order),
        closed_at=None if stage.kind == Kind.OPEN else since, reason=cycle.reason, custom=cycle.custom,
    )  # fmt: skip


def _first_at(cycle: PastCycle, stages: dict[str, Stage], *, order: int = 0) -> datetime | None:
    """When the cycle first stood in an open stage at `order` or beyond. An end does not say when that was."""
    entered = ((stages[slug], when) for slug, when in cycle.steps if slug != TO_CONTACT)
    return next((when for stage, when in entered if stage.kind == Kind.OPEN and stage.order >= order), None)


def _verdict(cycle: PastCycle, stages: dict[str, Stage]) -> str:
    kinds = {stages[slug].kind for slug, _when in cycle.steps if slug != TO_CONTACT}
    if kinds & {Kind.OPEN, Kind.WON, Kind.LOST}:
        return Prospect.Verdict.ACCEPTED
    return Prospect.Verdict.REJECTED if kinds else Prospect.Verdict.OPEN


def _moves(cycle: PastCycle, prospect: Prospect, stages: dict[str, Stage], by: Any) -> Iterator[StageMove]:
    old = None
    for slug, when in [
        (TO_CONTACT, cycle.opened_at),
        *(step for step in cycle.steps if step[0] != TO_CONTACT),
    ]:
        reason = cycle.reason if stages[slug].kind not in (Kind.OPEN, Kind.WON) else None
        yield StageMove(
            prospect=prospect, old=old, new=stages[slug], at=when, by=by, reason=reason, imported=True
        )
        old = stages[slug]


def _import_deals(new: list[tuple[PastCycle, Prospect]], by: Any, changes: Changes) -> None:
    deals = [_deal(cycle, row) for cycle, row in new if cycle.amount is not None or cycle.external_id]
    write_deals(deals, by, changes)


def write_deals(deals: Sequence[Deal], by: Any, changes: Changes) -> None:
    """New deals of the past with the history that their dates tell."""
    changes.note(Deal.objects.bulk_create(deals))
    changes.note(DealMove.objects.bulk_create([move for deal in deals for move in _deal_moves(deal, by)]))


def _deal(cycle: PastCycle, prospect: Prospect) -> Deal:
    return Deal(
        prospect=prospect, account_id=cycle.account_id, title=cycle.title, amount=cycle.amount,
        currency=cycle.currency or settings.CURRENCY, rate=cycle.rate, opened_at=cycle.opened_at,
        status=DEAL_STATUS.get(Kind(prospect.stage.kind), Deal.Status.LOST), closed_at=prospect.closed_at,
        reason=cycle.reason, source=cycle.source, external_id=cycle.external_id or None,
        expected_on=cycle.expected_on, custom=dict(cycle.custom),
    )  # fmt: skip


def _deal_moves(deal: Deal, by: Any) -> Iterator[DealMove]:
    yield DealMove(deal=deal, old="", new=Deal.Status.OPEN, at=deal.opened_at, by=by, imported=True)
    if deal.closed_at is not None:
        yield DealMove(
            deal=deal, old=Deal.Status.OPEN, new=deal.status, at=deal.closed_at, by=by, imported=True
        )
