"""Taking a merge back: every row goes back to what it was, except where somebody changed it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.merging.joining import note_status
from leads.merging.merge import lock_both
from leads.merging.record import Value, columns, model_of, read, written
from leads.models import Lead, Merge, Message, Person, Twin
from leads.signals import people_parted
from leads.tracking import note_change

Back = dict[str, tuple[Value, Value]]  # column → before and after the merge
BATCH = 1000


@dataclass(kw_only=True)
class Parted:
    """What came of it: `stayed` are changes made since, as (table, column), each with how many rows kept them."""

    merge: Merge
    stayed: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def words(self) -> Iterator[str]:
        for (table, column), number in sorted(self.stayed.items()):
            meta = model_of(table)._meta
            name = next(one.verbose_name for one in meta.concrete_fields if one.attname == column)
            yield f"{meta.verbose_name}: {name} ({number})"


def part(*, merge: Merge, at: datetime, by: Any) -> Parted:
    """Undo. What was changed after the merge stays as it is and is named; new rows stay with the person who stayed.

    Raises Conflict where it was undone already, Refused where one of both was erased or merged on.
    """
    with transaction.atomic():
        rows = _by_row(merge.changes["changed"])
        keep, gone = lock_both(merge.keep_id, merge.gone_id, also=rows.get(Person._meta.label_lower, ()))
        merge.refresh_from_db()
        _refuse(merge, keep, gone)
        parted = Parted(merge=merge)
        status = Lead.objects.filter(person=keep).values_list("status", flat=True).first()
        for table, theirs in rows.items():
            _put_back(model_of(table), theirs, parted)
        for table, pks in merge.changes["made"].items():
            _take_away(model_of(table), pks, merge, parted)
        # A mail made since goes with the walk that it belongs to.
        Message.objects.filter(enrolment__person=gone, person=keep).update(person=gone)
        _note_status(keep, status, at, by)
        _log(merge, at, by)
        note_change(person_ids=[keep.pk, gone.pk], at=at)
        people_parted.send(
            sender=Person, keep_id=keep.pk, gone_id=gone.pk, at=at, changed_since=bool(parted.stayed)
        )
    return parted


def _refuse(merge: Merge, keep: Person, gone: Person) -> None:
    if merge.undone_at:
        raise Conflict(now=_("This merge was undone already."))
    if keep.erased_at or gone.erased_at:
        raise Refused(_("One of them was erased since."))
    if keep.merged_into_id:
        raise Refused(
            _("%(who)s was merged into another person since: undo that first.") % {"who": keep.name}
        )


def _by_row(changed: list[list[Any]]) -> dict[str, dict[Any, Back]]:
    tables: dict[str, dict[Any, Back]] = defaultdict(dict)
    for table, column, old, new, pks in changed:
        for pk in pks:
            tables[table].setdefault(pk, {})[column] = (old, new)
    return tables


def _put_back(model: type[Model], rows: dict[Any, Back], parted: Parted) -> None:
    """Row by row, since each may have changed since; one that stands in another's way comes after it."""
    now = _as_they_are(model, list(rows))
    todo: dict[Any, dict[str, Any]] = {}
    for pk, back in rows.items():
        if pk in now:
            todo[pk] = _unchanged(model, back, now[pk], parted)
    _free_keys(model, todo)
    alike: dict[str, tuple[dict[str, Any], list[Any]]] = {}
    for pk, wanted in todo.items():
        alike.setdefault(repr(sorted(wanted.items())), (wanted, []))[1].append(pk)
    waiting = [(wanted, pks) for wanted, pks in alike.values() if wanted]
    while waiting:
        left = [(wanted, pks) for wanted, pks in waiting if not _write(model, wanted, pks)]
        if len(left) == len(waiting):
            break
        waiting = left
    for wanted, pks in waiting:
        _put_back_in_parts(model, wanted, pks, now, parted)


def _put_back_in_parts(
    model: type[Model], wanted: dict[str, Any], pks: list[Any], now: dict[Any, dict[str, Any]], parted: Parted
) -> None:
    """Something in the row stands in the way, an address that another person has by now: only that part stays."""
    parts: dict[str, dict[str, Any]] = defaultdict(dict)
    for column, value in wanted.items():
        parts[column.removesuffix("_key")][column] = value
    for part_of_row in parts.values():
        for pk in pks:
            if not _write(model, part_of_row, [pk]):
                _write(model, {column: now[pk][column] for column in part_of_row}, [pk])
                for column in part_of_row:
                    parted.stayed[model._meta.label_lower, column] += 1


def _as_they_are(model: type[Model], pks: list[Any]) -> dict[Any, dict[str, Any]]:
    found = model._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    return {row["pk"]: row for row in found.values("pk", *columns(model))}


def _unchanged(model: type[Model], back: Back, row: dict[str, Any], parted: Parted) -> dict[str, Any]:
    """The columns that are still as the merge left them, with what they were before."""
    fields = {one.attname: one for one in model._meta.concrete_fields}
    wanted = {}
    for column, (old, new) in back.items():
        if written(row[column]) == new:
            wanted[column] = read(fields[column], old)
        else:
            parted.stayed[model._meta.label_lower, column] += 1
    return wanted


def _free_keys(model: type[Model], todo: dict[Any, dict[str, Any]]) -> None:
    """Two people swap addresses: both let go first."""
    if model is Person:
        for pk, wanted in todo.items():
            if keys := {name: None for name in ("email_key", "phone_key") if name in wanted}:
                Person.objects.filter(pk=pk).update(**keys)


def _write(model: type[Model], wanted: dict[str, Any], pks: list[Any]) -> bool:
    try:
        with transaction.atomic():
            for start in range(0, len(pks), BATCH):
                model._base_manager.filter(pk__in=pks[start : start + BATCH]).update(**wanted)
    except IntegrityError:
        return False
    return True


def _take_away(model: type[Model], pks: list[Any], merge: Merge, parted: Parted) -> None:
    """A row that the merge made goes, unless somebody has lifted it or hung something on it since."""
    rows = model._base_manager.filter(pk__in=pks)
    if model._meta.label_lower == "leads.suppression":
        rows = rows.filter(lifted_at=None)
    gone, _each = rows.delete()
    if gone < len(pks):
        parted.stayed[model._meta.label_lower, "id"] += len(pks) - gone


def _note_status(keep: Person, was: str | None, at: datetime, by: Any) -> None:
    lead = Lead.objects.filter(person=keep).first()
    if lead and was and lead.status != was:
        note_status(lead, old=was, new=lead.status, why="merge undone", at=at, by=by)


def _log(merge: Merge, at: datetime, by: Any) -> None:
    Merge.objects.filter(pk=merge.pk).update(undone_at=at, undone_by=by)
    merge.undone_at, merge.undone_by = at, by
    pair = {"one": min(merge.keep_id, merge.gone_id), "two": max(merge.keep_id, merge.gone_id)}
    Twin.objects.filter(**pair).update(state=Twin.State.OPEN, decided_at=None, decided_by=None)
