"""One import from the first byte to the log: batches of one transaction each, broken lines told by number.

A crash in the middle is mended by running it again: what went in is found by its keys and adds nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction

from campaigns.errors import Refused
from campaigns.models import Campaign, Channel
from crm.importing.cells import BadCell, Reader, slugs_of
from crm.importing.guess import guessed_mapping
from crm.importing.lines import Record, Sheet, open_sheet, records
from crm.importing.mapping import Mapping
from crm.models import ImportLine, ImportRun
from leads.importing import PastLead, Source, import_leads
from leads.models import ExternalRef, Fact, Lead, LeadMove, LeadScore, Person, Touch
from prospects.importing import PastSale, import_sales, import_won_leads
from prospects.models import Deal, Prospect, StageMove

BATCH = 1000
MOST_LINES_KEPT = 10_000  # of one run in the log; all are counted
FILLED = (Person, ExternalRef, Touch, Fact, Lead, LeadMove, LeadScore, Prospect, StageMove, Deal)
Tell = Callable[[int, str], None]


@dataclass(kw_only=True)
class Import:
    """What is being read, and what has come of it so far."""

    sheet: Sheet
    mapping: Mapping
    reader: Reader
    by: Any
    at: datetime
    dry_run: bool
    tell: Tell
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[ImportLine] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def note(self, line: int, kind: str, reason: str) -> None:
        self.counts[kind] += 1
        self.tell(line, reason)
        if self.counts["refused"] + self.counts["flagged"] <= MOST_LINES_KEPT:
            self.lines.append(ImportLine(line=line, kind=kind, reason=reason[:200]))


def run_import(
    *,
    path: Path,
    mapping: Mapping | None,
    campaign: Campaign | None,
    by: Any,
    at: datetime,
    dry_run: bool = False,
    tell: Tell = lambda line, reason: None,
) -> dict[str, Any]:
    """Read a file by a mapping (None: by the usual names of its columns); `tell` hears each broken line.

    Returns counts of lines: read, created, changed, known, repeated, refused, flagged, won; and seconds.
    Raises UnreadableFile, and Refused without the right to import history.
    """
    started = time.monotonic()
    sheet, mapping = _opened(path, mapping)
    if mapping.history and by is not None and not by.has_perm("leads.import_history"):
        raise Refused(f"{by.get_username()} may not import history")
    reader = _reader(sheet, mapping, campaign, at, dry_run)
    work = Import(sheet=sheet, mapping=mapping, reader=reader, by=by, at=at, dry_run=dry_run, tell=tell)
    run = None if dry_run else _begun(work, campaign)
    try:
        for batch in _batches(work):
            _write(work, batch, run)
    except BaseException as error:
        if run:
            _ended(run, work, started, error=f"{type(error).__name__}"[:500])
        raise
    if run:
        _ended(run, work, started)
        _count_anew(work)
    names = ("read", "created", "changed", "known", "repeated", "refused", "flagged", "won")
    return {name: work.counts[name] for name in names} | {"seconds": round(time.monotonic() - started, 2)}


def _opened(path: Path, mapping: Mapping | None) -> tuple[Sheet, Mapping]:
    if mapping is None:
        return guessed_mapping(path)
    return open_sheet(path, mapping.needs()), mapping


def _reader(sheet: Sheet, mapping: Mapping, campaign: Campaign | None, at: datetime, dry_run: bool) -> Reader:
    if not dry_run:
        _make_channels(mapping)
    channels = dict(Channel.objects.values_list("slug", "pk"))
    if dry_run:
        channels |= {slug: channels["unknown"] for slug in mapping.channels if slug not in channels}
    missing = (slugs_of(mapping.channel) | {"unknown"}) - set(channels)
    if missing:
        raise Refused(f"no channel {min(missing)}; name it in [channels] of the mapping")
    return Reader(
        mapping=mapping,
        header=sheet.header,
        channels=channels,
        campaigns=dict(Campaign.objects.values_list("slug", "pk")),
        campaign=campaign.pk if campaign else None,
        at=at,
    )


def _make_channels(mapping: Mapping) -> None:
    """Channels that the mapping names and the installation has not: a source's own words for its origins."""
    for slug, name in mapping.channels.items():
        Channel.objects.get_or_create(slug=slug, defaults={"name": name, "order": 900})


