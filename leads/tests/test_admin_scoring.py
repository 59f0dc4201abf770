"""The pages of scoring models and personas: a line that could not work is refused when saved, with what to do."""

from __future__ import annotations

import pytest

from campaigns.models import Persona, PersonaRule
from leads.models import JourneyRule, ScoringModel, ScoringRule
from leads.scoring.versions import draft_from
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_model

pytestmark = pytest.mark.django_db
TABLES = ("rules", "rules-2", "journey_rules")


@pytest.fixture
def draft() -> ScoringModel:
    made = draft_from(model=a_model(), by=None, at=NOON)
    made.rules.all().delete()
    made.journey_rules.all().delete()
    return made


def saved(client, draft: ScoringModel, table: str = "rules", line: dict | None = None, **columns):
    """Save the draft's page with one new line in one of its tables."""
    form = {field.name: getattr(draft, field.name) for field in draft._meta.fields if field.editable}
    form = {name: "" if value is None else value for name, value in form.items()} | columns
    for name in TABLES:
        form |= {f"{name}-INITIAL_FORMS": 0, f"{name}-TOTAL_FORMS": int(bool(line) and name == table)}
    form |= {f"{table}-0-{name}": value for name, value in (line or {}).items()}
    return client.post(f"/admin/leads/scoringmodel/{draft.pk}/change/", form)


def fit(**line) -> dict:
    return {"label": "New", "points": 5, "order": 10, "field": "industry", "words": "Food"} | line


def does(**line) -> dict:
    return {"label": "New", "points": 5, "order": 10, "half_life": 2, "cool_down_hours": 0} | line


def test_marketing_adds_a_line_of_each_kind(client, maya, draft):
    client.force_login(maya)
    assert saved(client, draft, line=fit(field="seniority", words="head, owner")).status_code == 302
    rule = draft.rules.get()
    assert (rule.group, rule.field, rule.words) == ("fit", "seniority", "head, owner")
    rule.delete()
    assert (
        saved(client, draft, "rules-2", does(touch_kind="visit", journey_stage="decision")).status_code == 302
    )
    assert (draft.rules.get().group, draft.rules.get().journey_stage) == ("engagement", "decision")
    draft.rules.all().delete()
    stage = {"stage": "consideration", "touch_kind": "download", "times": 2}
    assert saved(client, draft, "journey_rules", stage, again_margin=7).status_code == 302
    assert draft.journey_rules.get().times == 2
    draft.refresh_from_db()
    assert draft.again_margin == 7


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("rules", fit(field="seniority", words="boss"), "Choose from: owner"),
        ("rules", fit(field="fact", fact_name="machnies"), "nobody has this fact"),
        ("rules", fit(field="moon"), "Select a valid choice"),
        ("rules", fit(field="company_size", words="", minimum="many"), "Enter a number"),
        ("rules", fit(field="company_size", words=""), "smallest or the largest"),
        ("rules", fit(words="x" * 501), "at most 500 characters"),
        ("rules", fit(points=1001), "at most 1000 points"),
        ("rules-2", does(touch_kind="open"), "machines open mails too"),
        ("rules-2", does(touch_kind="visit", ceiling_touches=3), "touches and of days"),
        ("journey_rules", {"stage": "decision", "touch_kind": "open", "times": 1}, "machines open mails too"),
    ],
)
def test_a_line_that_could_not_work_is_refused_with_what_to_do(client, maya, draft, table, line, words):
    client.force_login(maya)
    answer = saved(client, draft, table, line)
    assert answer.status_code == 200
    assert words in str(
        [form.errors for formset in answer.context["inline_admin_formsets"] for form in formset.formset]
    )
    assert not ScoringRule.objects.filter(model=draft).exists()
    assert not JourneyRule.objects.filter(model=draft).exists()


def test_limits_that_could_not_go_live_are_refused(client, maya, draft):
    client.force_login(maya)
    answer = saved(client, draft, fit_b=99)
    assert "A must begin above B" in str(answer.context["errors"])
    draft.refresh_from_db()
    assert draft.fit_b != 99


def test_others_change_no_rules(client, sam, nora, draft):
    for who in (sam, nora):
        client.force_login(who)
        assert saved(client, draft, line=fit()).status_code in (302, 403)
        assert not draft.rules.exists()


def test_what_is_live_is_not_edited(client, maya):
    live = a_model()
    client.force_login(maya)
    assert saved(client, live, line=fit()).status_code == 403
    assert live.rules.filter(label="New").count() == 0


def persona_page(client, persona: Persona, **rule):
    form = {"name": persona.name, "slug": persona.slug, "rules-INITIAL_FORMS": 0, "rules-TOTAL_FORMS": 1}
    form |= {f"rules-0-{name}": value for name, value in ({"order": 10} | rule).items()}
    return client.post(f"/admin/campaigns/persona/{persona.pk}/change/", form)


def test_rules_of_a_persona_are_lines_of_its_page(client, maya):
    client.force_login(maya)
    persona = Persona.objects.create(name="Plant manager", slug="plant")
    assert persona_page(client, persona, field="seniority", words="head").status_code == 302
    assert PersonaRule.objects.get().words == "head"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"field": "seniority", "words": "boss"}, "unknown: boss"),
        ({"field": "industry", "words": ""}, "for any that is known"),
        ({"field": "country", "words": "Italy"}, "two letters"),
        ({"field": "fact", "words": "gold"}, "name the fact"),
        ({"field": "company_size", "minimum": 9, "maximum": 3}, "above the largest"),
    ],
)
def test_a_rule_of_a_persona_that_could_not_work_is_refused(client, maya, rule, words):
    client.force_login(maya)
    answer = persona_page(client, Persona.objects.create(name="Plant manager", slug="plant"), **rule)
    assert answer.status_code == 200 and not PersonaRule.objects.exists()
    assert words in str(
        [form.errors for formset in answer.context["inline_admin_formsets"] for form in formset.formset]
    )
