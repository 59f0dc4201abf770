"""Calls, meetings, notes and mails that another system kept: they stand on the person's timeline as history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.importing.changes import Changes
from leads.importing.found import Whom, people_by
from leads.importing.rows import Told
from leads.many_rows import reserve_ids
from leads.models import PastActivity


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """One activity. `external_id` names it in the source."""

    line: int
    whom: Whom
    external_id: str
    kind: str
    at: datetime
    subject: str = ""
    text: str = ""
    outcome: str = ""
    minutes: int | None = None
    who: str = ""


COLUMNS = ("external_id", "kind", "at", "subject", "text", "outcome", "minutes", "who")


def import_activities(
    *, rows: Sequence[Done], source: str, at: datetime, changes: Changes | None = None
) -> list[Told]:
    """Write one batch; call inside a transaction. An activity known by its id adds nothing."""
    changes = changes if changes is not None else Changes()
    people = people_by([row.whom for row in rows], source=source)
    kept = PastActivity.objects.filter(source=source, external_id__in=[row.external_id for row in rows])
    have = set(kept.values_list("external_id", flat=True))
    told, new = [], []
    for row in rows:
        person = people.get(row.whom)
        if row.external_id in have:
            told.append(Told(row.line, "known"))
        elif person is None:
            told.append(Told(row.line, "refused", "nobody here is meant; import the people first"))
        else:
            told.append(Told(row.line, "created"))
            new.append((person, *(getattr(row, name) for name in COLUMNS)))
    ids = reserve_ids(PastActivity, len(new))
    made = [(number, *values) for number, values in zip(ids, new, strict=True)]
    changes.insert_values(PastActivity, ("id", "person_id", *COLUMNS), made, source=source, recorded_at=at)
    return told
