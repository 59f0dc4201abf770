"""Persona, journey stage and exclusion: set by rules in the same run as the score (docs/scoring.md)."""

from datetime import timedelta

import pytest

from campaigns.models import IdealValue, Persona
from leads.lifecycle import disqualify
from leads.models import Fact, Lead
from leads.scoring.rescore import rescore_all
from leads.tests.builders import NOON, an_asset
from leads.tests.scoring_world import a_company, a_good_lead, a_model, excluding, touched

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world():
    a_model()
    Persona.objects.all().delete()
    Persona.objects.create(name="Plant manager", slug="plant", title_words="manager, head")
    Persona.objects.create(name="Maintenance", slug="maintenance", title_words="head of maintenance")


def after_a_run(lead: Lead) -> Lead:
    rescore_all(at=NOON)
    return Lead.objects.select_related("persona").get(pk=lead.pk)


def said_by_staff(lead: Lead, field: str, value: str) -> None:
    Fact.objects.create(person=lead.person, field=field, value=value, source=Fact.Source.STAFF, at=NOON)


def test_the_longest_words_of_a_title_choose_the_persona():
    assert after_a_run(a_good_lead()).persona.slug == "maintenance"
    assert after_a_run(a_good_lead("b@maasland.example", job_title="Plant Head")).persona.slug == "plant"


def test_a_title_that_says_nothing_leaves_the_persona_alone():
    lead = a_good_lead(job_title="Something else")
    assert after_a_run(lead).persona is None
    Lead.objects.update(persona=Persona.objects.get(slug="plant"))
    assert after_a_run(lead).persona.slug == "plant"


def test_the_word_of_a_colleague_stands_over_the_rules():
    lead = a_good_lead()
    touched(lead, "inquiry")
    said_by_staff(lead, "persona", "plant")
    said_by_staff(lead, "journey_stage", "consideration")
    lead = after_a_run(lead)
    assert (lead.persona.slug, lead.journey_stage) == ("plant", "consideration")


def test_the_person_themselves_cannot_choose_a_persona_by_a_form_field():
    lead = a_good_lead()
    Fact.objects.create(person=lead.person, field="persona", value="plant", source=Fact.Source.SAID, at=NOON)
    assert after_a_run(lead).persona.slug == "maintenance"


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [([], ""), (["open"], ""), (["download"], "consideration"), (["download", "inquiry"], "decision")],
)
def test_the_furthest_stage_touched_is_the_leads(kinds, stage):
    asset = an_asset()
    asset.journey_stage = "consideration"
    asset.save()
    lead = a_good_lead()
    for kind in kinds:
        touched(lead, kind, asset=asset)
    assert after_a_run(lead).journey_stage == stage


def test_a_later_touch_of_an_earlier_stage_does_not_lead_back():
    lead = a_good_lead()
    touched(lead, "inquiry")
    touched(lead, "download", NOON + timedelta(hours=-1), asset=an_asset())
    assert after_a_run(lead).journey_stage == "decision"


@pytest.mark.parametrize(
    ("word", "field", "words", "said", "expected"),
    [
        ("competitor", "domain", "rival.example", {"email": "a@eu.rival.example"}, "competitor"),
        ("student", "job_title", "student, trainee", {"job_title": "PhD Student"}, "student"),
        ("student", "job_title", "student", {"job_title": "Studentenwerk"}, ""),
        ("country", "country", "XA, XB", {"country": "xb"}, "country"),
        ("supplier", "industry", "sensors", {}, ""),
    ],
)
def test_an_excluded_value_of_the_profile_excludes(word, field, words, said, expected):
    excluding(word, field, words)
    assert after_a_run(a_good_lead(**said)).exclusion == expected


def test_a_size_can_exclude():
    excluding("supplier", "company_size", "", minimum=1, maximum=2)
    small = a_company("tiny.example", size=2)
    assert after_a_run(a_good_lead(company=small)).exclusion == "supplier"


def test_an_exclusion_goes_when_the_profile_no_longer_says_it():
    excluding()
    lead = a_good_lead("a@rival.example")
    assert after_a_run(lead).exclusion == "competitor"
    IdealValue.objects.all().delete()
    assert after_a_run(lead).exclusion == ""


def test_a_preferred_value_or_one_without_a_word_excludes_nobody():
    excluding("", "domain", "maasland.example")
    IdealValue.objects.create(
        profile=excluding().profile,
        field="domain",
        wish="preferred",
        words="maasland.example",
        exclusion="supplier",
    )
    assert after_a_run(a_good_lead()).exclusion == ""


def test_what_sales_said_of_a_lead_they_disqualified_stays():
    lead = a_good_lead()
    disqualify(person=lead.person, at=NOON, why="a student", exclusion="student")
    assert after_a_run(lead).exclusion == "student"