def _begun(work: Import, campaign: Campaign | None) -> ImportRun:
    return ImportRun.objects.create(
        file_name=work.sheet.path.name[:200],
        file_sha256=work.sheet.sha256,
        mapping=work.mapping.name[:80],
        mapping_sha256=work.mapping.sha256,
        campaign=campaign,
        by=work.by,
        started_at=work.at,
        notes=work.mapping.note,
    )


def _ended(run: ImportRun, work: Import, started: float, *, error: str = "") -> None:
    run.state = ImportRun.State.FAILED if error else ImportRun.State.DONE
    run.error = error
    run.seconds = round(time.monotonic() - started, 2)
    run.finished_at = work.at + timedelta(seconds=run.seconds)
    run.counts = dict(work.counts)
    run.save(update_fields=["state", "error", "seconds", "finished_at", "counts"])


def _count_anew(work: Import) -> None:
    """After many rows the planner's statistics are stale; without new ones the reports take minutes, not tenths."""
    if connection.vendor == "postgresql" and work.counts["created"] >= BATCH // 2:
        with connection.cursor() as cursor:
            for model in FILLED:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _batches(work: Import) -> Iterator[list[PastLead | PastSale]]:
    """Rows that can be read and were not in the file before."""
    read = work.reader.sale if work.mapping.kind == "deal" else work.reader.lead
    batch: list[PastLead | PastSale] = []
    for record in records(work.sheet):
        work.counts["read"] += 1
        row = _row(work, record, read)
        if row is None:
            continue
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _row(work: Import, record: Record, read: Callable[[int, list[str]], Any]) -> Any:
    if record.cells is None:
        return work.note(record.line, "refused", record.why)
    try:
        row = read(record.line, record.cells)
    except BadCell as bad:
        return work.note(record.line, "refused", str(bad))
    if _repeated(row, work.seen):
        work.counts["repeated"] += 1
        return None
    return row


def _repeated(row: PastLead | PastSale, seen: set[int]) -> bool:
    """Whether an earlier line was about the same. A phone number counts only where nothing stronger is given."""
    keys = [("ref", row.external_id)] if isinstance(row, PastSale) else list(row.known_by())
    hashes = [hash(key) for key in keys]
    strong = [number for key, number in zip(keys, hashes, strict=True) if key[0] != "phone"] or hashes
    found = any(number in seen for number in strong)
    seen.update(hashes)
    return found


def _write(work: Import, batch: list[Any], run: ImportRun | None) -> None:
    """One transaction. Somebody may have captured one of the people at this moment: then once more."""
    for last_try in (False, True):
        try:
            with transaction.atomic():
                told = _enter(work, batch)
                transaction.set_rollback(work.dry_run)
            break
        except IntegrityError:
            if last_try:
                raise
    for number, what, why, flag in told:
        if what in ("refused", "flagged"):
            work.note(number, what, why)
        else:
            work.counts[what] += 1
        if flag:
            work.note(number, "flagged", flag)
    if run:
        for line in work.lines:
            line.run = run
        ImportLine.objects.bulk_create(work.lines)
    work.lines = []


def _enter(work: Import, batch: list[Any]) -> list[tuple[int, str, str, str]]:
    """What became of each line of the batch: (line, what, why, flag). A sale has a line of its own, `won`."""
    mapping = work.mapping
    by, at = work.by, work.at
    if mapping.kind == "deal":
        sold = import_sales(sales=batch, source=mapping.source, by=by, at=at)
        return [(one.line, one.what, one.why, one.flag) for one in sold]
    source = Source(
        name=mapping.source,
        detail=f"import {mapping.name}",
        touch=mapping.touch,
        status=mapping.status,
        history=mapping.history,
    )
    entered = import_leads(rows=batch, source=source, by=by, at=at)
    told = [(one.row.line, one.what, one.why, "") for one in entered]
    for one in import_won_leads(entered=entered, source=mapping.source, by=by, at=at):
        if one.what == "created":
            told.append((one.line, "won", "", one.flag))
        elif one.what == "refused":
            told.append((one.line, "flagged", f"its sale stayed out: {one.why}", ""))
    return told
