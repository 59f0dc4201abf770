"""Versions of the rules: broken ones are refused by name, a good one retires the last (RELIABILITY R6)."""

import pytest

from campaigns.errors import Conflict, Refused
from leads.models import LeadScore, ScoringModel, ScoringRule
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
        ({"group": "fit", "points": 5, "field": "mailbox", "words": "private"}, "mailbox"),
        (
            {"group": "fit", "points": 5, "field": "company_size", "minimum": 9, "maximum": 1},
            "above the largest",
        ),
        ({"group": "fit", "points": 5000, "field": "country"}, "1000 points"),
        ({"group": "engagement", "points": 5, "touch_kind": "open"}, "opens never score"),
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


def test_what_is_live_cannot_be_published_again(maya):
    with pytest.raises(Conflict) as lost:
        publish(model=a_model(), by=maya, at=NOON)
    assert lost.value.now == "live"


def test_the_rules_a_new_installation_starts_with_could_be_published(maya):
    ScoringModel.objects.filter(number=1).update(state="draft")
    publish(model=ScoringModel.objects.get(number=1), by=maya, at=NOON)
    assert ScoringModel.objects.get(number=1).state == "live"
