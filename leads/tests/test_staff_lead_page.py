"""/staff/leads/<person id>/: facts with their source, the story, the mails, receipts that sum to the grade."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Channel
from leads.lifecycle import make_lead
from leads.models import Company, Fact, Hit, Lead, Message, Person, Verdict
from leads.scoring.rescore import rescore
from leads.tracking import record_touch
from leads.views.score_panel import whole_points


@pytest.fixture
def lead(db: None) -> Lead:
    now = timezone.now()
    company = Company.objects.create(name="Works", domain="works.example", size=240, industry="Gears")
    person = Person.objects.create(
        first_name="Ada", last_name="Weber", email="ada@works.example", email_key="ada@works.example",
        job_title="Head of quality", company=company, country="DE",
    )  # fmt: skip
    lead = make_lead(person=person, at=now, way="capture")
    channel = Channel.objects.get(slug="paid-search")
    record_touch(person=person, kind="download", at=now, channel=channel, label="The bearing paper")
    Fact.objects.create(
        person=person, field="heard_from", value="A colleague", source="said", detail="Demo form"
    )
    return lead


@pytest.fixture
def marketer(client: Client, maya: Any) -> Client:
    client.force_login(maya)
    return client


def page_of(client: Client, lead: Lead) -> Any:
    return client.get(reverse("staff-lead", args=[lead.person_id]))


def test_a_rep_and_a_stranger_do_not_see_a_lead(
    client: Client, lead: Lead, maya: Any, sam: Any, nora: Any
) -> None:
    for user, status in ((maya, 200), (sam, 403), (nora, 403)):
        client.force_login(user)
        assert page_of(client, lead).status_code == status, user


def test_each_fact_says_where_it_is_from(marketer: Client, lead: Lead) -> None:
    page = page_of(marketer, lead).content.decode()
    assert "A colleague" in page
    assert "Demo form" in page


def test_the_story_tells_what_they_did(marketer: Client, lead: Lead) -> None:
    assert "The bearing paper" in page_of(marketer, lead).content.decode()


def test_machine_hits_are_folded_not_told(marketer: Client, lead: Lead) -> None:
    for _n in range(3):
        hit = Hit.objects.create(kind="click", person=lead.person, judged=True)
        Verdict.objects.create(hit=hit, version=1, verdict="machine")
    page = page_of(marketer, lead)
    assert "3 machine hits folded" in page.content.decode()
    assert sum(line.what == "Clicked" for line in page.context["story"]) == 0


def test_the_receipts_sum_to_what_the_chip_says(marketer: Client, lead: Lead) -> None:
    rescore(lead_ids=[lead.pk], at=timezone.now())
    score = page_of(marketer, lead).context["score"]
    assert [sum(line.points for line in group.lines) for group in score.groups] == [
        score.fit,
        score.engagement,
    ]
    assert score.grade == Lead.objects.get(pk=lead.pk).score.grade


def test_a_mail_says_why_it_waits(marketer: Client, lead: Lead) -> None:
    Message.objects.create(
        key="one:1", message_id="<1@x>", kind="one", person=lead.person, subject="Hello", due_at=timezone.now(),
        reason="quiet hours until 08:00",
    )  # fmt: skip
    assert "quiet hours until 08:00" in page_of(marketer, lead).content.decode()


def test_what_sales_made_of_it_is_a_slot(marketer: Client, lead: Lead) -> None:
    page = page_of(marketer, lead).content.decode()
    assert f'hx-get="{reverse("staff-lead-outcome", args=[lead.person_id])}"' in page


def test_an_erased_person_has_no_page(marketer: Client, lead: Lead) -> None:
    Person.objects.filter(pk=lead.person_id).update(erased_at=timezone.now())
    assert page_of(marketer, lead).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_story(marketer: Client, lead: Lead) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page_of(marketer, lead)
        return len(seen)

    few, channel = queries(), Channel.objects.get(slug="email")
    for _n in range(10):
        record_touch(person=lead.person, kind="visit", at=timezone.now(), channel=channel, label="Prices")
    assert queries() == few


@pytest.mark.parametrize(
    ("points", "together"),
    [([37.6, 12.6, 9.5], 60), ([0.4, 0.4, 0.4], 1), ([50.0, -3.7], 46), ([], 0), ([12.2], 12)],
)
def test_whole_points_sum_to_the_whole_and_stay_near(points: list[float], together: int) -> None:
    whole = whole_points(points, together)
    assert sum(whole) == together
    assert all(abs(a - b) < 1 for a, b in zip(whole, points, strict=True))
