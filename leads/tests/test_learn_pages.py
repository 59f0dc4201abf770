"""Learned points on staff pages: who sees them, who asks, and what the pages say."""

from __future__ import annotations

import pytest
from django.urls import reverse

from leads.models import ScoringModel
from leads.models.learned import DriftCheck, LearnedModel
from leads.tests.builders import NOON
from leads.tests.learned_world import DAY, a_closed_lead, a_live_model, closed_leads_made, learned_here

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned():
    a_live_model()
    closed_leads_made()
    return learned_here()


def page(client, user, row):
    client.force_login(user)
    return client.get(reverse("staff-learned", args=[row.pk]))


def test_marketing_reads_the_table_and_publishes_it_as_a_draft(client, maya, learned):
    text = page(client, maya, learned).content.decode()
    assert "machinery" in text
    assert "Publish as a draft" in text
    for _ in range(2):
        answer = client.post(reverse("staff-learned-draft", args=[learned.pk]))
        draft = ScoringModel.objects.get(state="draft")
        assert answer["Location"] == reverse("staff-scoring-model", args=[draft.pk])
    assert f"Open the draft {draft}" in page(client, maya, learned).content.decode()


def test_the_sales_manager_reads_and_changes_nothing(client, sara, learned):
    text = page(client, sara, learned).content.decode()
    assert "machinery" in text
    assert "Publish as a draft" not in text
    assert client.post(reverse("staff-learned-draft", args=[learned.pk])).status_code == 403
    assert client.post(reverse("staff-learn")).status_code == 403
    assert not ScoringModel.objects.filter(state="draft").exists()


@pytest.mark.parametrize("who", ["sam", "vera", "omar", "nora"])
def test_nobody_else_sees_it(client, request, learned, who):
    assert page(client, request.getfixturevalue(who), learned).status_code == 403


def test_a_visitor_is_asked_to_sign_in(client, learned):
    assert client.get(reverse("staff-learned", args=[learned.pk])).status_code == 302


def test_the_page_names_what_was_left_out_and_why(client, maya, learned):
    text = page(client, maya, learned).content.decode()
    assert "gives the outcome away" in text
    assert "Remark" in text
    assert "tells the outcome alone: 1.00" in text


def test_the_page_says_how_far_the_points_can_be_relied_on(client, maya, learned):
    text = page(client, maya, learned).content.decode()
    assert f"In {round(100 * learned.auc)} of 100 pairs" in text
    assert "In time:" in text
    assert text.count("<circle") == learned.reliability.count()


def test_points_that_are_hardly_better_than_a_coin_say_so(client, maya, learned):
    assert "than a coin" not in page(client, maya, learned).content.decode()
    LearnedModel.objects.update(auc_in_time=0.55)
    assert "than a coin" in page(client, maya, learned).content.decode()


def test_asking_twice_opens_the_same_page(client, maya):
    closed_leads_made()
    client.force_login(maya)
    answers = [client.post(reverse("staff-learn")) for _ in range(2)]
    row = LearnedModel.objects.get()
    assert {answer["Location"] for answer in answers} == {reverse("staff-learned", args=[row.pk])}
    assert row.asked_by == maya
    assert "Waiting for the worker" in page(client, maya, row).content.decode()


def test_too_few_closed_leads_are_said_in_words(client, maya):
    a_closed_lead(1, won=True, at=NOON - DAY)
    client.force_login(maya)
    answer = client.post(reverse("staff-learn"), follow=True)
    assert "Learning needs 50 closed leads; there is 1." in answer.content.decode()
    assert not LearnedModel.objects.exists()


def test_a_failure_says_what_happened_and_that_nothing_changed(client, maya):
    row = LearnedModel.objects.create(until=NOON, state="failed", error="It broke off: MemoryError")
    text = page(client, maya, row).content.decode()
    assert "It broke off: MemoryError" in text
    assert "The scoring rules were not changed." in text


def test_an_alarm_stands_on_top(client, maya, learned):
    DriftCheck.objects.create(
        learned=learned, since=NOON, until=NOON + 7 * DAY, leads=90, expected=40.0, won=12, alarm=True
    )
    text = page(client, maya, learned).content.decode()
    assert "The chances no longer come true" in text
    assert "alarm" in text


def test_the_scoring_page_lists_what_was_learned(client, maya, learned):
    client.force_login(maya)
    text = client.get(reverse("staff-scoring")).content.decode()
    assert "Points learned from closed leads" in text
    assert reverse("staff-learned", args=[learned.pk]) in text


def test_the_scoring_page_says_when_there_is_too_little(client, maya):
    a_live_model()
    client.force_login(maya)
    assert (
        "Learning needs 50 closed leads; there are 0."
        in client.get(reverse("staff-scoring")).content.decode()
    )
