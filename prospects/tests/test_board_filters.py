"""The filters of the board stand in the address: what each keeps, and whose rows nobody gets by asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Channel
from leads.models import Lead, LeadScore, Touch
from prospects.models import Account, FollowUp, Prospect, Rep, Team
from prospects.tests.conftest import make_cold, make_inbound, make_person

BOARD = "/staff/board/"


@pytest.fixture
def boss(client: Client, sara: Any) -> Client:
    client.force_login(sara)
    return client


def shown(client: Client, query: str) -> set[int]:
    lanes = client.get(BOARD + query).context["board"].lanes
    cards = {card.pk for lane in lanes for card in lane.cards}
    assert sum(lane.total.count for lane in lanes) == len(cards)
    return cards


def test_team_owner_nobody_and_a_team_of_reps(boss: Client, sam: Any, sara: Any) -> None:
    his, hers = make_inbound(sam).pk, make_inbound(sara).pk
    nobodys = make_inbound(None).pk
    team = Team.objects.create(name="North")
    Rep.objects.create(user=sara, team=team)
    assert shown(boss, "") == {hers}
    assert shown(boss, "?whose=team") == {his, hers, nobodys}
    assert shown(boss, f"?owner={sam.pk}") == {his}
    assert shown(boss, "?whose=team&owner=nobody") == {nobodys}
    assert shown(boss, f"?team={team.pk}") == {hers}


def test_a_rep_gets_no_other_board_by_asking(client: Client, sam: Any, sara: Any) -> None:
    his, _hers = make_inbound(sam).pk, make_inbound(sara)
    client.force_login(sam)
    for query in ("?whose=team", f"?owner={sara.pk}", "?owner=nobody", "?team=1"):
        assert shown(client, query) == {his}, query
    assert b"bf-owner" not in client.get("/staff/board/filter/").content


def test_account_grade_source_words_and_only_red(client: Client, sam: Any, company: Any) -> None:
    account = Account.objects.create(company=company)
    one = make_inbound(sam, make_person(last_name="Quist", company=company, company_name="Works"))
    other, cold = make_inbound(sam), make_cold(sam)
    Prospect.objects.update(answer_by=None)
    Prospect.objects.filter(pk=one.pk).update(account=account)
    FollowUp.objects.all().delete()
    FollowUp.objects.create(prospect=one, owner=sam, due_at=timezone.now() + timedelta(days=1))
    lead = Lead.objects.get(person=one.person_id)
    LeadScore.objects.update_or_create(lead=lead, defaults={"grade": "A2"})
    channel = Channel.objects.get(slug="paid-search")
    touch = Touch.objects.create(person=one.person, kind="visit", channel=channel)
    Lead.objects.filter(pk=lead.pk).update(first_touch=touch)
    client.force_login(sam)
    assert shown(client, "") == {one.pk, other.pk, cold.pk}
    for query in (f"?account={account.pk}", "?grade=a", "?grade=A2", "?source=paid-search", "?q=quist+works"):
        assert shown(client, query) == {one.pk}, query
    assert shown(client, "?grade=A1") == set()
    assert shown(client, "?source=cold") == {cold.pk}
    assert shown(client, "?no_step=1") == {other.pk, cold.pk}


def test_a_chip_names_each_filter_and_takes_it_away(boss: Client, sam: Any) -> None:
    answer = boss.get(f"{BOARD}?owner={sam.pk}&grade=A&q=x")
    assert [chip.words for chip in answer.context["chips"]] == [f"Owner: {sam}", "Grade: A", "Words: x"]
    assert answer.context["chips"][1].without == f"whose=team&owner={sam.pk}&q=x"


@pytest.mark.parametrize(
    "junk", ["?owner=x", "?team=-1", "?account=1%27", "?grade=<b>", "?pipeline=none", "?at=1"]
)
def test_junk_in_the_address_gives_a_board(boss: Client, junk: str) -> None:
    assert boss.get(BOARD + junk).status_code == 200


def test_the_filter_form_is_a_page_and_a_piece(boss: Client, sam: Any) -> None:
    page = boss.get(f"/staff/board/filter/?owner={sam.pk}&no_step=1").content.decode()
    assert f'<option value="{sam.pk}" selected>' in page
    assert "<html" in page
    assert "<html" not in boss.get("/staff/board/filter/", headers={"HX-Request": "true"}).content.decode()
