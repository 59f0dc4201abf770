"""One import from the first byte to the log: batches of one transaction each, broken lines told by number.

The checkpoint is written with each batch, so a run that was cut off goes on where it stood (`resume_import`), and a
second run of the same file finds what went in by its keys and adds nothing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign
from crm.importing import kept
from crm.importing.columns.guess import guessed_mapping
from crm.importing.columns.mapping import PEOPLE, Mapping, MappingError
from crm.importing.columns.mapping_file import from_text
from crm.importing.files.lines import Sheet, UnreadableFile, open_sheet
from crm.importing.rights import refuse_unfit_for_list, refuse_unless_may
from crm.importing.work import Import, Tell, reader_for
from crm.models import ImportRun
from leads.models import (
    ContactBasis,
    ExternalRef,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    PastActivity,
    Person,
    Touch,
    Twin,
)
from prospects.models import Account, Deal, DealLine, ListedPerson, Prospect, StageMove

State = ImportRun.State
COUNTS = ("read", "created", "changed", "known", "repeated", "refused", "flagged", "won", "passed")
GONE = timedelta(seconds=90)  # a run whose worker was not heard of for so long is taken over
BY_NAMES = "by column names"
FILLED = (
    Person, ExternalRef, Touch, Fact, Lead, LeadMove, LeadScore, Prospect, StageMove, Deal, PastActivity,
    Account, DealLine, ListedPerson, ContactBasis, Twin,
)  # fmt: skip
OF_SALES = ("account", "product")  # what sales own, as their deals are


def run_import(
    *,
    path: Path,
    mapping: Mapping | None,
    campaign: Campaign | None,
    by: Any,
    at: datetime,
    dry_run: bool = False,
    tell: Tell = lambda line, reason: None,
    **stated: Any,
) -> dict[str, Any]:
    """Read a file by a mapping (None: by the usual names of its columns); `tell` hears each broken line.

    `stated`: basis, basis_source, basis_on, source, no_opt_outs, as the columns of ImportRun. Returns counts of
    lines and the seconds. Raises UnreadableFile, MappingError, and Refused without the right or the opt-outs.
    """
    run = new_run(path=path, mapping=mapping, campaign=campaign, by=by, at=at, **stated)
    check(run, dry_run=dry_run)
    if not dry_run:
        run.claim, run.beat_at = uuid.uuid4(), at
        run.save(force_insert=True)
    return carry_out(run, at=at, dry_run=dry_run, tell=tell)


def new_run(
    *, path: Path, mapping: Mapping | None, campaign: Campaign | None, by: Any, at: datetime, **stated: Any
) -> ImportRun:
    """The row of an import, unsaved."""
    return ImportRun(
        file_name=path.name[:200], path=str(path.absolute()), campaign=campaign, by=by, started_at=at,
        mapping=(mapping.name if mapping else BY_NAMES)[:80], mapping_sha256=mapping.sha256 if mapping else "",
        mapping_text=mapping.text if mapping else "", kind=mapping.kind if mapping else "lead",
        notes=mapping.note if mapping else "",
        **{"source": mapping.source if mapping else "", **stated},
    )  # fmt: skip


def check(run: ImportRun, *, dry_run: bool = False) -> None:
    """Raise Refused where the user may not, or where something must be said first (a dry run may go without)."""
    mapping = mapping_of(run)
    history = bool(mapping and (mapping.history or mapping.kind in OF_SALES))
    needed = "leads.import_history" if history else "leads.import_leads"
    refuse_unless_may(run, run.by, needed, "import history" if history else "import lists")
    refuse_unfit_for_list(run, mapping)
    stated = [bool(run.basis), bool(run.basis_source), run.basis_on is not None]
    if any(stated) and not all(stated):
        raise Refused("a legal basis needs all three: the basis, its source and its date")
    if run.basis and not (mapping and mapping.says_who_agreed):
        raise Refused(
            "the mapping does not say who agreed to mail; give [consent], or everybody_agreed = true"
        )
    if run.basis and not dry_run and not run.no_opt_outs and opt_outs_missing(run):
        raise Refused(f"{NO_OPT_OUTS.format(run.source or 'this source')} Say so if it has none.")


NO_OPT_OUTS = "no opt-outs were imported from {}; they go in first, so that nobody who said no gets mail."


def opt_outs_missing(run: ImportRun) -> bool:
    """Whether people come in from a source whose opt-outs did not."""
    if run.kind not in PEOPLE:
        return False
    before = ImportRun.objects.filter(kind="opt_out", state=State.DONE)
    return not before.filter(source=run.source).exists()


def mapping_of(run: ImportRun) -> Mapping | None:
    """The mapping as it was when the run began; None: by the usual names of columns."""
    return from_text(run.mapping_text, name=run.mapping) if run.mapping_text else None


def opened(run: ImportRun) -> tuple[Sheet, Mapping]:
    """The file and its mapping with one column each; what a loose mapping does not find is noted on the run."""
    path = kept.path_of(run)
    if path is None:
        raise UnreadableFile(f"{run.file_name} is no longer here")
    mapping = mapping_of(run)
    if mapping is None:
        return guessed_mapping(path)
    sheet = open_sheet(path, mapping.needs(), any_of=mapping.any_of())
    found, missing = mapping.resolved(sheet.header)
    if missing:
        run.notes = f"{mapping.note} Not in this file: {', '.join(missing)}.".strip()
    return sheet, found


def carry_out(
    run: ImportRun,
    *,
    at: datetime,
    dry_run: bool = False,
    tell: Tell = lambda line, reason: None,
    begun: Callable[[Import], None] = lambda work: None,
) -> dict[str, Any]:
    """Do the work of a claimed run, from its checkpoint on. A run that fails keeps what it did, and why it failed."""
    started = time.monotonic()
    try:
        work = _begun(run, at, dry_run, tell)
        begun(work)
        if dry_run and not work.kind_forgets:
            with transaction.atomic():
                work.go()
                transaction.set_rollback(True)
        else:
            work.go()
    except BaseException as error:
        if not dry_run and run.pk and not isinstance(error, Conflict):
            _ended(run, started, at, error=_told(error))
        raise
    if not dry_run:
        _ended(run, started, at)
        _count_anew(run)
    counts = {name: work.counts[name] for name in COUNTS}
    return counts | {"seconds": round(time.monotonic() - started, 2)}


def _begun(run: ImportRun, at: datetime, dry_run: bool, tell: Tell) -> Import:
    sheet, mapping = opened(run)
    if run.file_sha256 and run.file_sha256 != sheet.sha256:
        raise Refused("the file is not the one that was begun with")
    run.file_sha256 = sheet.sha256
    if not dry_run:
        run.save(update_fields=["file_sha256", "notes"])
    reader = reader_for(run, sheet, mapping, dry_run)
    return Import(run=run, sheet=sheet, mapping=mapping, reader=reader, at=at, dry_run=dry_run, tell=tell)


def _told(error: BaseException) -> str:
    """A refusal in its words; of anything else the kind only, for its words may hold what stood in a cell."""
    ours = isinstance(error, Refused | UnreadableFile | MappingError)
    return (str(error) if ours else type(error).__name__)[:500]


def _ended(run: ImportRun, started: float, at: datetime, *, error: str = "") -> None:
    run.state = State.FAILED if error else State.DONE
    run.error = error
    run.seconds = round((run.seconds or 0) + time.monotonic() - started, 2)
    run.finished_at = at + timedelta(seconds=run.seconds)
    run.claim, mine = None, run.claim
    columns = ("state", "error", "seconds", "finished_at", "claim")
    ImportRun.objects.filter(pk=run.pk, claim=mine).update(**{name: getattr(run, name) for name in columns})


def _count_anew(run: ImportRun) -> None:
    """After many rows the planner's statistics are stale; without new ones the reports take minutes, not tenths."""
    if connection.vendor == "postgresql" and run.counts.get("created", 0) >= 500:
        with connection.cursor() as cursor:
            for model in FILLED:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def claim(run: ImportRun, *, at: datetime) -> bool:
    """Take a run that waits, failed, or whose worker is gone; only one of several who try gets it."""
    mine = uuid.uuid4()
    takeable = Q(state__in=[State.WAITING, State.TO_CHECK, State.TO_UNDO, State.FAILED], claim=run.claim)
    gone = Q(claim=run.claim, beat_at=run.beat_at) & (Q(beat_at=None) | Q(beat_at__lt=at - GONE))
    rows = ImportRun.objects.filter(
        takeable & (Q(claim=None) | gone) | Q(state=State.RUNNING) & gone, pk=run.pk
    )
    if not rows.update(claim=mine, beat_at=at):
        return False
    run.claim, run.beat_at = mine, at
    return True


def resume_import(
    *, run: ImportRun, by: Any, at: datetime, tell: Tell = lambda line, reason: None
) -> dict[str, Any]:
    """Go on where a crash or a failure stopped a run. Raises Refused for one that is done or still at work."""
    if run.state not in (State.FAILED, State.RUNNING):
        raise Refused(f"import {run.pk} is {run.get_state_display()}")
    check(run)
    if run.state == State.FAILED:
        ImportRun.objects.filter(pk=run.pk, state=State.FAILED).update(claim=None)
        run.claim = None
    if not claim(run, at=at):
        raise Refused(f"import {run.pk} is still at work")
    ImportRun.objects.filter(pk=run.pk).update(state=State.RUNNING, error="", finished_at=None)
    run.state = State.RUNNING
    return carry_out(run, at=at, tell=tell)
