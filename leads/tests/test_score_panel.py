"""The panel "Why A2": five lines in the open, sums that add up, where facts come from, what becomes of the grade."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from leads.models import Company, Fact, Lead, LearnedModel, Person, ScoringModel, ScoringRule, Touch
from leads.person_facts import facts_of
from leads.scoring.panel import receipts_for
from leads.scoring.rescore import rescore
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, keen, touched
from leads.views.score_panel import ScorePanel, score_panel

pytestmark = pytest.mark.django_db
AT = NOON + timedelta(minutes=5)


def panel_of(lead: Lead, at: Any = AT) -> ScorePanel:
    rescore(lead_ids=[lead.pk], at=at)
    lead = Lead.objects.for_list().get(pk=lead.pk)
    return score_panel(lead, receipts_for(lead, at), at, facts_of(lead.person))


def busy(lead: Lead) -> None:
    for days in range(9):
        touched(lead, "form", NOON - timedelta(days=days))
        touched(lead, "visit", NOON - timedelta(days=days))


def test_the_five_lines_that_matter_most_stand_in_the_open() -> None:
    a_model()
    lead = a_good_lead()
    busy(lead)
    panel = panel_of(lead)
    top = [line for group in panel.groups for line in group.top]
    rest = [line for group in panel.groups for line in group.lines if line not in top]
    assert len(top) == 5
    assert min(line.points for line in top) >= max(line.points for line in rest)
    assert panel.folded
    assert panel.lines == len(top) + len(rest)


def test_open_lines_and_the_folded_rest_add_up_to_what_the_chip_says() -> None:
    a_model()
    lead = a_good_lead()
    busy(lead)
    panel = panel_of(lead)
    for group, points in zip(panel.groups, (panel.fit, panel.engagement), strict=True):
        assert sum(line.points for line in group.top) + group.rest_points == group.points == points
        assert sum(line.points for line in group.lines) == points


def test_a_ceiling_is_a_line_and_touches_that_count_nothing_are_counted() -> None:
    a_model(engagement_ceiling=50)
    lead = a_good_lead()
    for _twice in range(2):
        touched(lead, "download")
    for _often in range(5):
        touched(lead, "inquiry")
    engagement = panel_of(lead).groups[1]
    assert engagement.left_out == 1
    assert [line.points for line in engagement.lines if line.label.startswith("Over the ceiling")] == [-162]
    assert engagement.points == 50


def test_few_lines_are_not_folded() -> None:
    a_model()
    assert not panel_of(a_good_lead()).folded


def test_a_fit_line_says_where_its_fact_comes_from() -> None:
    model = a_model()
    for label, columns in {
        "Size": {"field": "company_size", "minimum": 1},
        "Industry": {"field": "industry"},
        "Erp": {"field": "fact", "fact_name": "erp"},
        "Came by": {"field": "channel", "words": "direct"},
        "Level": {"field": "seniority", "words": "head"},
    }.items():
        ScoringRule.objects.create(model=model, group="fit", label=label, points=1, **columns)
    touched(lead := a_good_lead(), "visit")
    company = Company.objects.create(name="Maasland", industry="Gears")
    Person.objects.filter(pk=lead.person_id).update(company=company)
    Fact.objects.create(
        person=lead.person,
        field="company_size",
        value="51–200",
        source="enriched",
        detail="Trade register",
        at=NOON,
    )
    Fact.objects.create(person=lead.person, field="erp", value="SAP", source="sales", at=NOON)
    sources = {line.label: line.source for line in panel_of(lead).groups[0].lines}
    assert sources["Size"] == "51 · Trade register, 18 Nov"
    assert sources["Industry"] == "Gears · kept with the company"
    assert sources["Came by"] == "Direct"
    assert sources["Level"] == "head of a department"
    assert sources["Erp"] == "SAP · learnt by sales, 18 Nov"


def test_the_panel_says_when_the_grade_falls_and_what_lifts_it() -> None:
    a_model()
    lead = a_good_lead()
    keen(lead)
    outlook = panel_of(lead).outlook
    assert outlook is not None
    assert outlook.change is not None
    assert (outlook.change.grade, outlook.change.falls) == ("A3", True)
    before, after = (outlook.change.at + timedelta(minutes=minutes) for minutes in (-1, 1))
    assert [receipts_for(lead, at).grade for at in (before, after)] == ["A2", "A3"]
    assert outlook.steps == [("One “inquiry” lifts it to", "A1")]


def test_what_the_panel_offers_comes_true() -> None:
    a_model()
    lead = a_good_lead()
    [(words, mark)] = panel_of(lead).outlook.steps  # type: ignore[union-attr]
    touched(lead, words.split("“")[1].split("”")[0], AT)
    assert panel_of(lead).grade == mark


def test_a_missing_required_fact_is_named() -> None:
    a_model()
    outlook = panel_of(a_good_lead(job_title="")).outlook
    assert outlook is not None
    assert outlook.missing == ["job_title"]
    assert ("“Leads a team”, once it is known, lifts it to", "A4") in outlook.steps


def a_learned(model: ScoringModel) -> LearnedModel:
    learned = LearnedModel.objects.create(state="done", until=NOON, intercept=-2.0, points_per_logit=40.0)
    for rule in model.rules.filter(group="fit"):
        learned.points.create(
            field=rule.field, label=rule.label, words=rule.words, weight=1, points=rule.points, leads=9, won=3
        )
    ScoringModel.objects.filter(pk=model.pk).update(learned=learned)
    return learned


def test_learned_rules_say_how_many_such_leads_became_customers_until_somebody_edits_them() -> None:
    model = a_model()
    a_learned(model)
    lead = a_good_lead()
    outlook = panel_of(lead).outlook
    assert outlook is not None
    assert outlook.chance == 50  # -2 + 80 / 40 = 0
    model.rules.filter(field="mailbox").update(points=51)
    outlook = panel_of(lead).outlook
    assert outlook is not None
    assert outlook.chance is None


def test_rules_written_by_hand_promise_no_chance() -> None:
    a_model()
    outlook = panel_of(a_good_lead()).outlook
    assert outlook is not None
    assert outlook.chance is None


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_of_a_busy_lead_draws_its_panel(client: Client, maya: Any, language: str) -> None:
    a_model()
    lead = a_good_lead()
    busy(lead)
    rescore(lead_ids=[lead.pk], at=timezone.now())
    client.force_login(maya)
    with translation.override(language):
        page = client.get(reverse("staff-lead", args=[lead.person_id])).content.decode()
    assert page.count('class="outlook"') == 1
    assert page.count("<tfoot>") == 4


def test_five_hundred_touches_are_added_up_by_the_same_number_of_queries(
    django_assert_max_num_queries: Any,
) -> None:
    a_model()
    lead = a_good_lead()
    first = touched(lead, "visit")
    kinds = ("visit", "download", "form", "click", "read")
    Touch.objects.bulk_create(
        Touch(person=lead.person, kind=kinds[n % 5], at=NOON - timedelta(hours=7 * n), channel=first.channel)
        for n in range(500)
    )
    rescore(lead_ids=[lead.pk], at=AT)
    lead = Lead.objects.for_list().get(pk=lead.pk)
    facts, began = facts_of(lead.person), time.process_time()
    with django_assert_max_num_queries(16):
        panel = score_panel(lead, receipts_for(lead, AT), AT, facts)
    folded = time.process_time()
    render_to_string("leads/staff/_score.html", {"score": panel, "person": lead.person})
    parts = {"fold and outlook": folded - began, "drawn": time.process_time() - folded}
    said = ", ".join(f"{name} {1000 * span:.0f} ms" for name, span in parts.items())
    print(f"Panel of 500 touches, {panel.lines} lines, CPU: {said}")  # noqa: T201
    assert sum(line.points for line in panel.groups[1].lines) == panel.engagement
