"""A segment taken out as a file: our import reads it back as it was, and its size does not matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm.tests.importing import NOW, a_mapping, read
from leads.models import Lead, LeadMove, LeadScore, Person, Segment, SegmentMember
from leads.segments import refresh
from leads.segments.export import AT_ONCE, export
from leads.spreadsheet_cells import FORMULA
from leads.tests.builders import a_lead
from leads.tests.segment_world import a_segment

pytestmark = pytest.mark.django_db
BACK = a_mapping(
    history=None,
    id=None,
    source=None,
    status=None,
    at=None,
    channel=None,
    channels=None,
    facts=None,
    won=None,
    columns={"email": "email", "first_name": "first_name", "last_name": "last_name", "country": "country"},
)


def written(segment: Segment, by: Any, folder: Path) -> Path:
    path = folder / "segment.csv"
    path.write_text("".join(export(segment=segment, by=by, at=NOW)), encoding="utf-8", newline="")
    return path


def test_what_was_taken_out_is_read_back_as_it_was(tmp_path, maya):
    names = [f"{sign}1+1" for sign in sorted(FORMULA)] + ["Özlem", "a,b", 'x"y']
    for number, name in enumerate(names):
        a_lead(f"r{number}@firm.example", first_name=name, last_name="N", country="NL")
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOW)
    path = written(segment, maya, tmp_path)
    Person.objects.update(first_name="lost")
    Lead.objects.all().update(status="new")
    _clear()
    read(path, BACK)
    back = Person.objects.order_by("email").values_list("email", "first_name")
    assert dict(back) == {f"r{number}@firm.example": name for number, name in enumerate(names)}


def _clear() -> None:
    """As in another installation: nobody is known."""
    for model in (SegmentMember, LeadScore, LeadMove, Lead, Person):
        model.objects.all().delete()


def test_a_long_file_is_read_and_given_in_pieces(maya, django_assert_max_num_queries):
    people = Person.objects.bulk_create(
        Person(email=f"r{n}@firm.example", email_key=f"r{n}@firm.example", first_name="A" * 60)
        for n in range(6_000)
    )
    Lead.objects.bulk_create(Lead(person=person, status="new") for person in people)
    segment = a_segment(("status", "new"))
    SegmentMember.objects.bulk_create(SegmentMember(segment=segment, person=person) for person in people)
    del people
    with django_assert_max_num_queries(12):
        pieces = [piece.count("\r\n") for piece in export(segment=segment, by=maya, at=NOW)]
    assert sum(pieces) == 1 + 6_000
    assert max(pieces) <= AT_ONCE
