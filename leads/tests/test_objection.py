"""Who objects to being scored has no grade and graduates by none (GDPR art. 21; RELIABILITY G4)."""

import pytest

from leads.models import LeadStatus
from leads.preferences import allow_scoring, object_to_scoring
from leads.scoring.rescore import receipts_for, rescore_all, rescore_dirty
from leads.scoring.verdicts import judge_grades, qualify_due
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.scoring_world import a_good_lead, a_model, keen, touched

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    """Fit A and far over the threshold, not judged yet."""
    a_model()
    lead = a_good_lead()
    keen(lead)
    return lead


def status(lead):
    lead.refresh_from_db()
    return lead.status


def test_the_grade_goes_and_the_numbers_with_it(lead):
    touched(lead, "visit")
    object_to_scoring(person=lead.person, at=NOON)
    rescore_dirty(at=NOON)
    lead.score.refresh_from_db()
    assert (lead.score.grade, lead.score.fit, lead.score.engagement, lead.score.total) == ("", 0, 0, 0)
    assert (lead.score.e1, lead.score.e2, lead.score.e3) == (0, 0, 0)
    assert lead.score.dirty_at is None
    assert lead.score.next_check_at is None


def test_no_grade_makes_them_marketing_qualified(lead):
    object_to_scoring(person=lead.person, at=NOON)
    for _ in range(2):
        rescore_all(at=NOON)
        qualify_due(at=NOON)
    assert status(lead) == LeadStatus.NEW


def test_not_even_one_that_was_found_before_they_objected(lead):
    from leads.models import LeadScore

    LeadScore.objects.update(qualifies_at=NOON)
    object_to_scoring(person=lead.person, at=NOON)
    judge_grades(at=NOON)
    assert status(lead) == LeadStatus.NEW
    assert not LeadScore.objects.exclude(qualifies_at=None).exists()


def test_without_an_objection_they_would_have_been(lead):
    rescore_dirty(at=NOON)
    assert status(lead) == LeadStatus.MARKETING_QUALIFIED


def test_an_inquiry_of_theirs_still_reaches_sales_without_receipts(lead):
    object_to_scoring(person=lead.person, at=NOON)
    submitted(a_page("demo", inquiry="demo"), email=lead.person.email)
    qualify_due(at=NOON)
    assert status(lead) == LeadStatus.MARKETING_QUALIFIED
    move = lead.moves.get(new=LeadStatus.MARKETING_QUALIFIED)
    assert (move.grade, move.receipts) == ("", [])


def test_taking_it_back_scores_again_from_all_touches(lead):
    object_to_scoring(person=lead.person, at=NOON)
    rescore_dirty(at=NOON)
    allow_scoring(person=lead.person, at=NOON)
    rescore_dirty(at=NOON)
    lead.score.refresh_from_db()
    assert lead.score.grade[:1] == "A"
    assert status(lead) == LeadStatus.MARKETING_QUALIFIED


def test_persona_and_stage_stay_as_they_were(lead):
    before = (lead.persona_id, lead.journey_stage, lead.exclusion)
    object_to_scoring(person=lead.person, at=NOON)
    rescore_all(at=NOON)
    lead.refresh_from_db()
    assert (lead.persona_id, lead.journey_stage, lead.exclusion) == before


def test_staff_see_no_receipts_and_why(lead, client, maya):
    object_to_scoring(person=lead.person, at=NOON)
    rescore_dirty(at=NOON)
    lead.refresh_from_db()
    assert list(receipts_for(lead, NOON)) == []
    client.force_login(maya)
    html = client.get(f"/staff/leads/{lead.person_id}/").content.decode()
    assert "Not scored: this person objected to it." in html
