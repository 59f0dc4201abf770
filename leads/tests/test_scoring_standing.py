"""Persona, journey stage and exclusion: set by rules in the same run as the score (docs/scoring.md)."""

from datetime import timedelta

import pytest

from campaigns.models import IdealValue, Persona, PersonaRule
from leads.lifecycle import disqualify
from leads.models import Fact, JourneyRule, Lead, ScoringModel
from leads.scoring.facts import read
from leads.scoring.matching import FactsSeen
from leads.scoring.rescore import rescore_all
from leads.scoring.rules import load_setup, stage_and_why
from leads.scoring.standing import by_hand
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


def test_a_form_field_of_the_same_name_does_not_stand_over_the_word_of_a_colleague():
    lead = a_good_lead()
    touched(lead, "inquiry")
    for field, hers, theirs in (
        ("persona", "plant", "nobody"),
        ("journey_stage", "consideration", "decision"),
    ):
        said_by_staff(lead, field, hers)
        Fact.objects.create(person=lead.person, field=field, value=theirs, source=Fact.Source.SAID, at=NOON)
    lead = after_a_run(lead)
    assert (lead.persona.slug, lead.journey_stage) == ("plant", "consideration")
    assert {field: fact.value for field, fact in by_hand(lead.person).items()} == {
        "persona": "plant", "journey_stage": "consideration",
    }  # fmt: skip


def test_the_person_themselves_cannot_choose_a_persona_by_a_form_field():
    lead = a_good_lead()
    Fact.objects.create(person=lead.person, field="persona", value="plant", source=Fact.Source.SAID, at=NOON)
    assert after_a_run(lead).persona.slug == "maintenance"


def rule_for(slug: str, field: str, words: str = "", **columns) -> None:
    persona = Persona.objects.get(slug=slug)
    PersonaRule.objects.create(persona=persona, field=field, words=words, **columns)


def test_where_no_title_says_it_the_first_rule_that_holds_does():
    rule_for("plant", "company_size", minimum=100, order=20)
    rule_for("maintenance", "seniority", "director", order=10)
    large = a_company("large.example", size=400)
    said = {"job_title": "Direttore tecnico", "company": large}
    assert after_a_run(a_good_lead("a@large.example", **said)).persona.slug == "maintenance"
    assert after_a_run(a_good_lead("b@large.example", company=large, job_title="")).persona.slug == "plant"
    assert (
        after_a_run(a_good_lead("c@large.example", **said | {"job_title": "Plant head"})).persona.slug
        == "plant"
    )
    assert after_a_run(a_good_lead("d@small.example", job_title="Buyer")).persona is None


def test_a_rule_of_an_archived_persona_chooses_nobody():
    rule_for("plant", "country", "CH")
    Persona.objects.update(archived_at=NOON)
    assert after_a_run(a_good_lead(country="CH")).persona is None


def test_each_persona_says_why():
    rule_for("plant", "country", "CH")
    setup, plant = load_setup(), Persona.objects.get(slug="plant").pk

    def why(*, by_hand="", old=None, **known):
        who, reason = setup.persona_and_why(FactsSeen(**known), by_hand=by_hand, old=old)
        return who, reason.how, reason.source

    assert why(job_title="Plant manager") == (plant, "title", "manager")
    assert why(country="CH") == (plant, "rule", "CH")
    assert why(by_hand="plant", job_title="Head of maintenance") == (plant, "hand", "plant")
    assert why(old=plant) == (plant, "kept", "")
    assert why() == (None, "", "")


def test_so_many_touches_reach_a_stage_and_the_last_of_them_says_why():
    JourneyRule.objects.create(
        model=ScoringModel.objects.get(state="live"), stage="consideration", touch_kind="visit", times=3
    )
    lead = a_good_lead()
    for hour in (5, 3, 4):
        assert after_a_run(lead).journey_stage == ""
        third = touched(lead, "visit", NOON - timedelta(hours=hour))
    assert after_a_run(lead).journey_stage == "consideration"
    (seen,) = read([lead.pk], at=NOON)
    rules = load_setup().rules
    stage, why = stage_and_why(seen.touches, by_hand="", old="", journey=rules.journey)
    assert (stage, why.how, why.at) == ("consideration", "touches", NOON - timedelta(hours=3))
    assert why.touch != third.pk  # by time, not by the order of writing


def test_a_rule_of_a_stage_may_ask_for_a_kind_of_asset():
    asset = an_asset()
    JourneyRule.objects.create(
        model=ScoringModel.objects.get(state="live"),
        stage="decision",
        touch_kind="download",
        asset_kind=asset.kind,
    )
    lead, other = a_good_lead("a@maasland.example"), a_good_lead("b@maasland.example")
    touched(lead, "download", asset=asset)
    touched(other, "download")
    assert (after_a_run(lead).journey_stage, after_a_run(other).journey_stage) == ("decision", "")


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
        ("student", "seniority", "student", {"job_title": "Stagiaire marketing"}, "student"),
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
