"""Who becomes marketing-qualified: an inquiry at once, a grade with the required facts, each once (R3)."""

from datetime import timedelta

import pytest

from leads import lifecycle
from leads.models import Lead, LeadMove, LeadScore, LeadStatus, Person, Submission, WorkRequest
from leads.scoring import rescore as runs
from leads.scoring.rescore import receipts_for, rescore_all, rescore_dirty
from leads.scoring.verdicts import judge_grades, qualify_due
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.scoring_world import a_good_lead, a_model, excluding, keen, touched

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _rules():
    a_model()


def asked(email: str = "vera@maasland.example", at=NOON, nonce: str = "n1", **answers) -> Lead:
    page = (
        a_page("demo", inquiry="demo") if not Submission.objects.exists() else Submission.objects.first().page
    )
    return submitted(page, email, at, nonce, **answers).lead


def qualifications() -> list[LeadMove]:
    return list(LeadMove.objects.filter(new=LeadStatus.MARKETING_QUALIFIED).order_by("pk"))


def status_of(lead: Lead) -> str:
    return Lead.objects.get(pk=lead.pk).status


# An inquiry


def test_an_inquiry_qualifies_at_once_with_no_score_to_speak_of():
    lead = asked("someone@gmail.com")
    assert qualify_due(at=NOON) == {"qualified": 1}
    (move,) = qualifications()
    assert (move.lead, move.way, move.submission, move.grade) == (
        lead,
        "inquiry",
        Submission.objects.get(),
        "D2",
    )


def test_an_inquiry_is_judged_once_however_often_the_sweep_runs():
    asked()
    assert [qualify_due(at=NOON), qualify_due(at=NOON), qualify_due(at=LATER)] == [{"qualified": 1}, {}, {}]
    assert len(qualifications()) == 1


def test_an_inquiry_needs_no_live_model():
    a_model(state="draft")
    lead = asked()
    assert qualify_due(at=NOON) == {"qualified": 1}
    assert (status_of(lead), qualifications()[0].model) == ("marketing_qualified", None)


def test_an_excluded_inquiry_never_qualifies_even_if_nothing_was_rescored_yet():
    excluding()
    lead = asked("spy@rival.example")
    assert qualify_due(at=NOON) == {"excluded": 1}
    rescore_all(at=NOON)
    assert (qualify_due(at=LATER), status_of(lead)) == ({}, "new")
    assert Lead.objects.get().exclusion == "competitor"


def test_a_form_that_is_no_inquiry_is_not_judged():
    submitted(a_page())
    assert qualify_due(at=NOON) == {}


def test_a_quarantined_inquiry_waits_for_nobody():
    submitted(a_page("demo", inquiry="demo"), suspicions=["honeypot"])
    assert qualify_due(at=NOON) == {}


@pytest.mark.parametrize("state", ["customer", "with sales", "marketing_qualified"])
def test_an_inquiry_of_somebody_sales_has_becomes_a_notice_and_no_second_qualification(state):
    lead = a_good_lead()
    if state == "customer":
        lifecycle.become_customer(person=lead.person, at=NOON)
    elif state == "with sales":
        lifecycle.note_sales_stage(person=lead.person, stage="contacting", open=True, at=NOON)
    else:
        lifecycle.qualify(lead=lead, way="inquiry", at=NOON)
    before = len(qualifications())
    asked(at=LATER)
    assert qualify_due(at=LATER) == {"asked": 1}
    assert qualify_due(at=LATER) == {}
    assert len(qualifications()) == before
    request = WorkRequest.objects.get()
    assert (request.person, request.kind) == (lead.person, "form")


def test_a_disqualified_lead_graduates_by_a_fresh_inquiry():
    lead = a_good_lead()
    lifecycle.disqualify(person=lead.person, at=NOON, why="no need")
    asked(at=LATER)
    assert qualify_due(at=LATER) == {"qualified": 1}
    assert status_of(lead) == "marketing_qualified"


