"""Stored rows: equal to panel and oracle, made anew each time, written only where they change (R1, R2, R3)."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead, LeadScore, Touch
from leads.scoring import batch, facts
from leads.scoring.points import shown
from leads.scoring.rescore import receipts_for, rescore, rescore_all, rescore_dirty
from leads.tests import scoring_oracle as oracle
from leads.tests.builders import NOON
from leads.tests.scoring_world import ENGAGEMENT_LINES, a_good_lead, a_model, stored, touched, undone

pytestmark = pytest.mark.django_db
NEXT_DAY = NOON + timedelta(days=1)


def many_leads(count: int = 12) -> list[Lead]:
    """Leads with up to ten touches each in the 60 days before NOON, the same each time."""
    dice = random.Random(4)
    leads = [
        a_good_lead(f"p{number}@{dice.choice(['gmail.com', 'maasland.example'])}") for number in range(count)
    ]
    for lead in leads:
        for _ in range(dice.randrange(10)):
            when = NOON - timedelta(minutes=dice.randrange(60 * 24 * 60))
            touched(lead, dice.choice(["form", "download", "visit", "open", "click"]), when)
    return leads


def test_row_panel_and_oracle_are_equal_for_every_lead():
    a_model()
    many_leads()
    rescore_all(at=NOON)
    for lead in Lead.objects.select_related("score"):
        panel = receipts_for(lead, NOON)
        row = lead.score
        assert (row.fit, row.engagement, row.grade, row.total) == (
            panel.fit,
            panel.engagement,
            panel.grade,
            panel.total,
        )
        lines = [(kind, points, half - 1, *rest) for kind, points, half, *rest in ENGAGEMENT_LINES]
        did = [(touch.pk, touch.kind, touch.at) for touch in Touch.objects.filter(person=lead.person)]
        by_docs = oracle.engagement(did, lines, (7, 30, 90), NOON, ZoneInfo("Europe/Zurich"))
        assert row.engagement == oracle.rounded(by_docs)


def test_a_second_run_writes_nothing():
    a_model()
    many_leads()
    rescore_all(at=NOON)
    before = list(LeadScore.objects.order_by("lead").values())
    assert rescore_all(at=NOON + timedelta(minutes=1))["changed"] == 0
    assert list(LeadScore.objects.order_by("lead").values()) == before


def test_what_was_due_and_what_is_recomputed_in_full_give_the_same_rows():
    a_model()
    leads = many_leads()
    rescore_all(at=NOON)
    touched(leads[0], "download", NOON - timedelta(days=40))
    touched(leads[1], "visit", NOON)
    assert rescore_dirty(at=NOON)["leads"] == 2
    step_by_step = stored()
    undone()
    rescore_all(at=NOON)
    assert stored() == step_by_step


def test_a_late_touch_takes_the_place_of_the_one_that_counted():
    """Two downloads in one span of 24 hours: the earlier counts, even where it is learnt of later."""
    a_model()
    lead = a_good_lead()
    touched(lead, "download", NOON - timedelta(days=20))
    rescore_dirty(at=NOON)
    late = touched(lead, "download", NOON - timedelta(days=20, hours=2))
    rescore_dirty(at=NOON)
    counted = [line.at for line in receipts_for(lead, NOON) if line.label == "download" and line.points]
    assert counted == [late.at]


def test_deleting_a_touch_moves_the_score_by_its_line():
    a_model()
    lead = a_good_lead()
    touched(lead, "form", NOON - timedelta(days=11))
    gone = touched(lead, "inquiry", NOON - timedelta(days=3))
    before = receipts_for(lead, NOON)
    its_line = next(line.points for line in before if line.label == "inquiry")
    gone.delete()
    after = receipts_for(lead, NOON)
    assert sum(r.points for r in before) - sum(r.points for r in after) == pytest.approx(its_line)
    rescore(lead_ids=[lead.pk], at=NOON)
    assert LeadScore.objects.get().engagement == after.engagement == shown(before.engagement - its_line)


def meanwhile(monkeypatch, edit) -> None:
    """`edit` happens once, between the reading of a batch and its writing."""
    real = facts.seen_facts

    def first_edit(*args):
        monkeypatch.setattr(facts, "seen_facts", real)
        edit()
        return real(*args)

    monkeypatch.setattr(facts, "seen_facts", first_edit)


@pytest.mark.django_db(transaction=True)
def test_a_lead_touched_during_the_run_stays_due(monkeypatch):
    a_model()
    lead = a_good_lead()
    later = NOON + timedelta(seconds=5)
    meanwhile(monkeypatch, lambda: LeadScore.objects.filter(lead=lead).update(dirty_at=later))
    assert rescore(lead_ids=[lead.pk], at=NOON)["skipped"] == 1
    assert (LeadScore.objects.get().dirty_at, LeadScore.objects.get().grade) == (later, "")


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_overtaken_does_not_write_what_it_saw_before(monkeypatch):
    """The full run reads; a sweep sees a newer touch and writes; the full run must not put the old number back."""
    a_model()
    lead = a_good_lead()
    rescore_all(at=NOON)

    def overtaken():
        touched(lead, "form", NOON)
        rescore_dirty(at=NOON + timedelta(seconds=3))

    meanwhile(monkeypatch, overtaken)
    rescore_all(at=NEXT_DAY)
    assert LeadScore.objects.get().engagement == 10


@pytest.mark.django_db(transaction=True)
def test_a_lead_edited_during_the_run_keeps_the_edit(monkeypatch):
    a_model()
    lead = a_good_lead()
    touched(lead, "inquiry")
    meanwhile(monkeypatch, lambda: Lead.objects.filter(pk=lead.pk).update(journey_stage="awareness"))
    rescore(lead_ids=[lead.pk], at=NOON)
    assert Lead.objects.get().journey_stage == "awareness"
    assert LeadScore.objects.get().dirty_at is not None


def test_a_run_killed_in_the_middle_and_run_again_equals_one_clean_run(monkeypatch):
    a_model()
    many_leads()
    rescored = batch.score_range
    monkeypatch.setattr("leads.scoring.pace.RANGE", 5)
    calls = []

    def killed_after_the_first_range(*args, **named):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rescored(*args, **named)

    monkeypatch.setattr("leads.scoring.runs.score_range", killed_after_the_first_range)
    with pytest.raises(KeyboardInterrupt):
        rescore_all(at=NOON)
    assert 0 < LeadScore.objects.exclude(grade="").count() <= 5
    monkeypatch.setattr("leads.scoring.runs.score_range", rescored)
    rescore_all(at=NOON)
    twice = stored()
    undone()
    rescore_all(at=NOON)
    assert stored() == twice


def test_queries_do_not_grow_with_the_batch():
    a_model(required_facts="phone")  # nobody qualifies: verdicts are made one by one
    leads = many_leads(40)
    counts = []
    for some in (leads[:2], leads[2:]):
        with CaptureQueriesContext(connection) as queries:
            assert rescore(lead_ids=[lead.pk for lead in some], at=NOON)["changed"] == len(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_lead_that_cannot_be_scored_does_not_stop_the_others(monkeypatch, caplog):
    a_model()
    bad, good = a_good_lead("bad@broken.example"), a_good_lead()
    real = facts.seen_facts

    def fails_for_one(person, *rest):
        if (person.email_key or "").startswith("bad"):
            raise ValueError("a broken rule")
        return real(person, *rest)

    monkeypatch.setattr(facts, "seen_facts", fails_for_one)
    assert rescore_dirty(at=NOON)["failed"] == 1
    assert "cannot be scored" in caplog.text
    assert LeadScore.objects.get(lead=good).grade == "A4"
    assert LeadScore.objects.get(lead=bad).next_check_at == NOON + timedelta(hours=1)


def test_a_digit_that_fades_is_written_when_its_night_has_come():
    a_model()
    lead = a_good_lead()
    touched(lead, "visit", NOON - timedelta(days=1))
    touched(lead, "download", NOON - timedelta(days=1))
    rescore_dirty(at=NOON)
    row = LeadScore.objects.get()
    assert row.grade == "A3"
    assert rescore_dirty(at=row.next_check_at - timedelta(seconds=1)) == {}
    while row.grade == "A3":
        night = row.next_check_at
        rescore_dirty(at=night)
        row.refresh_from_db()
        assert row.next_check_at is None or row.next_check_at > night
    assert (row.grade, row.next_check_at) == ("A4", None)


def test_without_a_live_model_leads_stay_due():
    a_model(state="draft")
    lead = a_good_lead()
    assert rescore_dirty(at=NOON) == {"without_model": 1}
    assert LeadScore.objects.get(lead=lead).dirty_at is not None
    assert len(receipts_for(lead, NOON)) == 0


def test_a_lead_without_a_row_gets_one():
    a_model()
    lead = a_good_lead()
    LeadScore.objects.all().delete()
    rescore_all(at=NOON)
    assert LeadScore.objects.get(lead=lead).grade == "A4"
