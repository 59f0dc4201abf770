"""An import taken back: rows that it made go, blanks that it filled are blank again, as if it had never run.

All in one transaction or not at all. It is refused where people have acted since: what they did points at rows that
would go. A blank that was changed since stays as it is and is told.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.dateparse import parse_datetime

from campaigns.errors import Refused
from campaigns.models import Channel
from crm.importing.rights import refuse_unless_may
from crm.importing.traces import Made, derived_from, merged, pointing_at
from crm.models import ImportBatch, ImportRun
from leads.importing.changes import fingerprint
from leads.models import Company, LeadScore, Person
from prospects.models import Account, ListedPerson

State = ImportRun.State
MOST_TOLD = 50
# Made on the way for others to use; where somebody does, they stay.
SHARED: tuple[type[Model], ...] = (Account, Company, Channel)
# Where these changed since, somebody has worked on it.
WORKED_ON = {("leads.Lead", "status"), ("leads.Person", "sales_stage"), ("leads.Person", "sales_open")}
Found = list[dict[str, Any]]


class Acted(Refused):
    """People have acted since; `found` lists who and what."""

    def __init__(self, found: Found, total: int) -> None:
        super().__init__(f"{total} things happened since that stand on these rows: {_listed(found)}")
        self.found = found


def undo_import(*, run: ImportRun, by: Any, at: datetime) -> dict[str, Any]:
    """Take a run back. Returns counts: removed, blanked, left (blanks changed since). Raises Refused, and Acted."""
    _may_be_undone(run, by)
    started = time.monotonic()
    try:
        with transaction.atomic():
            counts, left = _undo(run, at)
            run.state, run.undone_at, run.undone_by, run.undo_found = State.UNDONE, at, by, left[:MOST_TOLD]
            run.save(update_fields=["state", "undone_at", "undone_by", "undo_found"])
            ImportBatch.objects.filter(run=run).delete()
    except Acted as acted:
        ImportRun.objects.filter(pk=run.pk).update(undo_found=acted.found)
        raise
    except IntegrityError:
        raise Refused("somebody has just begun to work with one of these rows; try again") from None
    return {**counts, "seconds": round(time.monotonic() - started, 2)}


def _may_be_undone(run: ImportRun, by: Any) -> None:
    refuse_unless_may(run, by, "leads.import_leads", "undo imports")
    if run.kind == "opt_out":
        raise Refused("opt-outs are not taken back: only a fresh opt-in of the person lifts one")
    if run.state not in (State.DONE, State.FAILED, State.TO_UNDO):
        raise Refused(f"import {run.pk} is {run.get_state_display()}")


def _undo(run: ImportRun, at: datetime) -> tuple[Counter[str], Found]:
    batches = list(ImportBatch.objects.filter(run=run).order_by("-pk").values("made", "filled", "moved"))
    made = merged([batch["made"] for batch in batches])
    counts: Counter[str] = Counter()
    left: Found = []
    worked_on: Found = []
    for batch in batches:
        for label, pk, columns in batch["moved"]:
            worked_on += _put_back(label, pk, columns, at)
        left += _blank(batch["filled"], counts)
    shared = {label: part for label, part in made.items() if part.model in SHARED}
    own = {label: part for label, part in made.items() if part.model not in SHARED}
    found = worked_on + [one for part in own.values() for one in _acts(part, made)]
    found += _erased(own) + _begun(own)
    if found:
        raise Acted(found[:MOST_TOLD], len(found))
    companies = _companies_of(own, run)
    for part in own.values():
        for rows in derived_from(part):
            rows._raw_delete(rows.db)
    for part in own.values():
        part.delete()
        counts["removed"] += sum(last - first + 1 for first, last in part.ranges)
    _drop_unused(shared, companies)
    return counts, left


def _put_back(label: str, pk: int, columns: dict[str, list[Any]], at: datetime) -> Found:
    """What stood there before, where it is still as the import left it."""
    model = apps.get_model(label)
    row = model._base_manager.filter(pk=pk).first()
    found: Found = []
    if row is None:
        return found
    back = {}
    for name, (before, after) in columns.items():
        if _same(getattr(row, name), after):
            back[name] = _typed(row, name, before)
        elif model is LeadScore:
            back[name] = at  # computed since, from rows that go now
        elif (label, name) in WORKED_ON:
            found.append(_told(row, f"{model._meta.verbose_name} changed"))
    if back:
        model._base_manager.filter(pk=pk).update(**back)
    return found


def _same(now: Any, after: Any) -> bool:
    return (now.isoformat() if hasattr(now, "isoformat") else now) == after or (
        isinstance(now, datetime) and isinstance(after, str) and now == parse_datetime(after)
    )


def _typed(row: Model, name: str, value: Any) -> Any:
    return parse_datetime(value) if isinstance(value, str) and name.endswith(("_at", "_since")) else value


def _blank(filled: dict[str, dict[str, str]], counts: Counter[str]) -> Found:
    """Empty again what was empty. Keys are null, texts are blank."""
    left: Found = []
    people = Person.objects.select_for_update(no_key=True).in_bulk([int(pk) for pk in filled])
    for pk, columns in filled.items():
        person = people.get(int(pk))
        if person is None or person.erased_at:
            continue
        changed = []
        for name, mark in columns.items():
            if fingerprint(getattr(person, name) or "") == mark:
                setattr(person, name, None if name.endswith("_key") else "")
                changed.append(name)
            else:
                left.append(_told(person, f"{name} was changed since and stays"))
        if changed:
            person.save(update_fields=changed)
            counts["blanked"] += len(changed)
    counts["left"] += len(left)
    return left


def _acts(part: Made, made: dict[str, Made]) -> Iterable[dict[str, Any]]:
    """What people did since with rows of this model."""
    for field, rows in pointing_at(part, made):
        for row in rows[: MOST_TOLD + 1]:
            yield _told(getattr(row, field.name), str(row._meta.verbose_name))


def _erased(made: dict[str, Made]) -> Found:
    """Whoever was erased on request stays as an empty row: reports count them."""
    people = made.get(Person._meta.label)
    if people is None:
        return []
    return [
        _told(one, "was erased on request") for rows in people.rows() for one in rows.exclude(erased_at=None)
    ]


def _begun(made: dict[str, Made]) -> Found:
    """Whoever stands on a list because of the import, and is with a rep since: their row says what became of it."""
    listed = made.get(ListedPerson._meta.label)
    if listed is None:
        return []
    words = str(ListedPerson.State.STARTED.label)
    return [_told(one, words) for rows in listed.rows() for one in rows.exclude(prospect=None)]


def _told(row: Any, what: str) -> dict[str, Any]:
    """Whom it is about, by number, and what it is."""
    person = row.pk if isinstance(row, Person) else getattr(row, "person_id", None)
    if person is None:
        above = getattr(row, "lead", None) or getattr(row, "prospect", None)
        person = getattr(above, "person_id", None)
    return {"person": person, "what": what}


def _companies_of(made: dict[str, Made], run: ImportRun) -> set[int]:
    """Companies that the worker made of these people's addresses after they came in."""
    people = made.get(Person._meta.label)
    if people is None:
        return set()
    found: set[int] = set()
    for rows in people.rows():
        since = rows.filter(company__created_at__gte=run.started_at)
        found |= set(since.values_list("company", flat=True).distinct())
    return found


def _drop_unused(shared: dict[str, Made], companies: set[int]) -> None:
    """Accounts, companies and channels that the import brought and nobody else uses."""
    parts = {model: shared.get(model._meta.label) or Made(model, []) for model in SHARED}
    parts[Company].ranges.extend([pk, pk] for pk in sorted(companies))
    for model in SHARED:
        while _drop_round(parts[model]):  # a parent goes after its last subsidiary
            pass


def _drop_round(part: Made) -> int:
    """How many went."""
    gone = 0
    for first, last in part.ranges:
        for row in part.model._base_manager.filter(pk__range=(first, last)):
            alone = Made(part.model, [[row.pk, row.pk]])
            if not any(rows.exists() for _field, rows in pointing_at(alone, {})):
                alone.delete()
                gone += 1
    return gone if part.model is Company else 0


def _listed(found: Found) -> str:
    return ", ".join(f"person {one['person'] or '–'}: {one['what']}" for one in found[:5]) + (
        " …" if len(found) > 5 else ""
    )
