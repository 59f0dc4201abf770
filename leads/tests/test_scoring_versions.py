"""Versions of the rules: broken ones are refused by name, a good one retires the last (RELIABILITY R6)."""

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField
from leads.models import Fact, JourneyRule, LeadScore, ScoringModel, ScoringRule
from leads.scoring.rescore import rescore_dirty
from leads.scoring.versions import draft_from, publish
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model

pytestmark = pytest.mark.django_db


def a_draft(maya=None, **columns) -> ScoringModel:
    draft = draft_from(model=a_model(), by=maya, at=NOON)
    for name, value in columns.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def test_a_draft_copies_the_rules_and_leaves_the_live_ones_alone():
    live = a_model()
    draft = draft_from(model=live, by=None, at=NOON)
    assert (draft.number, draft.state, draft.rules.count()) == (live.number + 1, "draft", live.rules.count())
    live.refresh_from_db()
    assert (live.state, live.rules.count()) == ("live", 7)


def test_publishing_retires_the_live_version_and_scores_everybody_by_the_new_one(maya):
    lead = a_good_lead()
    draft = a_draft(maya)
    rescore_dirty(at=NOON)
    draft.rules.filter(label="Leads a team").update(points=10)
    publish(model=draft, by=maya, at=NOON)
    assert list(ScoringModel.objects.filter(state="live")) == [draft]
    assert draft.history.first().history_user == maya
    rescore_dirty(at=NOON)
    score = LeadScore.objects.get(lead=lead)
    assert (score.fit, score.model) == (60, draft)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"half_life_1": 2}, "half-life"),
        ({"fit_b": 80}, "A must begin above B"),
        ({"engagement_3": 90}, "2 above 3"),
        ({"qualify_fit": "E"}, "letter A to D"),
    ],
)
def test_broken_limits_do_not_go_live(maya, columns, fault):
    with pytest.raises(Refused) as refused:
        publish(model=a_draft(**columns), by=maya, at=NOON)
    assert len(refused.value.missing) == 1 and fault in refused.value.missing[0]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"group": "fit", "points": 5}, "what it looks at"),
        ({"group": "fit", "points": 5, "field": "fact"}, "name the fact"),
        ({"group": "fit", "points": 5, "field": "company_size"}, "smallest or the largest"),
        ({"group": "fit", "points": 5, "field": "mailbox", "words": "private"}, "company, free"),
        (
            {"group": "fit", "points": 5, "field": "company_size", "minimum": 9, "maximum": 1},
            "above the largest",
        ),
        ({"group": "fit", "points": 5000, "field": "country"}, "1000 points"),
        ({"group": "fit", "points": 5, "field": "moon"}, "what it looks at"),
        ({"group": "fit", "points": 5, "field": "fact", "fact_name": "machnies"}, "nobody has this fact"),
        ({"group": "fit", "points": 5, "field": "seniority", "words": "boss"}, "unknown: boss"),
        ({"group": "fit", "points": 5, "field": "channel", "words": "fax"}, "unknown: fax"),
        ({"group": "fit", "points": 5, "field": "country", "words": "Italy"}, "two letters"),
        ({"group": "fit", "points": 5, "field": "industry", "words": " , "}, "between the commas"),
        ({"group": "fit", "points": 5, "field": "industry", "minimum": 3}, "write values instead"),
        ({"group": "fit", "points": 5, "field": "company_size", "words": "50"}, "“from” and “to”"),
        ({"group": "fit", "points": 5, "field": "industry", "words": "x" * 400}, "too long"),
        ({"group": "engagement", "points": 5, "touch_kind": "open"}, "opens never score"),
        ({"group": "engagement", "points": 5, "touch_kind": "telepathy"}, "kind of touch"),
        ({"group": "engagement", "points": 5, "half_life": 7}, "half-life"),
        ({"group": "engagement", "points": 5, "ceiling_touches": 2}, "both a number"),
    ],
)
def test_a_broken_rule_does_not_go_live_and_is_named(maya, rule, fault):
    draft = a_draft()
    ScoringRule.objects.create(model=draft, label="The new line", **rule)
    with pytest.raises(Refused) as refused:
        publish(model=draft, by=maya, at=NOON)
    (words,) = refused.value.missing
    assert words.startswith("The new line: ") and fault in words
    assert ScoringModel.objects.filter(state="live").exists()


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"stage": "decision", "touch_kind": "open"}, "opens never score"),
        ({"stage": "decision", "touch_kind": ""}, "kind of touch"),
        ({"stage": "heaven", "touch_kind": "visit"}, "choose a stage"),
        ({"stage": "decision", "touch_kind": "visit", "times": 0}, "at least once"),
    ],
)
def test_a_broken_rule_of_a_stage_does_not_go_live_either(maya, rule, fault):
    draft = a_draft()
    JourneyRule.objects.create(model=draft, **rule)
    with pytest.raises(Refused) as refused:
        publish(model=draft, by=maya, at=NOON)
    assert [fault in words for words in refused.value.missing] == [True]


def test_a_fact_that_somebody_has_or_a_field_that_is_ours_can_be_named(maya):
    draft = a_draft(required_facts="email, machines")
    Fact.objects.create(person=a_good_lead().person, field="machines", value="40", source="imported")
    CustomField.objects.create(entity="company", key="tier", label="Tier")
    for name in ("machines", "tier", "custom_tier", "industry"):
        ScoringRule.objects.create(
            model=draft, group="fit", label=name, points=5, field="fact", fact_name=name
        )
    assert publish(model=draft, by=maya, at=NOON).state == "live"


def test_a_required_fact_that_nobody_has_is_refused(maya):
    with pytest.raises(Refused) as refused:
        publish(model=a_draft(required_facts="email, shoe_size"), by=maya, at=NOON)
    assert "shoe_size" in refused.value.missing[0]


def test_a_draft_copies_the_rules_of_stages():
    live = a_model()
    live.journey_rules.all().delete()
    JourneyRule.objects.create(model=live, stage="consideration", touch_kind="download", times=3)
    draft = draft_from(model=live, by=None, at=NOON)
    assert list(draft.journey_rules.values_list("stage", "touch_kind", "times")) == [
        ("consideration", "download", 3)
    ]
    assert live.journey_rules.count() == 1


def test_what_is_live_cannot_be_published_again(maya):
    with pytest.raises(Conflict) as lost:
        publish(model=a_model(), by=maya, at=NOON)
    assert lost.value.now == "live"


def test_the_rules_a_new_installation_starts_with_could_be_published(maya):
    ScoringModel.objects.filter(number=1).update(state="draft")
    publish(model=ScoringModel.objects.get(number=1), by=maya, at=NOON)
    assert ScoringModel.objects.get(number=1).state == "live"
