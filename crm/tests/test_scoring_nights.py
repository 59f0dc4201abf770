"""Nights in which clocks change, and nights off: each score once, as one clean run has it (RELIABILITY R5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm import jobs, lease
from crm.models import JobRun
from crm.schedule import BY_NAME
from leads.models import LeadMove, LeadScore
from leads.scoring.check import check_all
from leads.scoring.rescore import rescore_all, rescore_dirty
from leads.tests.scoring_world import a_good_lead, a_model, touched, undone

pytestmark = pytest.mark.django_db
NIGHT = BY_NAME["rescore-night"]
NIGHTS = [
    ("Europe/Zurich", date(2026, 3, 29)),  # 02:00 to 03:00 is not there, and the job's 02:15 with it
    ("Europe/Zurich", date(2026, 10, 25)),  # 02:15 comes twice
    ("America/Sao_Paulo", date(2018, 11, 4)),  # the day begins at 01:00
    ("America/Sao_Paulo", date(2018, 2, 18)),  # 23:00 of the day before comes twice
]


@pytest.fixture(autouse=True)
def only_the_night(monkeypatch):
    lease._renewed.clear()
    monkeypatch.setattr(jobs, "SCHEDULE", (NIGHT,))


@pytest.fixture(params=NIGHTS, ids=lambda night: f"{night[0]} {night[1]}")
def noon_before(request, settings) -> datetime:
    """Twenty-five leads whose digits fall, one after the other, in the days around the change."""
    zone, day = request.param
    settings.TIME_ZONE = zone
    noon = datetime.combine(day - timedelta(days=1), time(12), ZoneInfo(zone)).astimezone(UTC)
    a_model(reference_at=noon, half_life_1=7, half_life_2=14)
    for number in range(25):
        lead = a_good_lead(f"p{number}@maasland.example", noon - timedelta(days=30))
        for form in range(4):
            touched(lead, "form", noon - timedelta(hours=7 * number, minutes=form))
        touched(lead, "visit", noon + timedelta(hours=number))  # some of a time to come
    return noon


def tick(at: datetime) -> None:
    for job in jobs.due(at=at):
        jobs.run(job, at=at)


def rows() -> list[tuple]:
    return list(LeadScore.objects.order_by("lead").values_list("lead", "model", "fit", "grade"))


def is_one_clean_run(at: datetime) -> None:
    assert check_all(at=at).differences == []
    before = rows()
    moves = list(LeadMove.objects.order_by("pk").values_list("lead", "new"))
    undone()
    rescore_all(at=at)
    assert rows() == before
    assert list(LeadMove.objects.order_by("pk").values_list("lead", "new")) == moves


def test_a_night_in_which_clocks_change_is_scored_once_and_right_all_along(noon_before):
    grades = set()
    for half_hour in range(2 * 48):
        at = noon_before + timedelta(minutes=30 * half_hour)
        tick(at)
        for _again in range(2):  # who qualified is marked once more
            rescore_dirty(at=at)
        grades.update(row[-1] for row in rows())
        if half_hour % 12 == 0:
            found = check_all(at=at)
            assert (found.differences, found.waiting) == ([], 0)
    zone = ZoneInfo(jobs.settings.TIME_ZONE)
    first = jobs.period(NIGHT, at=noon_before, zone=zone)
    days = [(date.fromisoformat(first) + timedelta(days=day)).isoformat() for day in range(3)]
    assert list(JobRun.objects.order_by("period").values_list("period", "attempt")) == [
        (day, 1) for day in days
    ]
    assert {"A2", "A3"} <= grades, "no grade fell: the night had nothing to do"
    is_one_clean_run(noon_before + timedelta(hours=48))


@pytest.mark.parametrize("nights", [1, 3])
def test_after_nights_off_one_run_catches_up(noon_before, nights):
    tick(noon_before)
    back = noon_before + timedelta(days=nights, minutes=7)
    tick(back)
    tick(back)
    runs = JobRun.objects.order_by("period")
    assert [run.attempt for run in runs] == [1, 1]
    assert runs[1].counts["leads"] > 0
    rescore_dirty(at=back)  # who qualified is marked once more
    is_one_clean_run(back)
