"""What staff ask for on the import pages: verbs that set an import on its way. The worker does the work (`queue`)."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign
from crm.importing import kept
from crm.importing.columns import remembered
from crm.importing.columns.guess import guessed_columns
from crm.importing.columns.mapping import Mapping, MappingError
from crm.importing.columns.mapping_file import from_text
from crm.importing.files.lines import Sheet, UnreadableFile, open_sheet, records
from crm.importing.files.names import ADDRESSES, name_key
from crm.importing.rights import COLD, refuse_unfit_for_list
from crm.importing.run import check, mapping_of, new_run
from crm.models import ImportRun
from leads.nudge import nudge
from prospects.models import ProspectingList

State = ImportRun.State
BUSY = (State.TO_CHECK, State.WAITING, State.RUNNING, State.TO_UNDO)
SAMPLES = 3
BY_FILE = "by_file"
# Beside the columns of a person: proposed on the page, where somebody sees it, and not without.
USUAL = {
    **dict.fromkeys(("country", "countryregion", "land", "pays", "paese", "pais"), "country"),
    **dict.fromkeys(("newsletter", "optin", "emailoptin", "marketingconsent", "einwilligung"), "consent"),
    **dict.fromkeys(("language", "sprache", "langue", "lingua", "idioma"), "language"),
}
COUNTED: dict[str, str | Promise] = {
    "read": _("rows read"),
    "created": _("new"),
    "changed": _("known, added to"),
    "known": _("known, nothing new"),
    "won": _("sales"),
    "repeated": _("repeated in the file"),
    "refused": _("stayed out"),
    "flagged": _("went in, worth a look"),
    "passed": _("passed over"),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a person needs to see to name the columns. `fixed`: a mapping that this page cannot show in full."""

    sheet: Sheet
    kind: str
    header: Sequence[str]
    samples: Sequence[Sequence[str]]
    chosen: dict[str, str]
    offers: Sequence[remembered.Offer] = ()
    used: remembered.Offer | None = None
    fixed: Mapping | None = None
    missing: Sequence[str] = field(default_factory=list)


def upload(
    *, file: Any, kind: str, source: str, campaign: Campaign | None, mapping: str, submit_key: UUID, by: Any,
    at: datetime, prospecting_list: ProspectingList | None = None,
) -> ImportRun:  # fmt: skip
    """Keep an uploaded file; the same form twice is one import. Raises Refused, UnreadableFile and MappingError."""
    twin = ImportRun.objects.filter(submit_key=submit_key).first()
    if twin is not None:
        return twin
    given = from_text(mapping, name="uploaded") if mapping else None
    stored = kept.keep(file)
    path = kept.folder() / stored
    try:
        sheet = _sheet(path, given)
        run = new_run(path=path, mapping=given, campaign=campaign, by=by, at=at, source=source)
        run.file_name, run.path, run.submit_key = (file.name or "file")[:200], stored, submit_key
        run.kind, run.prospecting_list = given.kind if given else kind, prospecting_list
        refuse_unfit_for_list(run, given)
        run.state, run.file_sha256 = State.DRAFT, sheet.sha256
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        path.unlink()
        return ImportRun.objects.get(submit_key=submit_key)
    except BaseException:
        path.unlink()
        raise
    return run


def _sheet(path: Any, mapping: Mapping | None) -> Sheet:
    """By its mapping; without one by the usual names of columns, else by a mapping that knows such a file."""
    if mapping is not None:
        return open_sheet(path, mapping.needs(), any_of=mapping.any_of())
    try:
        return open_sheet(path, set(), any_of=ADDRESSES)
    except UnreadableFile as refusal:
        for known in remembered.known():
            with suppress(UnreadableFile, MappingError):
                sheet = open_sheet(path, known.needs(), any_of=known.any_of())
                known.resolved(sheet.header)
                return sheet
        raise refusal from None


def look_at(run: ImportRun, *, use: str = "") -> Look:
    """The file's columns with three values each, the mappings that fit, and what is chosen so far."""
    path = kept.path_of(run)
    if path is None:
        raise Refused("The file of this import was deleted.")
    own = mapping_of(run)
    sheet = _sheet(path, own)
    offers = [
        one for one in remembered.offers(sheet.header, source=run.source)
        if one.kind == COLD or not run.prospecting_list_id
    ]  # fmt: skip
    used = next((offer for offer in offers if offer.key == use), None)
    mapping = from_text(used.text, name=used.name) if used else own
    kind = run.kind if run.kind != BY_FILE else "lead"
    missing: list[str]
    if mapping is None:
        chosen, fixed, missing = _guessed(sheet, kind), None, []
    else:
        found, missing = mapping.resolved(sheet.header)
        chosen, kind = remembered.choices_of(found), mapping.kind
        fixed = mapping if _is_more_than_columns(mapping) else None
    return Look(
        sheet=sheet, kind=kind, header=sheet.header, samples=_samples(sheet), chosen=chosen, offers=offers,
        used=used, fixed=fixed, missing=missing,
    )  # fmt: skip


