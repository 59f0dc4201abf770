"""/staff/prospects/: open ones by stage, ended ones by their end, a manager's team, one number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import LeadScore, ScoringModel
from prospects import pipeline
from prospects.models import Prospect, Stage
from prospects.tests.conftest import TUESDAY, make_cold, make_inbound, make_person, reason

LIST = "/staff/prospects/"


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def rows(client: Client, query: str = "") -> list[Prospect]:
    return client.get(LIST + query).context["page"].rows


def test_the_list_holds_my_open_prospects(rep: Client, sam: Any, sara: Any) -> None:
    mine, hers = make_inbound(sam, make_person()), make_inbound(sara, make_person())
    assert rows(rep) == [mine]
    assert hers not in rows(rep, "?whose=team")


def test_a_manager_may_see_the_team(client: Client, sam: Any, sara: Any) -> None:
    mine, hers = make_inbound(sam, make_person()), make_inbound(sara, make_person())
    client.force_login(sara)
    assert rows(client) == [hers]
    assert set(rows(client, "?whose=team")) == {mine, hers}


def test_a_stage_narrows_the_list(rep: Client, accepted: Prospect, sam: Any) -> None:
    make_inbound(sam, make_person())
    assert rows(rep, "?stage=contacting") == [accepted]


def test_the_ended_ones_stand_by_their_end(rep: Client, accepted: Prospect, sam: Any) -> None:
    pipeline.lose(prospect=accepted, reason=reason("price"), by=sam, at=TUESDAY)
    assert rows(rep) == []
    assert rows(rep, "?end=lost") == [accepted]
    assert "Price" in rep.get(LIST + "?end=lost").content.decode()


def test_the_number_of_queries_does_not_grow(rep: Client, sam: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            rep.get(LIST)
        return len(seen)

    make_cold(sam, make_person())
    make_inbound(sam, make_person())
    few = queries()
    for _n in range(5):
        make_inbound(sam, make_person())
    assert queries() == few


def test_the_list_shows_what_a_score_is_worth_today(client: Client, sam: Any) -> None:
    prospect = make_inbound(sam)
    past = timezone.now() - timedelta(days=30)
    live = ScoringModel.objects.get(state="live")
    ScoringModel.objects.filter(pk=live.pk).update(reference_at=past)
    scores = LeadScore.objects.filter(lead__person=prospect.person)
    scores.update(grade="C2", e2=40.0, engagement=40, model=live, computed_at=past)
    client.force_login(sam)
    page = client.get(LIST)
    assert "engagement 2 (20 of 100)" in page.content.decode()


@pytest.fixture
def several(sam: Any, sara: Any) -> dict[str, Prospect]:
    people = {name: make_person(first_name=name, last_name="Tal") for name in ("Ann", "Bea", "Cem")}
    found = {name: make_inbound(sara if name == "Cem" else sam, person) for name, person in people.items()}
    Prospect.objects.filter(pk=found["Bea"].pk).update(
        stage_since=TUESDAY - timedelta(days=40), answer_by=None, verdict="accepted"
    )
    return found


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?q=ann", ["Ann"]),
        ("?q=zzz", []),
        ("?origin=outbound", []),
        ("?no_step=1", ["Ann", "Bea"]),
        ("?too_long=1", ["Bea"]),
        ("?stage=nowhere", ["Ann", "Bea"]),
        ("?grade=A", []),
        ("?sort=longest", ["Bea", "Ann"]),
        ("?sort=best&at=nonsense", ["Bea", "Ann"]),
    ],
)
def test_filters_stand_in_the_address(
    rep: Client, several: dict[str, Prospect], query: str, shown: list[str]
) -> None:
    Stage.objects.filter(slug="to_contact").update(limit_days=30)
    Prospect.objects.exclude(pk=several["Bea"].pk).update(stage_since=timezone.now())
    assert [row.person.first_name for row in rows(rep, query)] == shown


def test_the_owner_is_a_managers_filter(
    client: Client, several: dict[str, Prospect], sam: Any, sara: Any
) -> None:
    for user, query, shown in (
        (sara, f"?owner={sam.pk}", {"Ann", "Bea"}),
        (sam, f"?owner={sara.pk}", {"Ann", "Bea"}),  # one's own, whatever is asked
        (sam, "?whose=team", {"Ann", "Bea"}),
    ):
        client.force_login(user)
        assert {row.person.first_name for row in rows(client, query)} == shown


def test_reps_read_whom_nobody_owns_and_may_take_them(client: Client, sam: Any, maya: Any) -> None:
    waiting = make_inbound(None)
    for user, status in ((sam, 200), (maya, 403)):
        client.force_login(user)
        assert client.get(f"{LIST}?owner=nobody").status_code == status
    client.force_login(sam)
    page = client.get(f"{LIST}?owner=nobody").content.decode()
    assert f"/staff/prospects/{waiting.pk}/take/" in page
    assert f'href="/staff/prospects/{waiting.pk}/"' not in page


def test_the_list_comes_back_in_the_order_one_left_it(rep: Client, several: dict[str, Prospect]) -> None:
    rep.get(f"{LIST}?sort=longest")
    assert rep.get(LIST).context["asked"].order == "longest"
    assert Client().get(LIST).status_code == 302


def test_an_account_narrows_the_list_to_its_people(rep: Client, sam: Any, company: Any) -> None:
    theirs = make_inbound(sam, make_person(company=company))
    make_inbound(sam, make_person())
    page = rep.get(f"{LIST}?account={theirs.account_id}")
    assert page.context["page"].rows == [theirs]
    assert [chip.value for chip in page.context["chips"]] == ["Works"]
