"""First, last and all touches of a lead on one timeline, with their way; machine hits folded with their reasons."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Channel
from leads.judging import judge_due
from leads.models import Fact, Hit, Person, Verdict
from leads.tests.builders import NOON, a_campaign, a_lead, a_page, submitted
from leads.tests.judging_world import a_hit
from leads.timeline import lead_timeline
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db


def lines(person) -> dict[str, object]:
    return {line.what: line for line in lead_timeline(person)}


def test_a_touch_tells_its_whole_way():
    lead, page = a_lead(), a_page()
    said = {
        "utm_content": "cut-b", "utm_term": "bearing noise", "referrer": "https://www.google.de/search",
        "click_id_kind": "gclid", "click_id": "x",
    }  # fmt: skip
    a_hit(person=lead.person, page=page, campaign=a_campaign("spring"), **said)
    judge_due(at=timezone.now())
    note = lines(lead.person)["Visited"].note
    assert note == (
        "Paid search · spring · content “cut-b” · search term “bearing noise” · click id of Google Ads · "
        "landed on /p/bearing-paper/ · came from www.google.de"
    )


def test_the_first_and_the_last_touch_are_marked():
    lead = a_lead()
    direct = Channel.objects.get(slug="direct")
    for number, kind in enumerate(("download", "visit", "click")):
        record_touch(person=lead.person, kind=kind, at=NOON + timedelta(days=number), channel=direct)
    marks = {
        what: [chip.words for chip in line.chips]
        for what, line in lines(Person.objects.get(pk=lead.person_id)).items()
        if line.side == "theirs"
    }
    assert marks == {"Downloaded": ["First touch"], "Visited": [], "Clicked": ["Last touch"]}


def test_what_they_say_stands_beside_what_was_tracked():
    found = submitted(a_page(), query="utm_medium=cpc", heard_from="A colleague at the fair")
    note = lines(found.person)["Sent a form"].note
    assert note.startswith("Paid search · ")
    assert note.endswith("they say: “A colleague at the fair”")


def test_the_facts_show_it_under_the_first_touch(client, maya):
    found = submitted(a_page(), query="utm_medium=cpc", heard_from="A colleague")
    Fact.objects.get_or_create(
        person=found.person, field="heard_from", defaults={"value": "A colleague", "source": "said"}
    )
    client.force_login(maya)
    page = client.get(reverse("staff-lead", args=[found.person.pk])).content.decode()
    assert page.index("First touch") < page.index("“A colleague”") and page.count("<dd>“A colleague”") == 1


def test_machine_hits_are_folded_with_their_reasons():
    lead = a_lead()
    a_hit(kind="click", person=lead.person, agent="curl/8.9.1")
    judge_due(at=timezone.now())
    (line,) = [line for line in lead_timeline(lead.person) if line.folded]
    assert line.folded[0] == "1 machine hit folded"
    assert line.folded[1].endswith(": names itself a program")


def test_a_hit_that_is_now_a_persons_is_not_folded():
    lead = a_lead()
    hit = a_hit(kind="open", person=lead.person)
    for version, verdict in enumerate(("machine", "human"), 1):
        Verdict.objects.create(hit=hit, version=version, verdict=verdict)
    assert not any(line.folded for line in lead_timeline(lead.person))


def test_machines_alone_make_a_line_of_their_own():
    person = a_lead().person
    person.lead.moves.all().delete()
    hit = Hit.objects.create(kind="open", person=person, judged=True)
    Verdict.objects.create(hit=hit, version=1, verdict="machine", reasons="no agent")
    (line,) = lead_timeline(person)
    assert (line.what, line.folded[0]) == ("Only machines so far", "1 machine hit folded")
