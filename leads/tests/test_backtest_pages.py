"""The pages of scoring and backtests: who sees them, what they say, what a second press does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from leads.models import Backtest, Lead, LeadScore, Person, ScoringModel, ScoringRule, Touch
from leads.scoring import backtest
from leads.scoring.words import differences
from leads.tests.backtest_world import did, given_back, lead, rules, won
from leads.tests.builders import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> ScoringModel:
    """Beside a live version that hands over by visits; five leads of which three move."""
    rules(2, "live", visit=1)
    kept, stopped, cost, fresh = (lead(name, last_name="Mori") for name in ("ada", "bob", "cyd", "dan"))
    did(kept, "form", 50, times=4)
    did(kept, "visit", 50, times=40)
    for one in (stopped, cost):
        did(one, "visit", 40, times=40)
    did(fresh, "form", 30, times=4)
    given_back(stopped, 20)
    won(cost, 20)
    return rules(1, form=10)


@pytest.fixture
def done(draft) -> Backtest:
    row = backtest.ask(model=draft, by=None, at=NOON, weeks=8, capacity=2)
    backtest.work_due(at=timezone.now())
    row.refresh_from_db()
    return row


def page(client, name: str, *args, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_marketing_and_the_sales_manager_see_it_and_nobody_else(
    client, done, maya, sara, sam, vera, omar, nora
):
    addresses = [
        reverse("staff-scoring"),
        reverse("staff-scoring-model", args=[done.model_id]),
        reverse("staff-backtest", args=[done.pk]),
    ]
    for user, status in ((maya, 200), (sara, 200), (sam, 403), (vera, 403), (omar, 403), (nora, 403)):
        client.force_login(user)
        assert [client.get(address).status_code for address in addresses] == [status] * 3


def test_only_marketing_asks_for_a_backtest(client, draft, maya, sara, nora):
    address = reverse("staff-backtest-ask", args=[draft.pk])
    for user in (sara, nora):
        client.force_login(user)
        assert client.post(address, {"weeks": 8, "capacity": 20}).status_code == 403
    assert not Backtest.objects.exists()
    client.force_login(maya)
    assert client.get(address).status_code == 405
    assert client.post(address, {"weeks": 8, "capacity": 20}).status_code == 302
    assert Backtest.objects.get().asked_by == maya


def test_two_presses_are_one_backtest(client, draft, maya):
    client.force_login(maya)
    answers = {
        client.post(reverse("staff-backtest-ask", args=[draft.pk]), {"weeks": 8, "capacity": 20}).url
        for _press in range(2)
    }
    assert answers == {reverse("staff-backtest", args=[Backtest.objects.get().pk])}


@pytest.mark.parametrize(
    "typed", [{"weeks": "x"}, {"weeks": "0"}, {"capacity": "-1"}, {"capacity": "9" * 30}]
)
def test_numbers_that_make_no_sense_are_told_on_the_page_of_the_version(client, draft, maya, typed):
    client.force_login(maya)
    address = reverse("staff-backtest-ask", args=[draft.pk])
    answer = client.post(address, {"weeks": "8", "capacity": "20", **typed}, follow=True)
    assert "number between" in answer.content.decode() or "Choose between" in answer.content.decode()
    assert not Backtest.objects.exists()


def test_the_page_waits_while_the_worker_is_at_it_and_says_what_to_do_when_it_broke_off(client, draft, maya):
    client.force_login(maya)
    row = backtest.ask(model=draft, by=maya, at=NOON, weeks=8, capacity=2)
    assert "Waiting for the worker." in page(client, "staff-backtest", row.pk)
    Backtest.objects.update(state="running", progress=40)
    running = page(client, "staff-backtest", row.pk)
    assert "40 % of the leads looked at." in running
    assert "every 2s" in running
    Backtest.objects.update(state="failed", error="It broke off: DataError")
    assert "It broke off: DataError Nothing was changed. Try it again" in page(
        client, "staff-backtest", row.pk
    )


def test_the_result_says_numbers_weeks_and_names(client, done, maya):
    client.force_login(maya)
    told = page(client, "staff-backtest", done.pk)
    assert "would have handed over 2 people, Rules 102 would have handed over 3." in told
    assert "It would have stopped 1 reject and cost 1 customer." in told
    for name in ("Bob Mori", "Cyd Mori", "Dan Mori"):
        assert name in told
    assert "Ada Mori" not in told  # handed over under both
    assert "1 in, 2 out" in told
    assert reverse("staff-lead", args=[Person.objects.get(first_name="Bob").pk]) in told


def test_who_was_erased_since_is_in_no_list_and_in_no_kept_result(client, done, maya):
    client.force_login(maya)
    Person.objects.filter(first_name="Bob").update(erased_at=timezone.now())
    told = page(client, "staff-backtest", done.pk)
    assert "Bob" not in told
    assert "Cyd Mori" in told
    assert "Cyd" not in str(done.result)


def test_a_long_list_is_shown_in_part_and_whole_when_asked(client, maya):
    rules(2, "live", visit=1)
    for number in range(30):
        one = lead(f"p{number}", last_name="Many")
        did(one, "visit", 40, times=40)
        given_back(one, 20)
    row = backtest.ask(model=rules(1, form=10), by=maya, at=NOON, weeks=8, capacity=2)
    backtest.work_due(at=timezone.now())
    client.force_login(maya)
    assert page(client, "staff-backtest", row.pk).count("Many</a>") == 25
    assert page(client, "staff-backtest", row.pk, query="?show=out-rejected").count("Many</a>") == 30


def test_a_backtest_without_any_lead_says_why(client, maya):
    row = backtest.ask(model=rules(1, form=10), by=maya, at=NOON, weeks=8, capacity=2)
    backtest.work_due(at=timezone.now())
    client.force_login(maya)
    assert "There was no lead in these weeks." in page(client, "staff-backtest", row.pk)


def test_a_draft_changed_since_it_was_tried_is_told(client, done, maya):
    client.force_login(maya)
    assert "were changed after" not in page(client, "staff-backtest", done.pk)
    done.model.rules.update(points=11)
    assert "were changed after" in page(client, "staff-backtest", done.pk)


def test_the_live_version_is_shown_alone(client, maya, draft):
    live = ScoringModel.objects.get(state="live")
    row = backtest.ask(model=live, by=maya, at=NOON, weeks=8, capacity=2)
    backtest.work_due(at=timezone.now())
    client.force_login(maya)
    assert "This version was tried alone" in page(client, "staff-backtest", row.pk)


def test_the_grid_counts_leads_by_grade_and_each_cell_opens_its_leads(client, draft, maya):
    for one, grade in zip(Lead.objects.order_by("pk"), ["A1", "A1", "B3", ""], strict=True):
        LeadScore.objects.update_or_create(lead=one, defaults={"grade": grade})
    client.force_login(maya)
    told = page(client, "staff-scoring")
    assert f'{reverse("staff-leads")}?fit=A&amp;engagement=1&amp;sort=best" title="A1: 66.' in told
    assert "<span>A1</span><b>2</b>" in told
    assert "<span>D4</span><b>0</b>" in told
    leads = client.get(reverse("staff-leads") + "?fit=A&engagement=1&sort=best").content.decode()
    assert ("Ada" in leads, "Cyd" in leads) == (True, False)


def test_it_says_what_a_version_changed(client, draft, maya):
    client.force_login(maya)
    told = page(client, "staff-scoring-model", draft.pk)
    assert "form (sent a form): +10, halves in 9000 days" in told
    assert 'visit (visited): <span class="was">+1, halves in 9000 days</span>' in told


def test_grades_of_today_under_both_are_worked_out_when_asked(client, draft, maya):
    client.force_login(maya)
    assert "Work it out" in page(client, "staff-scoring-model", draft.pk)
    now = timezone.now()
    Touch.objects.update(at=now - timedelta(days=3), recorded_at=now - timedelta(days=3))
    Lead.objects.update(created_at=now - timedelta(days=9), recorded_at=now - timedelta(days=9))
    told = page(client, "staff-scoring-model", draft.pk, query="?part=today")
    assert "3 → 2" in told  # over the threshold: three by visits, two by forms
    assert "1 come, 2 go" in told


def test_a_sample_is_said_to_be_one(client, draft, maya, monkeypatch):
    monkeypatch.setattr("leads.scoring.backtest.today.SAMPLE", 2)
    Lead.objects.update(created_at=NOON - timedelta(days=900), recorded_at=NOON - timedelta(days=900))
    client.force_login(maya)
    told = page(client, "staff-scoring-model", draft.pk, query="?part=today")
    assert "A sample: 2 of 4 leads" in told


def test_an_example_stands_beside_with_the_lines_that_differ(client, draft, maya):
    client.force_login(maya)
    dan = Person.objects.get(first_name="Dan")
    told = page(client, "staff-scoring", query="?q=dan")
    assert "Dan Mori" in told
    assert 'class="differs"' in told
    assert page(client, "staff-scoring", query=f"?lead={dan.pk}").count("Dan Mori") == 1
    assert page(client, "staff-scoring", query="?q=mori").count("Mori</a>") == 4
    assert "Nobody of that name is a lead." in page(client, "staff-scoring", query="?q=nobody")


@pytest.mark.parametrize(
    "query", ["?lead=99999999999999999999", "?lead=²", "?q=%00", "?lead=-1", "?show=<b>"]
)
def test_what_is_typed_into_the_address_breaks_nothing(client, done, maya, query):
    client.force_login(maya)
    page(client, "staff-scoring", query=query)
    page(client, "staff-backtest", done.pk, query=query)


def test_without_any_version_the_page_says_what_one_is(client, maya):
    LeadScore.objects.update(model=None)
    ScoringModel.objects.all().delete()
    client.force_login(maya)
    told = page(client, "staff-scoring")
    assert "No version is live: nobody is scored." in told
    assert "A version is a list of lines with points" in told


def test_a_line_changed_in_its_points_is_told_apart_from_its_neighbour_on_the_same_touch(client, maya):
    live = rules(2, "live", form=8)
    ScoringRule.objects.create(
        model=live, group="engagement", label="form again", points=2, touch_kind="form"
    )
    later = rules(3, form=8)
    ScoringRule.objects.create(
        model=later, group="engagement", label="form again", points=5, touch_kind="form"
    )
    ScoringRule.objects.create(
        model=later, group="fit", label="Decides", points=30, field="seniority", words="owner, c_level"
    )
    later.engagement_2 = 40
    later.save()
    told = [(one.kind, one.words, one.was, one.now) for one in differences(live, later)]
    assert told == [
        ("changed", "2 from", "35", "40"),
        ("changed", "form again (sent a form)", "+2, halves in 9000 days", "+5, halves in 9000 days"),
        ("added", "Decides (seniority: owner or founder, runs the company (C-level))", "", "+30"),
    ]