def _guessed(sheet: Sheet, kind: str) -> dict[str, str]:
    guess = guessed_columns(sheet.header)
    chosen = {column: name for name, column in guess.columns.items()}
    if kind == "opt_out":
        return {column: name for column, name in chosen.items() if name == "email"}
    chosen |= dict.fromkeys(guess.more_emails, "more_email")
    chosen |= {column: USUAL[name_key(column)] for column in guess.unread if name_key(column) in USUAL}
    return chosen | ({guess.full_name: "full_name"} if guess.full_name else {})


def _is_more_than_columns(mapping: Mapping) -> bool:
    parts = set(mapping.tables) - {"at", "consent"}
    return mapping.history or bool(parts) or mapping.kind not in ("lead", "cold_contact", "opt_out")


def _samples(sheet: Sheet) -> list[list[str]]:
    """Three good rows, short enough to look at."""
    good = (record.cells for record in records(sheet) if record.cells is not None and not record.aside)
    return [[cell[:80] for cell in cells] for cells in islice(good, SAMPLES)]


def name_columns(
    *, run: ImportRun, look: Look, choices: Table[str, str], said: Table[str, Any], at: datetime
) -> None:
    """Take what was chosen, remember it, and ask for the dry run. Raises MappingError and Refused."""
    text = look.fixed.text if look.fixed else remembered.chosen_text(
        kind=look.kind, source=run.source, choices=choices, date_format=said.get("date_format", ""),
        everybody_agreed=said.get("everybody_agreed", False),
    )  # fmt: skip
    name = said.get("remember_as") or (look.used.name if look.used else run.source or "columns")
    mapping = from_text(text, name=name)
    if mapping.kind == "lead" and run.campaign_id is None and mapping.campaign is None:
        raise MappingError("leads need a campaign: upload the file again and choose one")
    run.mapping, run.mapping_text, run.mapping_sha256 = mapping.name[:80], text, mapping.sha256
    run.kind, run.source, run.notes = mapping.kind, mapping.source or run.source, mapping.note
    for column in ("basis", "basis_source", "basis_on"):
        setattr(run, column, said.get(column) or ("" if column != "basis_on" else None))
    mapping.resolved(look.header)
    check(run, dry_run=True)
    if said.get("remember_as"):
        remembered.remember(name=name, mapping=mapping, header=look.header, by=run.by, at=at)
    run.state, run.error, run.checked, run.claim = State.TO_CHECK, "", {}, None
    run.save()
    nudge("crm.importing.queue.work_due")


def start(*, run: ImportRun, by: Any, said: Table[str, Any], at: datetime) -> None:
    """From the dry run to the run. Raises Refused where something must be said first, Conflict on a second press."""
    run.no_opt_outs = run.no_opt_outs or bool(said.get("no_opt_outs"))
    run.by = by
    check(run)
    _move(run, (State.CHECKED,), state=State.WAITING, no_opt_outs=run.no_opt_outs, by=by, started_at=at)


def resume(*, run: ImportRun, by: Any, said: Table[str, Any], at: datetime) -> None:
    run.by = by
    check(run)
    _move(run, (State.FAILED,), state=State.WAITING, error="")


def take_back(*, run: ImportRun, by: Any, said: Table[str, Any], at: datetime) -> None:
    if run.kind == "opt_out":
        raise Refused("Opt-outs are not taken back: only a fresh opt-in of the person lifts one.")
    _move(run, (State.DONE, State.FAILED), state=State.TO_UNDO, undone_by=by, error="", undo_found=[])


def drop(*, run: ImportRun, by: Any, said: Table[str, Any], at: datetime) -> None:
    """Forget an upload that was not run."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=[State.DRAFT, State.CHECKED]).delete()[0]:
        raise Conflict(f"This import is {run.get_state_display()}.")
    (kept.folder() / run.path).unlink(missing_ok=True)


def _move(run: ImportRun, old: Sequence[str], **new: Any) -> None:
    """One conditional UPDATE: of two presses one wins, the other finds it begun."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=old).update(**new, claim=None):
        run.refresh_from_db()
        if run.state not in BUSY:
            raise Conflict(f"This import is {run.get_state_display()}.")
        return
    nudge("crm.importing.queue.work_due")


def in_words(run: ImportRun) -> list[tuple[str, str | Promise, int]]:
    """The counts of the run, or of its dry run, in a fixed order, zeros left out but the rows read."""
    counts = run.counts or run.checked.get("counts", {})
    return [
        (name, words, counts.get(name, 0))
        for name, words in COUNTED.items()
        if counts.get(name) or name == "read"
    ]
