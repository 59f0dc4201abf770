"""The ledger of jobs: once a night whatever clocks and twins do, caught up once, errors kept, heartbeats few."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils.module_loading import import_string

from crm import jobs, lease
from crm.models import DispatcherLease, JobRun
from crm.schedule import BULK, SCHEDULE, Job

ZURICH = ZoneInfo("Europe/Zurich")
NIGHT = Job(name="rescore-night", verb="crm.tests.test_jobs.verb", nightly=time(2, 15), queue=BULK)
OFTEN = Job(name="rescore", verb="crm.tests.test_jobs.verb", every=2)
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
calls: list[datetime] = []
failure: list[Exception] = []


def verb(*, at: datetime) -> dict[str, int]:
    """Stands for a scheduled verb."""
    calls.append(at)
    if failure:
        raise failure[0]
    return {"done": 3}


@pytest.fixture(autouse=True)
def fresh_process(db, monkeypatch, settings):
    """No memory of earlier tests, and a schedule of two jobs."""
    settings.TIME_ZONE = "Europe/Zurich"
    settings.REDIS_URL = ""
    calls.clear()
    failure.clear()
    for memory in (jobs._beats, jobs._since_beat, jobs._failing, lease._renewed):
        memory.clear()
    monkeypatch.setattr(jobs, "SCHEDULE", (NIGHT, OFTEN))


def another_process(monkeypatch, boot: str) -> None:
    """From here on this test is another embedded process."""
    lease._renewed.clear()
    monkeypatch.setattr(lease, "_BOOT", boot)


def test_a_night_runs_once_however_often_it_is_asked_for():
    for minute in range(5):
        jobs.run(NIGHT, at=NOON + timedelta(minutes=minute))
    assert len(calls) == 1
    run = JobRun.objects.get()
    assert (run.state, run.period, run.counts) == (JobRun.State.DONE, "2026-11-20", {"done": 3})


def test_the_second_of_two_tickers_finds_the_night_taken():
    jobs.run(NIGHT, at=NOON)
    assert jobs.run(NIGHT, at=NOON) == {"skipped": "this night has its run"}


def test_a_night_is_due_from_its_hour_until_it_has_run():
    before = datetime(2026, 11, 20, 2, 14, tzinfo=ZURICH)
    jobs.run(NIGHT, at=before - timedelta(days=1, hours=-1))  # the night before has its run
    assert jobs.due(at=before) == []
    assert jobs.due(at=before + timedelta(minutes=1)) == [NIGHT]
    jobs.run(NIGHT, at=before + timedelta(minutes=1))
    assert jobs.due(at=before + timedelta(hours=20)) == []


def test_after_three_days_off_one_night_is_caught_up():
    jobs.run(NIGHT, at=NOON)
    later = NOON + timedelta(days=3)
    while jobs.due(at=later):
        jobs.run(NIGHT, at=later)
    assert [run.period for run in JobRun.objects.order_by("period")] == ["2026-11-20", "2026-11-23"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2028, 2, 29), 24), (date(2026, 12, 31), 24)],
)
def test_each_local_day_has_one_night_also_when_clocks_change(day, hours):
    start = datetime.combine(day, time(0), ZURICH).astimezone(UTC)
    asked = [start + timedelta(minutes=minute) for minute in range(hours * 60)]
    nights = [jobs.period(NIGHT, at=at, zone=ZURICH) for at in asked]
    assert sorted(set(nights)) == [(day - timedelta(days=1)).isoformat(), day.isoformat()]
    assert nights == sorted(nights)  # and none comes back


def test_a_clock_set_back_an_hour_repeats_nothing():
    at = datetime(2026, 11, 20, 2, 15, tzinfo=ZURICH)
    jobs.run(NIGHT, at=at)
    jobs.run(NIGHT, at=at - timedelta(hours=1))
    jobs.run(NIGHT, at=at)
    assert [run.period for run in JobRun.objects.order_by("period")] == ["2026-11-19", "2026-11-20"]


def test_a_failed_night_is_kept_with_its_error_and_tried_again_later():
    failure.append(ValueError("no model for ada@averdahl.example"))
    jobs.run(NIGHT, at=NOON)
    run = JobRun.objects.get()
    assert (run.state, run.error) == (JobRun.State.FAILED, "ValueError: no model for …@averdahl.example")
    assert jobs.due(at=NOON + timedelta(minutes=5)) == []
    failure.clear()
    assert jobs.due(at=NOON + timedelta(minutes=11)) == [NIGHT]
    jobs.run(NIGHT, at=NOON + timedelta(minutes=11))
    run.refresh_from_db()
    assert (run.state, run.attempt, run.error) == (JobRun.State.DONE, 2, "")


def test_a_night_that_fails_every_time_is_given_up():
    failure.append(ValueError("always"))
    for hour in range(8):
        jobs.run(NIGHT, at=NOON + timedelta(hours=hour))
    assert len(calls) == jobs.MOST_ATTEMPTS


def test_the_run_of_a_killed_process_is_taken_over_by_the_next_one(monkeypatch):
    another_process(monkeypatch, "killed")
    jobs.run(NIGHT, at=NOON)
    JobRun.objects.update(state=JobRun.State.RUNNING)  # it never came to the end
    another_process(monkeypatch, "next")
    assert jobs.run(NIGHT, at=NOON + timedelta(minutes=2)) == {"done": 3}
    assert JobRun.objects.get().attempt == 2


def test_a_verb_that_is_not_there_fails_when_it_runs():
    missing = Job(name="rescore", verb="leads.nowhere.nothing", every=2)
    assert "ModuleNotFoundError" in jobs.run(missing, at=NOON)["failed"]


def test_a_frequent_job_keeps_one_row_written_every_ten_seconds(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(jobs.time, "monotonic", lambda: clock.now)
    written = []
    for second in range(25):
        clock.now = 100.0 + second
        jobs.run(OFTEN, at=NOON + timedelta(seconds=second))
        written.append(JobRun.objects.get().started_at)
    assert len(set(written)) == 3
    assert JobRun.objects.get().counts == {"done": 30}  # ten runs since the beat before


def test_a_frequent_job_that_fails_says_so_at_once_and_when_it_works_again():
    jobs.run(OFTEN, at=NOON)
    failure.append(ValueError("broken"))
    jobs.run(OFTEN, at=NOON)
    assert JobRun.objects.get().state == JobRun.State.FAILED
    failure.clear()
    jobs.run(OFTEN, at=NOON)
    assert JobRun.objects.get().state == JobRun.State.DONE


def test_a_job_does_not_run_twice_at_once_in_a_process():
    with jobs._busy[OFTEN.name]:
        assert jobs.run(OFTEN, at=NOON) == {"skipped": "running in this process"}


def test_of_two_dispatchers_on_one_database_one_waits(monkeypatch):
    another_process(monkeypatch, "first")
    jobs.run(OFTEN, at=NOON)
    another_process(monkeypatch, "second")
    assert jobs.run(OFTEN, at=NOON) == {"skipped": "another dispatcher holds the lease"}
    assert len(calls) == 1


def test_a_dead_dispatcher_is_followed_by_the_next_when_its_lease_ends(monkeypatch):
    another_process(monkeypatch, "first")
    assert lease.hold(at=NOON)
    another_process(monkeypatch, "second")
    assert not lease.hold(at=NOON + lease.LASTS - timedelta(seconds=1))
    assert lease.hold(at=NOON + lease.LASTS + timedelta(seconds=1))


def test_an_embedded_worker_beside_celery_waits_and_so_does_a_second_stack(settings, monkeypatch):
    settings.REDIS_URL = "redis://one.example/0"
    assert lease.hold(at=NOON)
    settings.REDIS_URL = "redis://two.example/0"
    assert not lease.hold(at=NOON)
    settings.REDIS_URL = ""
    assert not lease.hold(at=NOON)


def test_all_celery_workers_of_one_broker_share_the_lease(settings, monkeypatch):
    settings.REDIS_URL = "redis://one.example/0"
    another_process(monkeypatch, "worker one")
    assert lease.hold(at=NOON)
    another_process(monkeypatch, "worker two")
    assert lease.hold(at=NOON)


def test_the_lease_is_given_back_at_a_clean_stop(monkeypatch):
    another_process(monkeypatch, "first")
    lease.hold(at=NOON)
    lease.release()
    another_process(monkeypatch, "second")
    assert lease.hold(at=NOON)


def test_a_lease_far_in_the_future_is_that_of_a_wrong_clock(monkeypatch):
    another_process(monkeypatch, "first")
    lease.hold(at=NOON + timedelta(hours=1))
    another_process(monkeypatch, "second")
    assert lease.hold(at=NOON)
    assert DispatcherLease.objects.get().until == NOON + lease.LASTS


@pytest.mark.parametrize("job", SCHEDULE, ids=lambda job: job.name)
def test_every_verb_of_the_schedule_is_there_and_bears_an_empty_house(job):
    verb = import_string(job.verb)
    verb(at=NOON)
    verb(at=NOON)
