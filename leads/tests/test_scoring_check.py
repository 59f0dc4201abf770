"""Stored scores beside what they are made of: a sample each night, all by hand; what differs is told and marked."""

import json
import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from leads.models import Lead, LeadScore, ScoreRun
from leads.scoring import check as checking
from leads.scoring.check import check_all, check_sample, sample
from leads.scoring.rescore import rescore_all, rescore_dirty
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, excluding, keen, touched

pytestmark = pytest.mark.django_db


@pytest.fixture
def leads() -> list[Lead]:
    a_model()
    excluding(words="rival.example")
    made = [a_good_lead(f"p{number}@maasland.example") for number in range(6)]
    made.append(a_good_lead("spy@rival.example"))
    for number, lead in enumerate(made):
        for hour in range(number):
            touched(lead, "visit", NOON - timedelta(hours=30 * hour))
    keen(made[0])
    rescore_all(at=NOON)
    rescore_dirty(at=NOON)  # who qualified is marked once more
    return made


def spoil(lead: Lead, **columns) -> None:
    LeadScore.objects.filter(pk=lead.pk).update(**columns)


@pytest.mark.parametrize("days", [0, 1, 12, 400])
def test_rows_are_what_they_are_made_of_on_the_day_and_long_after(leads, days):
    at = NOON + timedelta(days=days)
    rescore_dirty(at=at)  # who fades over a bound
    found = check_all(at=at + timedelta(minutes=1))
    assert (found.checked, found.waiting, found.differences) == (len(leads), 0, [])


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("fit", 79, "fit"),
        ("grade", "B1", "grade"),
        ("engagement", 99, "engagement"),
        ("total", 1, "total"),
        ("e2", 12345.6, "sums"),
        ("model", None, "sums"),
    ],
)
def test_a_column_that_is_wrong_is_named_logged_and_made_anew(leads, caplog, column, value, named):
    right = LeadScore.objects.values(column).get(pk=leads[2].pk)
    spoil(leads[2], **{column: value})
    with caplog.at_level(logging.ERROR):
        found = check_all(at=NOON)
    assert [one.lead for one in found.differences] == [leads[2].pk]
    assert named in found.differences[0].columns
    assert f"lead {leads[2].pk}" in caplog.text
    assert "@" not in caplog.text
    rescore_dirty(at=NOON)
    assert LeadScore.objects.values(column).get(pk=leads[2].pk) == right
    assert check_all(at=NOON).differences == []


@pytest.mark.parametrize(
    ("column", "value"), [("journey_stage", "retention"), ("exclusion", "competitor"), ("exclusion", "")]
)
def test_so_is_what_a_run_sets_beside_the_score(leads, column, value):
    lead = leads[-1] if value == "" else leads[1]
    Lead.objects.filter(pk=lead.pk).update(**{column: value})
    differing = [one.lead for one in check_all(at=NOON).differences]
    assert differing == ([lead.pk] if column == "exclusion" else [])  # a stage that nothing tells stays


def test_a_lead_with_news_is_not_compared(leads):
    touched(leads[1], "form")  # marked, not scored yet
    spoil(leads[2], next_check_at=NOON - timedelta(minutes=1), fit=1)  # due
    spoil(leads[3], computed_at=NOON + timedelta(minutes=1), fit=1)  # scored since for a later time
    found = check_all(at=NOON)
    assert (found.checked, found.waiting, found.differences) == (len(leads) - 3, 3, [])


def test_a_lead_that_is_touched_while_it_is_compared_does_not_differ(leads, monkeypatch):
    read = checking.read

    def read_late(ids, *, at):
        seen = read(ids, at=at)
        touched(leads[2], "form")
        rescore_dirty(at=at)  # the panel that was read has not this touch
        return seen

    spoil(leads[2], e1=4.0)
    monkeypatch.setattr(checking, "read", read_late)
    found = check_all(at=NOON + timedelta(minutes=1))
    assert (found.differences, found.waiting) == ([], 1)


def test_the_sample_is_spread_and_drawn_by_the_day(leads, monkeypatch):
    monkeypatch.setattr(checking, "SAMPLE", 3)
    days = [sample(NOON + timedelta(days=day)) for day in range(30)]
    assert all(2 <= len(day) <= 3 for day in days)
    assert {pk for day in days for pk in day} == {lead.pk for lead in leads}
    assert sample(NOON) == sample(NOON + timedelta(hours=3)) == days[0]
    assert check_sample(at=NOON).checked == len(days[0])


def said(*options: str) -> str:
    out = StringIO()
    call_command("rescore", "--check", *options, stdout=out)
    return out.getvalue().strip()


def test_by_hand_all_is_well(leads):
    rescore_all(at=timezone.now())
    assert said("--all") == "7 leads compared, 0 differ."
    assert json.loads(said("--json")) == {"checked": 7, "differ": 0, "waiting": 0, "leads": []}
    run = ScoreRun.objects.first()
    assert run is not None
    assert (run.kind, run.counts) == ("check", {"checked": 7, "differ": 0, "waiting": 0})


def test_by_hand_a_difference_is_told_and_the_status_is_1(leads, capsys):
    rescore_all(at=timezone.now())
    spoil(leads[0], grade="D4")
    with pytest.raises(SystemExit) as ended:
        call_command("rescore", "--check", "--all")
    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert f"lead {leads[0].pk}: grade is D4, made anew" in told
    assert "7 leads compared, 1 differ." in told


def test_without_rules_nothing_is_compared():
    a_model(state="draft")
    a_good_lead()
    assert said("--all") == "No scoring model is live: nothing was compared."
