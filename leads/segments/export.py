"""The people of a segment as a CSV file, written row by row: its size does not matter. Who took it is noted first.

The columns carry the names that the import knows, so the file can be read back.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from leads.models import ExportLog, Person, Segment, SegmentMember
from leads.segments.words import in_words
from leads.spreadsheet_cells import BOM, inert

AT_ONCE = 2_000  # people read with one query
COLUMNS = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "phone": "phone",
    "job_title": "job_title",
    "company": "company_name",
    "country": "country",
    "language": "language",
    "status": "lead__status",
    "grade": "lead__score__grade",
    "persona": "lead__persona__name",
    "journey_stage": "lead__journey_stage",
    "became_a_lead": "lead__created_at",
}


class _Line:
    """Hands a written line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def export(*, segment: Segment, by: Any, at: datetime) -> Iterator[str]:
    """Note who takes it out, then give the file, a piece of text at a time. Members as they are stored now."""
    people = members(segment)
    words = [in_words(line) for line in segment.conditions.order_by("pk")]
    ExportLog.objects.create(segment=segment, lines=words, rows=people.count(), by=by, at=at)
    return _lines(people)


def members(segment: Segment) -> QuerySet[Person]:
    """The stored members whom a list would show."""
    stored = SegmentMember.objects.filter(segment=segment).values("person")
    return Person.objects.filter(pk__in=stored, lead__isnull=False, merged_into=None, erased_at=None)


def _lines(people: QuerySet[Person]) -> Iterator[str]:
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield BOM + writer.writerow(list(COLUMNS))
    last = 0
    columns = ["company__name", *COLUMNS.values()]
    while some := list(people.filter(pk__gt=last).order_by("pk").values_list("pk", *columns)[:AT_ONCE]):
        last = some[-1][0]
        yield "".join(writer.writerow(_cells(company, *row)) for _pk, company, *row in some)


def _cells(company: str | None, *values: Any) -> list[str]:
    row = dict(zip(COLUMNS, values, strict=True))
    row["company"] = company or row["company"]
    if row["became_a_lead"]:
        row["became_a_lead"] = row["became_a_lead"].date().isoformat()
    return [inert(str(value)) if value is not None else "" for value in row.values()]
