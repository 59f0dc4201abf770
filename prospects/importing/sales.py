"""Past sales: the deals of a file of sales, and the sales of leads that their own file calls won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.importing import Changes, Entered, leads_by_ref
from prospects.importing.cycles import WON, Sold, write_cycles
from prospects.models import Prospect
from prospects.past import PastCycle


@dataclass(frozen=True, kw_only=True, slots=True)
class PastSale:
    """One won deal. `external_id` names the deal and `person_ref` the person in the source; `kept` goes with it."""

    line: int
    external_id: str
    person_ref: str
    at: datetime
    kept: Mapping[str, str] = field(default_factory=dict)


def import_sales(
    *, sales: Sequence[PastSale], source: str, by: Any, at: datetime, changes: Changes | None = None
) -> list[Sold]:
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
    return write_cycles(cycles, told, source, by, at, changes if changes is not None else Changes())


def import_won_leads(
    *, entered: Sequence[Entered], source: str, by: Any, at: datetime, changes: Changes | None = None
) -> list[Sold]:
    """The sales behind leads that the file itself calls won. Call in the transaction that wrote the leads."""
    cycles, told = {}, []
    for one in entered:
        if one.row.won_at is None or one.what == "refused":
            continue
        cycles[one.row.line] = PastCycle(
            person_id=one.person_id,
            opened_at=one.row.at,
            steps=[(WON, one.row.won_at)],
            lead_move_id=one.qualified_move,
            marketing_qualified_at=one.row.at if one.qualified_move else None,
            source=source,
            external_id=one.row.external_id or None,
        )
        told.append(Sold(one.row.line, "created"))
    return write_cycles(cycles, told, source, by, at, changes if changes is not None else Changes())
