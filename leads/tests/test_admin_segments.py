"""Segments and starting a sequence by hand, as they are done in the admin."""

import pytest
from django.urls import reverse

from campaigns.models import Sequence
from leads.models import Enrolment, EntryRule, Segment, SegmentCondition
from leads.tests.builders import a_lead, a_sequence

pytestmark = pytest.mark.django_db
ADD = "admin:leads_segment_add"


def lines(*rows: tuple[str, str]) -> dict[str, str]:
    given = {"conditions-TOTAL_FORMS": str(len(rows)), "conditions-INITIAL_FORMS": "0", "name": "Dutch"}
    for number, (field, value) in enumerate(rows):
        given |= {f"conditions-{number}-field": field, f"conditions-{number}-value": value}
    return given


def test_a_marketer_makes_a_segment_and_owns_it(client, maya):
    client.force_login(maya)
    assert client.post(reverse(ADD), lines(("country", "NL"), ("status", "new"))).status_code == 302
    segment = Segment.objects.get()
    assert (segment.owner, segment.conditions.count()) == (maya, 2)


def test_a_value_that_cannot_be_is_refused_with_what_would_do(client, maya):
    client.force_login(maya)
    answer = client.post(reverse(ADD), lines(("grade", "very good")))
    assert "such as B2" in answer.content.decode()
    assert not Segment.objects.exists()


def test_a_segment_needs_a_line(client, maya):
    client.force_login(maya)
    assert client.post(reverse(ADD), lines()).status_code == 200
    assert not Segment.objects.exists()


def test_its_page_says_how_many_who_and_what_for(client, maya):
    a_lead("anna@x.example", first_name="Anna", country="NL")
    a_lead("bert@x.example", first_name="Bert", country="DE")
    segment = Segment.objects.create(name="Dutch")
    SegmentCondition.objects.create(segment=segment, field="country", value="NL")
    EntryRule.objects.create(sequence=a_sequence(), kind="segment", segment=segment)
    client.force_login(maya)
    page = client.get(reverse("admin:leads_segment_change", args=[segment.pk])).content.decode()
    assert "<li>Anna</li>" in page and "Bert" not in page
    assert "lets people into guide-series" in page


@pytest.mark.parametrize("who", ["sam", "nora"])
def test_others_make_no_segments(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(ADD)).status_code in (302, 403)


def start(client, *people: int, **more):
    given = {"action": "start_sequence", "_selected_action": people, **more}
    return client.post(reverse("admin:leads_lead_changelist"), given)


def test_a_sequence_is_started_for_ticked_leads_with_a_word_for_each(client, maya):
    anna, sequence = a_lead("anna@x.example", first_name="Anna"), a_sequence()
    client.force_login(maya)
    assert "guide-series" in start(client, anna.pk).content.decode()
    assert not Enrolment.objects.exists()
    page = start(client, anna.pk, sequence=sequence.pk).content.decode()
    assert "Anna" in page and "begins now" in page
    assert Enrolment.objects.get().by == maya
    assert "is on it already" in start(client, anna.pk, sequence=sequence.pk).content.decode()


def test_only_what_is_live_can_be_started(client, maya):
    anna, sequence = a_lead("anna@x.example"), a_sequence()
    Sequence.objects.update(state="paused")
    client.force_login(maya)
    start(client, anna.pk, sequence=sequence.pk)
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("who", ["sam", "nora"])
def test_others_start_nothing(client, request, who):
    anna, sequence = a_lead("anna@x.example"), a_sequence()
    client.force_login(request.getfixturevalue(who))
    assert start(client, anna.pk, sequence=sequence.pk).status_code in (302, 403)
    assert not Enrolment.objects.exists()
