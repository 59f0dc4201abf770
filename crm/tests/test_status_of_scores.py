"""What the status page says of scores: the last night, the last check, and leads that differ from their rows."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm import jobs, lease
from crm.models import JobRun
from crm.schedule import BY_NAME
from crm.status import status
from leads.models import LeadScore
from leads.scoring.rescore import rescore_dirty
from leads.tests.scoring_world import a_good_lead, a_model

pytestmark = pytest.mark.django_db
NIGHT = BY_NAME["rescore-night"]


@pytest.fixture(autouse=True)
def scored():
    lease._renewed.clear()
    a_model()
    for number in range(3):
        a_good_lead(f"p{number}@maasland.example")
    rescore_dirty(at=timezone.now())


def test_before_the_first_night_nothing_is_said(client, omar):
    client.force_login(omar)
    page = client.get("/staff/status/").content.decode()
    assert "none yet" in page
    assert "differ" not in page


def test_the_night_says_how_many_it_compared(client, omar):
    jobs.run(NIGHT, at=timezone.now())
    run = JobRun.objects.get(name=NIGHT.name)
    assert (run.state, run.counts["checked"], run.counts["differ"]) == (JobRun.State.DONE, 3, 0)
    client.force_login(omar)
    assert "3 compared, none differs" in client.get("/staff/status/").content.decode()


def test_a_lead_that_differs_makes_the_page_red_until_a_check_finds_none(client, omar):
    LeadScore.objects.filter(pk=LeadScore.objects.earliest("pk").pk).update(grade="C1")
    jobs.run(NIGHT, at=timezone.now())
    client.force_login(omar)
    page = client.get("/staff/status/").content.decode()
    assert "Scores are not what they are made of." in page
    assert "1 of 3 differ" in page
    assert status(at=timezone.now()).scores_differ == 1
    rescore_dirty(at=timezone.now())
    call_command("rescore", "--check", "--all")
    assert status(at=timezone.now() + timedelta(seconds=1)).scores_differ == 0
    assert "3 compared, none differs" in client.get("/staff/status/").content.decode()


def test_who_may_not_see_the_status_does_not_see_this_either(client, nora, vera):
    for person in (nora, vera):
        client.force_login(person)
        assert client.get("/staff/status/").status_code == 403
