"""Cycles of an import written together, and what became of the rows behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.importing import Changes, become_customers
from prospects.past import PastCycle, import_history

WON, LOST = "won", "lost"


@dataclass(slots=True)
class Sold:
    """What became of a row: created, known or refused (then `why`); `flag` says what deserves a look."""

    line: int
    what: str
    why: str = ""
    flag: str = ""


def write_cycles(
    cycles: Mapping[int, PastCycle], told: list[Sold], source: str, by: Any, at: datetime, changes: Changes
) -> list[Sold]:
    """Write the cycles (by line), make customers of those who bought, and put right what is told of the lines."""
    if not cycles:
        return told
    done = import_history(cycles=cycles.values(), by=by, at=at, changes=changes)
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
        if line not in known and line not in refused and cycle.steps and cycle.steps[-1][0] == WON
    }
    if won:
        become_customers(won=won, detail=f"sold, {source}", by=by, at=at, changes=changes)
    return told
