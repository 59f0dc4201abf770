"""Past sales from another system's file, a batch at a time (docs/importing.md). `crm/importing` reads the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.importing import Entered, become_customers, leads_by_ref
from prospects.models import Prospect
from prospects.past import PastCycle, import_history

WON = "won"


@dataclass(frozen=True, kw_only=True, slots=True)
class PastSale:
    """One won deal. `external_id` names the deal and `person_ref` the person in the source; `kept` goes with it."""

    line: int
    external_id: str
    person_ref: str
    at: datetime
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sold:
    """What became of a sale: created, known or refused (then `why`); `flag` says what deserves a look."""

    line: int
    what: str
    why: str = ""
    flag: str = ""


def import_sales(*, sales: Sequence[PastSale], source: str, by: Any, at: datetime) -> list[Sold]:
    """Won deals of people who were imported before, by their reference. Call inside a transaction."""
    known = leads_by_ref(source=source, ids={sale.person_ref for sale in sales})
    used = set(
        Prospect.objects.filter(person__in=[row[0] for row in known.values()]).values_list(
            "lead_move", flat=True
        )
    )
    cycles, told = {}, []
    for sale in sales:
        if sale.person_ref not in known:
            told.append(Sold(sale.line, "refused", f"nobody of {source} has this id; import the leads first"))
            continue
        person, lead, move = known[sale.person_ref]
        since = lead.created_at if lead else sale.at
        if move and move.pk in used:
            move = None  # a second sale to the same person is a cycle of its own
        if move:
            used.add(move.pk)
        cycles[sale.line] = PastCycle(
            person_id=person,
            # A cycle cannot end before it begins; the true date of the sale is kept, and the line flagged.
            opened_at=min(move.at if move else since, sale.at),
            steps=[(WON, sale.at)],
            lead_move_id=move.pk if move else None,
            marketing_qualified_at=move.at if move else None,
            source=source,
            external_id=sale.external_id,
            custom=dict(sale.kept),
        )
        told.append(
            Sold(sale.line, "created", flag="won before the first contact" if sale.at < since else "")
        )
    return _write(cycles, told, source, by, at)


def import_won_leads(*, entered: Sequence[Entered], source: str, by: Any, at: datetime) -> list[Sold]:
    """The sales behind leads that the file itself calls won. Call in the transaction that wrote the leads."""
    cycles, told = {}, []
    for one in entered:
        if one.row.won_at is None or one.person is None or one.what == "refused":
            continue
        move = one.qualified_move
        cycles[one.row.line] = PastCycle(
            person_id=one.person.pk,
            opened_at=one.row.at,
            steps=[(WON, one.row.won_at)],
            lead_move_id=move.pk if move else None,
            marketing_qualified_at=move.at if move else None,
            source=source,
            external_id=one.row.external_id or None,
        )
        told.append(Sold(one.row.line, "created"))
    return _write(cycles, told, source, by, at)


def _write(cycles: dict[int, PastCycle], told: list[Sold], source: str, by: Any, at: datetime) -> list[Sold]:
    done = import_history(cycles=cycles.values(), by=by, at=at)
    lines = {id(cycle): line for line, cycle in cycles.items()}
    known = {lines[id(cycle)] for cycle in done.known}
    refused = {lines[id(cycle)]: why for cycle, why in done.refused}
    for sold in told:
        if sold.line in known:
            sold.what = "known"
        elif sold.line in refused:
            sold.what, sold.why = "refused", refused[sold.line]
    won = {
        cycle.person_id: cycle.steps[-1][1]
        for line, cycle in cycles.items()
        if line not in known and line not in refused
    }
    if won:
        become_customers(won=won, detail=f"sold, {source}", by=by, at=at)
    return told