def test_a_disqualified_lead_graduates_by_nothing_else():
    lead = a_good_lead()
    asked(at=NOON - MINUTE)
    lifecycle.disqualify(person=lead.person, at=NOON, why="no need")
    keen(lead, LATER)
    rescore_dirty(at=LATER)
    assert qualify_due(at=LATER) == {"stale": 1}  # the inquiry from before
    assert (LeadScore.objects.get().grade, status_of(lead)) == ("A1", "disqualified")


# A grade


def test_a_grade_over_the_threshold_with_all_facts_qualifies():
    lead = a_good_lead()
    keen(lead)
    assert rescore_dirty(at=NOON)["qualified"] == 1
    (move,) = qualifications()
    assert (move.way, move.grade, status_of(lead)) == ("grade", "A2", "marketing_qualified")


def test_the_move_freezes_model_and_receipts():
    lead = a_good_lead()
    keen(lead)
    rescore_dirty(at=NOON)
    (move,) = qualifications()
    assert move.model == LeadScore.objects.get(lead=lead).model
    assert (
        sum(line["points"] for line in move.receipts)
        == sum(line.points for line in receipts_for(lead, NOON))
        == 120
    )
    assert {line["label"] for line in move.receipts} == {"Company mailbox", "Leads a team", "form"}


def test_a_missing_fact_holds_the_grade_back_until_it_is_known():
    lead = a_good_lead(company_name="")
    keen(lead)
    assert rescore_dirty(at=NOON)["candidates"] == 0
    assert status_of(lead) == "new"
    Person.objects.update(company_name="Maasland")
    assert rescore_all(at=LATER)["qualified"] == 1


@pytest.mark.parametrize("forms", [3, 4])
def test_the_digit_must_be_reached(forms):
    lead = a_good_lead()
    for _ in range(forms):
        touched(lead, "form")
    rescore_dirty(at=NOON)
    assert len(qualifications()) == (forms == 4)


def test_the_letter_must_be_reached():
    lead = a_good_lead("v@gmail.com")  # 30 points of fit: C
    keen(lead)
    rescore_dirty(at=NOON)
    assert (LeadScore.objects.get().grade, qualifications()) == ("C2", [])


def test_an_exclusion_never_qualifies_by_grade():
    excluding()
    lead = a_good_lead("spy@rival.example")
    keen(lead)
    rescore_dirty(at=NOON)
    assert (LeadScore.objects.get().grade, qualify_due(at=LATER), status_of(lead)) == ("A2", {}, "new")


def test_somebody_with_an_open_prospect_does_not_qualify_by_grade():
    lead = a_good_lead()
    lifecycle.note_sales_stage(person=lead.person, stage="contacting", open=True, at=NOON)
    keen(lead)
    assert rescore_dirty(at=NOON)["candidates"] == 0
    assert qualifications() == []


def test_a_lead_given_back_needs_a_new_sign_and_an_open_is_none():
    lead = a_good_lead()
    keen(lead)
    rescore_dirty(at=NOON)
    lifecycle.return_to_nurture(person=lead.person, at=NOON + MINUTE, reason_name="no need yet")
    lifecycle.note_sales_stage(person=lead.person, stage="returned", open=False, at=NOON + MINUTE)
    assert rescore_all(at=LATER)["candidates"] == 0
    touched(lead, "open", LATER)
    assert rescore_dirty(at=LATER)["candidates"] == 0
    touched(lead, "form", LATER)
    assert rescore_dirty(at=LATER)["qualified"] == 1
    assert [move.way for move in qualifications()] == ["grade", "grade"]


