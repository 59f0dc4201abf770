"""The loop of an import: read a batch, write it in one transaction together with the checkpoint, tell, go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign, Channel
from crm.importing import errors_file, kept
from crm.importing.columns.cells import BadCell, Reader, slugs_of
from crm.importing.columns.mapping import CUSTOM, Mapping
from crm.importing.columns.reading import Read, custom_fields, reads
from crm.importing.entering import Work, enter
from crm.importing.files.lines import Record, Sheet, records
from crm.importing.seen import Seen
from crm.models import ImportBatch, ImportLine, ImportRun
from leads.importing import Basis, Changes, PastLead

BATCH = 1000
MOST_LINES_KEPT = 10_000  # of one run in the log; all are counted, and all stand in the file of refused rows
MOST_SHOWN = 20
Tell = Callable[[int, str], None]


@dataclass(slots=True)
class Said:
    """What is to be told of one line: refused or flagged, and why."""

    line: int
    kind: str
    reason: str


@dataclass
class Batch:
    """Rows to be written together, and what was found while they were read."""

    rows: list[Any] = field(default_factory=list)
    records: dict[int, Sequence[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    said: list[Said] = field(default_factory=list)
    last_line: int = 0

    def refuse(self, record: Record, reason: str) -> None:
        self.counts["refused"] += 1
        self.records[record.line] = record.found if record.cells is None else record.cells
        self.said.append(Said(record.line, "refused", reason))


@dataclass(kw_only=True)
class Import:
    """One run at work. `counts` are those of the run so far, `done_line` is the last line that is committed."""

    run: ImportRun
    sheet: Sheet
    mapping: Mapping
    reader: Reader
    at: datetime
    dry_run: bool
    tell: Tell
    counts: Counter[str] = field(default_factory=Counter)
    seen: Seen = field(default_factory=Seen)
    repeats: list[int] = field(default_factory=list)
    asides: list[list[Any]] = field(default_factory=list)
    examples: list[list[Any]] = field(default_factory=list)

    @property
    def kind_forgets(self) -> bool:
        """Whether a dry run may take each batch back at once: no line depends on what an earlier one made."""
        return self.mapping.kind not in ("deal", "opportunity", "account")

    @cached_property
    def basis(self) -> Basis | None:
        return basis_of(self.run)

    def go(self) -> None:
        self.counts = Counter(self.run.counts if not self.dry_run else {})
        for batch in _ahead(self._batches(reads(self.reader))):
            self._write(batch)

    def _batches(self, read: Read) -> Iterator[Batch]:
        """Records below the checkpoint are read once more, to know who stood there, and count for nothing."""
        done = 0 if self.dry_run else self.run.done_line
        source = records(self.sheet)
        while chunk := list(islice(source, BATCH)):
            batch = Batch(last_line=chunk[-1].line)
            for record in chunk:
                self._take(batch, record, read)
            if batch.last_line > done:
                yield batch

    def _take(self, batch: Batch, record: Record, read: Read) -> None:
        if record.aside:
            batch.counts["passed"] += 1
            batch.said.append(Said(record.line, "passed", record.why))
            return
        batch.counts["read"] += 1
        if record.cells is None:
            return batch.refuse(record, record.why)
        if not self._is_meant(record):
            batch.counts["passed"] += 1
            return
        try:
            row = read(record.line, record.cells)
        except BadCell as bad:
            return batch.refuse(record, str(bad))
        if _repeated(row, self.seen):
            batch.counts["repeated"] += 1
            if len(self.repeats) < MOST_SHOWN:
                self.repeats.append(record.line)
            return
        batch.rows.append(row)
        batch.records[record.line] = record.cells

    def _is_meant(self, record: Record) -> bool:
        """[only] of the mapping: the other rows of the file are not what it is about."""
        only = self.mapping.only
        if only is None or record.cells is None:
            return True
        cell = record.cells[self.sheet.header.index(only.column)].strip()
        return cell.casefold() in {value.casefold() for value in only.values}

    def _write(self, batch: Batch) -> None:
        """One transaction. Somebody may have captured one of the people at this moment: then once more."""
        for last_try in (False, True):
            try:
                with transaction.atomic():
                    changes = Changes()
                    told = enter(Work(self.run, self.mapping, self.basis), batch.rows, changes)
                    counts, said = _outcome(batch, told)
                    if self.dry_run:
                        transaction.set_rollback(self.kind_forgets)
                    else:
                        self._checkpoint(batch, counts, said, changes)
                break
            except IntegrityError:
                if last_try:
                    raise
        self.counts += counts
        if self.dry_run and self.run.pk:
            shown = {"counts": {"read": self.counts["read"]}}
            ImportRun.objects.filter(pk=self.run.pk).update(checked=shown, beat_at=timezone.now())
        for one in said:
            self.tell(one.line, one.reason)
            few = self.asides if one.kind == "passed" else self.examples
            if len(few) < MOST_SHOWN:
                few.append([one.line, one.kind, one.reason])

    def _checkpoint(self, batch: Batch, counts: Counter[str], said: Sequence[Said], changes: Changes) -> None:
        run = self.run
        total = self.counts + counts
        refused = [one for one in said if one.kind == "refused"]
        end = run.error_bytes
        if refused:
            rows = [(one.line, batch.records.get(one.line, ()), one.reason) for one in refused]
            end = errors_file.add(kept.errors_path(run), self.sheet.header, rows, start=run.error_bytes)
        self._log(run, said)
        ImportBatch.objects.create(run=run, last_line=batch.last_line, **changes.as_rows())
        now = {
            "done_line": batch.last_line,
            "counts": dict(total),
            "error_bytes": end,
            "beat_at": timezone.now(),
        }
        if not ImportRun.objects.filter(pk=run.pk, claim=run.claim).update(**now):
            raise Conflict("another worker has taken this import over")
        run.done_line, run.counts, run.error_bytes = batch.last_line, dict(total), end

    def _log(self, run: ImportRun, said: Iterable[Said]) -> None:
        room = MOST_LINES_KEPT - self.counts["refused"] - self.counts["flagged"]
        kept_ones = [one for one in said if one.kind != "passed"][: max(room, 0)]
        ImportLine.objects.bulk_create(
            ImportLine(run=run, line=one.line, kind=one.kind, reason=one.reason[:200]) for one in kept_ones
        )


def _ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The next batch is read while the database writes this one. Reading asks the database for nothing."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading") as reading:
        coming = reading.submit(next, batches, None)
        while batch := coming.result():
            coming = reading.submit(next, batches, None)
            yield batch


def _outcome(batch: Batch, told: Iterable[tuple[int, str, str, str]]) -> tuple[Counter[str], list[Said]]:
    """Counts of the batch, and what is to be told of its lines in their order."""
    counts, said = Counter(batch.counts), list(batch.said)
    for line, what, why, flag in told:
        counts[what] += 1
        if what in ("refused", "flagged"):
            said.append(Said(line, what, why))
        if flag:
            counts["flagged"] += 1
            said.append(Said(line, "flagged", flag))
    return counts, sorted(said, key=lambda one: one.line)


def _repeated(row: Any, seen: Seen) -> bool:
    """Whether an earlier line was about the same. A phone number counts only where nothing stronger is given."""
    if isinstance(row, PastLead):
        keys = list(row.known_by())
    else:
        keys = [("ref", getattr(row, "external_id", "") or row.email_key)]
    stood = {key: seen.add(hash(key)) for key in keys}
    strong = [key for key in keys if key[0] != "phone"] or keys
    return any(stood[key] for key in strong)


def reader_for(run: ImportRun, sheet: Sheet, mapping: Mapping, dry_run: bool) -> Reader:
    """The reader of the file: ids of channels and campaigns, custom fields among the facts. Raises Refused."""
    if not dry_run:
        _make_channels(run, mapping)
    channels = dict(Channel.objects.values_list("slug", "pk"))
    if dry_run:
        channels |= {slug: channels["unknown"] for slug in mapping.channels if slug not in channels}
    missing = (slugs_of(mapping.channel) | {"unknown"}) - set(channels)
    if missing:
        raise Refused(f"no channel {min(missing)}; name it in [channels] of the mapping")
    return Reader(
        mapping=_with_custom_facts(mapping), header=sheet.header, channels=channels,
        campaigns=dict(Campaign.objects.values_list("slug", "pk")), campaign=run.campaign_id, at=run.started_at,
    )  # fmt: skip


def _make_channels(run: ImportRun, mapping: Mapping) -> None:
    """Channels that the mapping names and the installation has not: a source's own words for its origins."""
    changes = Changes()
    for slug, name in mapping.channels.items():
        channel, made = Channel.objects.get_or_create(slug=slug, defaults={"name": name, "order": 900})
        changes.note([channel] if made else [])
    if changes.made:
        ImportBatch.objects.create(run=run, last_line=0, **changes.as_rows())


def _with_custom_facts(mapping: Mapping) -> Mapping:
    """Custom fields are facts; a key that no custom field has is refused."""
    custom = {key: column for key, column in mapping.columns.items() if key.startswith(CUSTOM)}
    unknown = set(custom) - set(custom_fields(custom))
    if unknown:
        raise Refused(f"there is no custom field {min(unknown).removeprefix(CUSTOM)} of people")
    columns = {key: column for key, column in mapping.columns.items() if key not in custom}
    return replace(mapping, columns=columns, facts={**mapping.facts, **custom}) if custom else mapping


def basis_of(run: ImportRun) -> Basis | None:
    """The stated legal basis, as the evidence will say it."""
    if not run.basis or run.basis_on is None:
        return None
    words = f"{run.basis}; {run.basis_source}; {run.basis_on.isoformat()}"
    at = datetime.combine(run.basis_on, time(12), timezone.get_default_timezone())
    return Basis(words=words[:200], at=min(at, run.started_at - timedelta(seconds=1)))
