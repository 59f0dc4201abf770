"""Opt-outs and bounces of another system: they go in before the people do, and stay whatever comes later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.consent import email_hash, email_hashes
from leads.importing.changes import Changes
from leads.importing.rows import Told
from leads.many_rows import reserve_ids
from leads.models import Person, Suppression
from leads.tracking import note_change


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOptOut:
    """One address that must not be written to, and why (`Suppression.Reason`)."""

    line: int
    email_key: str
    reason: str
    at: datetime


def import_opt_outs(
    *, rows: Sequence[PastOptOut], evidence: str, at: datetime, changes: Changes | None = None
) -> list[Told]:
    """Write one batch; call inside a transaction. Who is silenced already stays so by the older row."""
    changes = changes if changes is not None else Changes()
    whose = {digest: row.email_key for row in rows for digest in email_hashes(row.email_key)}
    standing = Suppression.objects.filter(email_hash__in=whose, lifted_at=None, topic=None)
    silent = {whose[digest] for digest in standing.values_list("email_hash", flat=True)}
    new = [row for row in rows if row.email_key not in silent]
    people = dict(
        Person.objects.filter(email_key__in=[row.email_key for row in new]).values_list("email_key", "pk")
    )
    made = [
        (number, email_hash(row.email_key), people.get(row.email_key), row.reason, row.at)
        for number, row in zip(reserve_ids(Suppression, len(new)), new, strict=True)
    ]
    names = ("id", "email_hash", "person_id", "reason", "at")
    changes.insert_values(Suppression, names, made, evidence=evidence[:200])
    note_change(person_ids=people.values(), at=at)
    return [Told(row.line, "known" if row.email_key in silent else "created") for row in rows]
