"""The night scores who is due, goes on with a full run that was killed, and checks a sample."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from leads.models import Fact, Lead, LeadMove, LeadScore, ScoreRun
from leads.scoring import runs
from leads.scoring.night import rescore_night
from leads.scoring.rescore import rescore_all, rescore_dirty
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, keen, stored, touched, undone

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def many(number: int = 12) -> list[Lead]:
    made = [a_good_lead(f"p{one}@maasland.example") for one in range(number)]
    for place, lead in enumerate(made):
        for hour in range(place % 5):
            touched(lead, "visit", NOON - timedelta(hours=20 * hour))
    return made


def killed(monkeypatch, after: int) -> None:
    """A full run by ranges of four leads that ends before the last `after`-th range is done."""
    score_range, calls = runs.score_range, []

    def until(*args, **named):
        calls.append(args)
        if len(calls) > after:
            raise KeyboardInterrupt
        return score_range(*args, **named)

    monkeypatch.setattr("leads.scoring.pace.RANGE", 4)
    with monkeypatch.context() as patch:
        patch.setattr(runs, "score_range", until)
        with pytest.raises(KeyboardInterrupt):
            rescore_all(at=NOON)


def test_only_who_is_due_is_scored_and_a_sample_is_checked():
    a_model()
    leads = many()
    rescore_all(at=NOON)
    touched(leads[3], "form")
    counts = rescore_night(at=NOON)
    assert (counts["leads"], counts["changed"]) == (1, 1)
    assert (counts["checked"], counts["differ"], counts["waiting"]) == (12, 0, 0)
    run = ScoreRun.objects.get(kind="night")
    assert run.finished_at
    assert run.counts == counts


def test_all_that_is_due_is_done_however_much(monkeypatch):
    a_model()
    many()
    monkeypatch.setattr("leads.scoring.night.AT_ONCE", 5)
    assert rescore_night(at=NOON)["leads"] == 12
    assert not LeadScore.objects.exclude(dirty_at=None).exists()
    rows = stored()
    undone()
    rescore_all(at=NOON)
    assert stored() == rows


def test_a_mark_that_stays_does_not_hold_the_night_up():
    a_model()
    lead = a_good_lead()
    Fact.objects.create(person=lead.person, field="industry", value="Pumps", at=NOON + timedelta(hours=1))
    LeadScore.objects.update(dirty_at=NOON + timedelta(hours=1))
    counts = rescore_night(at=NOON)
    assert (counts["leads"], counts["waiting"]) == (1, 1)


def test_a_killed_full_run_is_gone_on_with_behind_the_last_range(monkeypatch):
    a_model()
    leads = many()
    killed(monkeypatch, after=2)
    run = ScoreRun.objects.get()
    assert (run.last_lead, run.counts["leads"], run.finished_at) == (leads[7].pk, 8, None)
    counts = rescore_all(at=NOON + timedelta(minutes=5))
    assert (counts["leads"], counts["went_on_behind"]) == (12, leads[7].pk)
    assert ScoreRun.objects.get().finished_at
    rows = stored()
    undone()
    rescore_all(at=NOON)
    assert stored() == rows


def test_the_next_night_goes_on_with_it_too(monkeypatch):
    a_model()
    leads = many()
    killed(monkeypatch, after=1)
    LeadScore.objects.filter(lead__gt=leads[3].pk).update(dirty_at=None)  # nobody else would look
    counts = rescore_night(at=NOON + timedelta(hours=14))
    assert (counts["went_on_behind"], counts["leads"], counts["differ"]) == (leads[3].pk, 12, 0)


def test_a_run_of_other_rules_or_of_long_ago_is_begun_anew(monkeypatch):
    a_model()
    many()
    killed(monkeypatch, after=1)
    a_model()
    assert "went_on_behind" not in rescore_all(at=NOON)
    killed(monkeypatch, after=1)
    assert "went_on_behind" not in rescore_all(at=NOON + DAY)
    assert not ScoreRun.objects.filter(
        finished_at=None
    ).exists()  # segments look as far back as a run that goes on


def test_what_is_not_gone_on_with_is_ended_by_the_next_night(monkeypatch):
    a_model()
    many()
    killed(monkeypatch, after=1)
    a_model()
    rescore_night(at=NOON)
    assert not ScoreRun.objects.filter(finished_at=None).exists()
    killed(monkeypatch, after=1)
    rescore_night(at=NOON + DAY)
    assert not ScoreRun.objects.filter(finished_at=None).exists()


def test_who_is_edited_while_the_run_goes_on_keeps_the_edit(monkeypatch):
    """The rest of the run is for a time before the edit: what the sweep wrote since is newer."""
    a_model()
    leads = many()
    killed(monkeypatch, after=1)
    now = timezone.now()
    touched(leads[5], "form", now)
    rescore_dirty(at=now)
    swept = stored(lead=leads[5])
    touched(leads[6], "form", now)
    rescore_all(at=NOON)
    assert stored(lead=leads[5]) == swept
    assert LeadScore.objects.get(lead=leads[6]).dirty_at is not None  # the sweep has it next


def test_a_fact_of_a_moment_after_the_runs_clock_keeps_its_mark():
    a_model(required_facts="industry")
    lead = a_good_lead()
    later = NOON + timedelta(milliseconds=5)
    Fact.objects.create(person=lead.person, field="industry", value="Pumps", at=later)
    LeadScore.objects.update(dirty_at=later)
    rescore_dirty(at=NOON)
    assert LeadScore.objects.get().dirty_at == later
    rescore_dirty(at=later)
    assert LeadScore.objects.get().dirty_at is None


def test_a_change_of_rules_while_a_sweep_begins_keeps_its_mark(monkeypatch):
    a_model()
    a_good_lead()
    load = runs.load_setup

    def and_then_somebody_edits_a_persona():
        setup = load()
        LeadScore.objects.update(dirty_at=timezone.now())
        return setup

    monkeypatch.setattr("leads.scoring.rescore.load_setup", and_then_somebody_edits_a_persona)
    rescore_dirty(at=timezone.now())
    assert LeadScore.objects.get().dirty_at is not None


@pytest.mark.django_db(transaction=True)
def test_of_two_full_runs_one_does_it_and_the_other_says_so(monkeypatch):
    a_model()
    many()
    monkeypatch.setattr("leads.scoring.pace.RANGE", 4)
    score_range, second = runs.score_range, []

    def and_another_begins(*args, **named):
        if not second:
            second.append(said_elsewhere())
        return score_range(*args, **named)

    monkeypatch.setattr(runs, "score_range", and_another_begins)
    assert rescore_all(at=NOON)["leads"] == 12
    assert second == ["A full run is at work already, it is behind lead 0. Nothing was done here."]
    assert ScoreRun.objects.count() == 1


def said_elsewhere() -> str:
    """What the command says in another thread, which has a connection of its own."""

    def call() -> str:
        try:
            call_command("rescore", "--all", stdout=StringIO())
        except CommandError as refusal:
            return str(refusal)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


@pytest.mark.parametrize("nights", [1, 3])
def test_after_nights_off_the_rows_are_those_of_a_clean_run_of_that_time(nights):
    a_model()
    leads = many()
    for lead in leads[:4]:
        keen(lead, NOON - timedelta(days=20))
    rescore_night(at=NOON)
    back = NOON + nights * DAY
    touched(leads[5], "form", back - timedelta(hours=3))
    rescore_night(at=back)
    rescore_night(at=back)  # who qualified is marked once more
    assert rescore_night(at=back).get("leads", 0) == 0
    rows = [(row["lead"], row["grade"], row["fit"]) for row in stored()]
    sums = [(row["e1"], row["e2"], row["e3"]) for row in stored()]
    moves = LeadMove.objects.filter(new="marketing_qualified").count()
    undone()
    rescore_all(at=back)
    assert [(row["lead"], row["grade"], row["fit"]) for row in stored()] == rows
    assert [pytest.approx((row["e1"], row["e2"], row["e3"])) for row in stored()] == sums
    assert LeadMove.objects.filter(new="marketing_qualified").count() == moves