def test_a_lead_given_back_needs_more_points_than_the_threshold():
    """Digit 2 begins at 35 and ten more are asked: 43 are not enough, 46 are."""
    lead = a_good_lead()
    keen(lead)
    rescore_dirty(at=NOON)
    lifecycle.return_to_nurture(person=lead.person, at=NOON + MINUTE, reason_name="no need yet")
    lifecycle.note_sales_stage(person=lead.person, stage="returned", open=False, at=NOON + MINUTE)
    touched(lead, "visit", NOON + 2 * MINUTE)
    assert (rescore_all(at=NOON + 2 * MINUTE)["candidates"], LeadScore.objects.get().engagement) == (0, 43)
    touched(lead, "visit", NOON + 62 * MINUTE)  # in the next hour: the cool-down is over
    assert rescore_dirty(at=NOON + 62 * MINUTE)["qualified"] == 1


def test_a_verdict_looks_at_the_margin_again():
    """Marked by a run, but given back before the verdict looked."""
    lead = a_good_lead()
    keen(lead)
    touched(lead, "visit")
    Lead.objects.update(status="nurturing")
    LeadMove.objects.create(lead=lead, old="nurturing", new="nurturing", way="sales", at=NOON - MINUTE)
    LeadScore.objects.update(qualifies_at=NOON)
    assert judge_grades(at=LATER) == {"stale": 1}
    assert qualifications() == []


def test_the_threshold_fires_once():
    lead = a_good_lead()
    keen(lead)
    rescore_dirty(at=NOON)
    touched(lead, "inquiry", LATER)
    rescore_dirty(at=LATER)
    rescore_all(at=LATER)
    qualify_due(at=LATER)
    assert len(qualifications()) == 1


def test_a_crash_between_scoring_and_verdict_loses_nobody(monkeypatch):
    lead = a_good_lead()
    keen(lead)

    def killed(**kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "judge_grades", killed)
    with pytest.raises(KeyboardInterrupt):
        rescore_dirty(at=NOON)
    assert (status_of(lead), LeadScore.objects.get().dirty_at) == ("new", None)
    assert qualify_due(at=LATER) == {"qualified": 1}


def test_a_mark_left_by_a_crash_does_not_undo_what_sales_decided_since(monkeypatch):
    """Marked, killed before the verdict, qualified by an inquiry instead, given back: the old mark is stale."""
    lead = a_good_lead()
    keen(lead)
    monkeypatch.setattr(runs, "judge_grades", lambda **kwargs: {})
    rescore_dirty(at=NOON)
    lifecycle.qualify(lead=lead, way="inquiry", at=NOON)
    lifecycle.return_to_nurture(person=lead.person, at=NOON + MINUTE, reason_name="no need yet")
    lifecycle.note_sales_stage(person=lead.person, stage="returned", open=False, at=NOON + MINUTE)
    assert qualify_due(at=LATER) == {"stale": 1}
    assert (len(qualifications()), status_of(lead)) == (1, "nurturing")


def test_a_crash_in_the_verdict_leaves_it_due(monkeypatch):
    asked()
    real = lifecycle.qualify

    def killed(**kwargs):
        real(**kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(lifecycle, "qualify", killed)
    with pytest.raises(KeyboardInterrupt):
        qualify_due(at=NOON)
    monkeypatch.setattr(lifecycle, "qualify", real)
    assert (Submission.objects.get().judged_at, qualifications()) == (None, [])
    assert qualify_due(at=LATER) == {"qualified": 1}


def test_one_bad_row_does_not_stop_the_others(monkeypatch, caplog):
    bad = asked("bad@maasland.example")
    asked("good@maasland.example", nonce="n2")
    real = lifecycle.qualify

    def fails_for_one(*, lead, **rest):
        if lead.pk == bad.pk:
            raise ValueError("a broken row")
        return real(lead=lead, **rest)

    monkeypatch.setattr(lifecycle, "qualify", fails_for_one)
    assert qualify_due(at=NOON) == {"failed": 1, "qualified": 1}
    assert "failed" in caplog.text
    assert Submission.objects.get(person=bad.person).judged_at is None


def test_nothing_due_costs_two_queries(django_assert_num_queries):
    a_good_lead()
    with django_assert_num_queries(2):
        assert qualify_due(at=NOON) == {}
