"""The worker's side of imports: dry runs, runs and undos that somebody asked for on a page, one at a time."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db.models import Q

from campaigns.errors import Conflict, Refused
from crm.importing.columns.mapping import MappingError
from crm.importing.files.lines import UnreadableFile
from crm.importing.run import GONE, carry_out, check, claim
from crm.importing.undo import undo_import
from crm.importing.work import Import
from crm.models import ImportRun

log = logging.getLogger(__name__)
State = ImportRun.State
SAYS_WHY = (Refused, UnreadableFile, MappingError)


def work_due(*, at: datetime) -> dict[str, int]:
    """Do the oldest thing that waits; a run whose worker is gone goes on from its checkpoint."""
    asked = Q(state__in=[State.TO_CHECK, State.WAITING, State.TO_UNDO]) & Q(claim=None)
    left = Q(state__in=[State.TO_CHECK, State.WAITING, State.TO_UNDO, State.RUNNING], beat_at__lt=at - GONE)
    run = ImportRun.objects.filter(asked | left).order_by("started_at").first()
    if run is None or not claim(run, at=at):
        return {}
    try:
        {State.TO_CHECK: _check, State.TO_UNDO: _undo}.get(State(run.state), _run)(run, at)
    except Conflict:
        return {"taken_over": 1}
    except SAYS_WHY as refusal:
        _failed(run, str(refusal))
    except Exception as error:
        log.exception("Import %s failed", run.pk)
        _failed(run, type(error).__name__)
    return {"imports": 1}


def _run(run: ImportRun, at: datetime) -> None:
    ImportRun.objects.filter(pk=run.pk, claim=run.claim).update(state=State.RUNNING)
    run.state = State.RUNNING
    check(run)
    carry_out(run, at=at)


def _check(run: ImportRun, at: datetime) -> None:
    check(run, dry_run=True)
    counts, work = dry_run(run, at=at)
    ImportRun.objects.filter(pk=run.pk, claim=run.claim).update(
        state=State.CHECKED, claim=None, checked=findings(work, counts), notes=run.notes
    )


def dry_run(run: ImportRun, *, at: datetime) -> tuple[dict[str, Any], Import]:
    works: list[Import] = []
    counts = carry_out(run, at=at, dry_run=True, begun=works.append)
    return counts, works[0]


def findings(work: Import, counts: dict[str, Any]) -> dict[str, Any]:
    """What a dry run tells: counts, lines to look at, and what was assumed of the file."""
    sheet = work.sheet
    return {
        "counts": counts,
        "lines": work.examples,
        "passed": work.asides,
        "repeats": work.repeats,
        "encoding": sheet.encoding,
        "separator": sheet.separator,
        "header_line": sheet.header_line,
        "notes": list(sheet.notes),
    }


def _undo(run: ImportRun, at: datetime) -> None:
    try:
        undo_import(run=run, by=run.undone_by, at=at)
    except Refused as refusal:
        ImportRun.objects.filter(pk=run.pk).update(state=State.DONE, claim=None, error=str(refusal)[:500])


def _failed(run: ImportRun, why: str) -> None:
    """A dry run that failed goes back to the choice of the mapping, a run keeps what it did."""
    state = State.DRAFT if run.state == State.TO_CHECK else State.FAILED
    ImportRun.objects.filter(pk=run.pk, claim=run.claim).update(state=state, claim=None, error=why[:500])
