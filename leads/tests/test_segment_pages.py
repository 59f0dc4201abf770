"""The builder of segments: making, changing, counting, copying, archiving, taking out, and who may."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from leads import segments
from leads.models import EntryRule, ExportLog, Person, Segment, SegmentCondition
from leads.segments import looking
from leads.tests.builders import a_lead, a_sequence
from leads.tests.segment_world import a_segment

pytestmark = pytest.mark.django_db
NEW = "staff-segment-new"


def sent(*rows: dict[str, Any], name: str = "Dutch", **more: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    data = {"submit_key": str(uuid.uuid4()), "name": name, "match": "all", "lines-number": len(rows), **more}
    for place, row in enumerate(rows):
        data |= {f"lines-{place}-{key}": value for key, value in row.items()}
    return data


DUTCH = {"field": "country", "value": "NL"}


def saved(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return sent(*rows, save="1", **more)


def test_a_marketer_makes_a_segment_and_sees_its_people(client, maya):
    a_lead("anna@x.example", first_name="Anna", country="NL")
    a_lead("bert@x.example", first_name="Bert", country="DE")
    client.force_login(maya)
    answer = client.post(reverse(NEW), saved(DUTCH, {"field": "status", "value": ["new", "nurturing"]}))
    segment = Segment.objects.get()
    assert answer["Location"] == reverse("staff-segment", args=[segment.pk])
    assert (segment.owner, segment.size) == (maya, 1)
    assert [line.value for line in segment.conditions.order_by("pk")] == ["NL", "new, nurturing"]
    page = client.get(answer["Location"]).content.decode()
    assert "Anna" in page and "Bert" not in page and "1 person stored" in page


def test_saved_twice_it_is_made_once(client, maya):
    client.force_login(maya)
    form = saved(DUTCH)
    assert client.post(reverse(NEW), form)["Location"] == client.post(reverse(NEW), form)["Location"]
    assert SegmentCondition.objects.count() == 1


def test_a_value_that_cannot_be_is_refused_with_what_would_do(client, maya):
    client.force_login(maya)
    answer = client.post(reverse(NEW), saved({"field": "grade", "value": "very good"}))
    assert answer.status_code == 422 and "such as B2" in answer.content.decode()
    assert not Segment.objects.exists()


def test_a_name_that_is_taken_is_told(client, maya):
    a_segment(("country", "NL"), name="Dutch")
    client.force_login(maya)
    answer = client.post(reverse(NEW), saved(DUTCH))
    assert answer.status_code == 422 and "of this name already" in answer.content.decode()


def test_without_a_line_it_is_not_saved(client, maya):
    client.force_login(maya)
    assert client.post(reverse(NEW), saved()).status_code == 422
    assert not Segment.objects.exists()


def test_a_line_is_added_and_taken_away_without_saving(client, maya):
    client.force_login(maya)
    page = client.post(reverse(NEW), sent(DUTCH, add="1")).content.decode()
    assert 'name="lines-number" value="2"' in page
    rest = sent(DUTCH, {"field": "title", "value": "head"}, remove="0")
    page = client.post(reverse(NEW), rest).content.decode()
    assert 'name="lines-number" value="1"' in page and 'value="head"' in page
    assert not Segment.objects.exists()


def test_another_field_asks_for_its_own_values(client, maya):
    client.force_login(maya)
    page = client.post(reverse(NEW), sent({"field": "did", "value": ""})).content.decode()
    assert "Within days" in page and 'name="lines-0-times"' in page


def test_count_works_without_a_script_and_saves_nothing(client, maya):
    a_lead("anna@x.example", first_name="Anna", country="NL")
    client.force_login(maya)
    page = client.post(reverse(NEW), sent(DUTCH, count="1")).content.decode()
    assert "person now" in page and "Anna" in page
    assert not Segment.objects.exists()


def test_the_live_count_is_of_the_form_as_it_stands(client, maya, monkeypatch):
    for number in range(3):
        a_lead(f"a{number}@x.example", country="NL")
    a_lead("b@x.example", country="DE")
    client.force_login(maya)
    either = sent(DUTCH, {"field": "country", "value": "DE"}, match="any")
    assert ">4</span>" in client.post(reverse("staff-segment-try"), either).content.decode()
    unfinished = client.post(reverse("staff-segment-try"), sent({"field": "country", "value": ""}))
    assert "not finished" in unfinished.content.decode()
    monkeypatch.setattr(looking, "MOST", 2)
    assert "more than 2" in client.post(reverse("staff-segment-try"), sent(DUTCH)).content.decode()


def test_other_lines_change_who_is_stored(client, maya):
    a_lead("anna@x.example", country="NL")
    segment = a_segment(("country", "DE"), name="Dutch")
    client.force_login(maya)
    url = reverse("staff-segment", args=[segment.pk])
    client.get(url)
    client.post(url, saved(DUTCH))
    segment.refresh_from_db()
    assert segment.size == 1


def test_who_changes_what_somebody_else_changed_meanwhile_is_told(client, maya):
    segment = a_segment(("country", "NL"), name="Dutch")
    client.force_login(maya)
    url = reverse("staff-segment", args=[segment.pk])
    seen = client.get(url).context["head"].initial["seen"]
    segment.conditions.update(value="BE")
    answer = client.post(url, saved({"field": "country", "value": "DE"}, seen=seen), follow=True)
    assert "Somebody was faster" in answer.content.decode()
    assert segment.conditions.get().value == "BE"


def test_a_circle_is_refused_by_name(client, maya):
    inner = a_segment(("country", "NL"), name="inner")
    outer = a_segment(("segment", str(inner.pk)), name="outer")
    client.force_login(maya)
    row = {"field": "segment", "value": [str(outer.pk)]}
    answer = client.post(reverse("staff-segment", args=[inner.pk]), saved(row, name="inner"))
    assert answer.status_code == 422 and "“outer” → “inner”" in answer.content.decode()


def test_a_copy_has_the_same_lines_and_is_made_once(client, maya):
    segment = a_segment(("country", "NL"), ("status", "new", True), name="Dutch")
    client.force_login(maya)
    key = {"submit_key": str(uuid.uuid4())}
    for _twice in range(2):
        client.post(reverse("staff-segment-copy", args=[segment.pk]), key)
    copy = Segment.objects.exclude(pk=segment.pk).get()
    assert (copy.name, copy.conditions.count(), copy.owner) == ("Dutch (2)", 2, maya)


def test_what_is_used_is_not_archived_and_says_by_what(client, maya):
    segment = a_segment(("country", "NL"), name="Dutch")
    rule = EntryRule.objects.create(sequence=a_sequence(), kind="segment", segment=segment)
    client.force_login(maya)
    url = reverse("staff-segment-archive", args=[segment.pk])
    assert "guide-series" in client.post(url, follow=True).content.decode()
    assert Segment.objects.get().archived_at is None
    rule.delete()
    client.post(url)
    client.post(url)
    assert Segment.objects.get().archived_at
    client.post(url, {"back": "1"})
    assert Segment.objects.get().archived_at is None


def test_the_list_says_how_many_when_and_what_for(client, maya):
    a_lead("anna@x.example", country="NL")
    segment = a_segment(("country", "NL"), name="Dutch")
    EntryRule.objects.create(sequence=a_sequence(), kind="segment", segment=segment)
    segments.refresh(segment=segment, at=timezone.now() - timedelta(minutes=3))
    client.force_login(maya)
    page = client.get(reverse("staff-segments")).content.decode()
    assert "Dutch" in page and "country: NL" in page and "took" in page


def test_people_are_taken_out_as_a_file_that_does_nothing_in_a_spreadsheet(client, maya):
    a_lead("anna@x.example", first_name="=HYPERLINK(1)", last_name="＠b", company_name="\t-2", country="NL")
    gone = a_lead("gone@x.example", country="NL")
    segment = a_segment(("country", "NL"), name="Dutch")
    segments.refresh(segment=segment, at=timezone.now())
    Person.objects.filter(pk=gone.person_id).update(erased_at=timezone.now())
    client.force_login(maya)
    answer = client.post(reverse("staff-segment-export", args=[segment.pk]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["email"], row["first_name"], row["last_name"]) == ("anna@x.example", "'=HYPERLINK(1)", "'＠b")
    assert row["company"] == "'-2"
    log = ExportLog.objects.get()
    assert (log.by, log.rows, log.lines, log.segment) == (maya, 1, ["country: NL"], segment)


@pytest.mark.parametrize(
    ("who", "sees", "changes", "exports"),
    [
        ("maya", 200, 200, 200), ("sara", 200, 403, 200), ("sam", 403, 403, 403), ("omar", 403, 403, 403),
        ("vera", 403, 403, 403), ("nora", 403, 403, 403),
    ],
)  # fmt: skip
def test_who_sees_changes_and_takes_out(client, request, who, sees, changes, exports):
    segment = a_segment(("country", "NL"), name="Dutch")
    client.force_login(request.getfixturevalue(who))
    pages = [reverse("staff-segments"), reverse("staff-segment", args=[segment.pk])]
    assert [client.get(page).status_code for page in pages] == [sees, sees]
    assert client.get(reverse(NEW)).status_code == changes
    assert client.post(reverse("staff-segment-try"), sent(DUTCH)).status_code == changes
    assert client.post(reverse("staff-segment-export", args=[segment.pk])).status_code == exports
    if changes == 403:
        assert client.post(pages[1], saved(DUTCH)).status_code == 403
        assert client.post(reverse("staff-segment-archive", args=[segment.pk])).status_code == 403
        assert client.post(reverse("staff-segment-copy", args=[segment.pk])).status_code == 403


def test_who_is_not_signed_in_is_asked_to(client):
    segment = a_segment(("country", "NL"))
    for url in (reverse("staff-segments"), reverse("staff-segment", args=[segment.pk])):
        assert client.get(url).status_code == 302
