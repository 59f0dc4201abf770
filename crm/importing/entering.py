"""A batch of rows goes to the part of the app that knows its kind; what became of each line comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from crm.importing.columns.mapping import Mapping
from crm.models import ImportRun
from leads.importing import Basis, Changes, Entered, Source, import_activities, import_leads, import_opt_outs
from prospects.importing import (
    import_accounts,
    import_opportunities,
    import_products,
    import_sales,
    import_won_leads,
)
from prospects.prospecting.listing import list_people

Told = tuple[int, str, str, str]  # line, what, why, flag


@dataclass(frozen=True)
class Work:
    """Whose import it is, and by which mapping; ``basis``: on what ground its people may be written to."""

    run: ImportRun
    mapping: Mapping
    basis: Basis | None


def enter(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    """Write the rows; call inside a transaction. A sale that came with a lead has a line of its own, `won`."""
    if not rows:
        return []
    kinds: dict[str, Callable[[Work, list[Any], Changes], list[Told]]] = {
        "deal": _deals,
        "opportunity": _opportunities,
        "activity": _activities,
        "opt_out": _opt_outs,
        "account": _accounts,
        "product": _products,
    }
    return kinds.get(work.mapping.kind, _people)(work, rows, changes)


def _plain(told: Iterable[Any]) -> list[Told]:
    return [(one.line, one.what, one.why, one.flag) for one in told]


def _people(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    mapping, run = work.mapping, work.run
    source = Source(
        name=mapping.source,
        detail=f"import {mapping.name}"[:120],
        touch=mapping.touch,
        status=mapping.status,
        history=mapping.history,
        cold=mapping.kind == "cold_contact",
        basis=work.basis,
    )
    at = run.started_at
    entered = import_leads(rows=rows, source=source, by=run.by, at=at, changes=changes)
    listed = _listed(work, entered, changes)
    told = [
        (one.row.line, one.what, one.why, "; ".join(filter(None, (one.row.flag, one.flag, listed.get(one.person_id)))))
        for one in entered
    ]  # fmt: skip
    sold = import_won_leads(entered=entered, source=mapping.source, by=run.by, at=at, changes=changes)
    for one in sold:
        if one.what == "created":
            told.append((one.line, "won", "", one.flag))
        elif one.what == "refused":
            told.append((one.line, "flagged", f"its sale stayed out: {one.why}", ""))
    return told


def _listed(work: Work, entered: list[Entered], changes: Changes) -> dict[int, str]:
    """Cold contacts come onto the list of their import; what is to be told of each person who does not wait there."""
    run = work.run
    if run.prospecting_list is None:
        return {}
    people = [one.person_id for one in entered if one.what != "refused"]
    fresh = {one.person_id for one in entered if one.is_new}
    return list_people(
        onto=run.prospecting_list, people=people, fresh=fresh, by=run.by, at=run.started_at, changes=changes
    )


def _deals(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    run, source = work.run, work.mapping.source
    return _plain(import_sales(sales=rows, source=source, by=run.by, at=run.started_at, changes=changes))


def _opportunities(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    run, source = work.run, work.mapping.source
    return _plain(
        import_opportunities(rows=rows, source=source, by=run.by, at=run.started_at, changes=changes)
    )


def _accounts(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    return _plain(import_accounts(rows=rows, at=work.run.started_at, changes=changes))


def _products(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    run, source = work.run, work.mapping.source
    return _plain(import_products(rows=rows, source=source, at=run.started_at, changes=changes))


def _activities(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    return _plain(
        import_activities(rows=rows, source=work.mapping.source, at=work.run.started_at, changes=changes)
    )


def _opt_outs(work: Work, rows: list[Any], changes: Changes) -> list[Told]:
    evidence = f"import {work.mapping.name}, {work.mapping.source}, {work.run.file_name}"
    return _plain(import_opt_outs(rows=rows, evidence=evidence, at=work.run.started_at, changes=changes))
