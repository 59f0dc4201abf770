"""/staff/board/: lanes in order, a move by a menu, and what a blocked one says."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prospects.models import Prospect
from prospects.tests.conftest import make_inbound, make_person, talk

BOARD = "/staff/board/"


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def test_a_lane_for_each_open_stage(rep: Client, accepted: Prospect) -> None:
    lanes = rep.get(BOARD).context["board"].lanes
    assert [lane.stage.slug for lane in lanes] == [
        "to_contact", "contacting", "sales_qualified", "proposal", "negotiation",
    ]  # fmt: skip
    assert [lane.total for lane in lanes] == [0, 1, 0, 0, 0]


def test_a_blocked_move_names_the_facts_in_its_lane(rep: Client, accepted: Prospect) -> None:
    form = {"to": "sales_qualified", "then": "board"}
    answer = rep.post(reverse("staff-move", args=[accepted.pk]), form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Not yet." in page
    assert "authority, known" in page


def test_a_move_leads_back_to_the_board(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    form = {"to": "sales_qualified", "then": "board"}
    answer = rep.post(reverse("staff-move", args=[accepted.pk]), form)
    assert answer["Location"] == BOARD


def test_the_team_board_is_for_managers(rep: Client, sara: Any, inbound: Prospect) -> None:
    hers = make_inbound(sara)
    assert rep.get(BOARD + "?whose=team").context["board"].open == 1
    rep.force_login(sara)
    assert rep.get(BOARD + "?whose=team").context["board"].open == 2
    assert rep.get(BOARD).context["board"].open == 1
    assert hers.owner == sara


def test_a_card_without_a_next_step_says_so(rep: Client, accepted: Prospect) -> None:
    accepted.follow_ups.all().delete()
    assert "No next step" in rep.get(BOARD).content.decode()


def test_the_number_of_queries_does_not_grow(rep: Client, sam: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            rep.get(BOARD)
        return len(seen)

    make_inbound(sam, make_person())
    few = queries()
    for _n in range(5):
        make_inbound(sam, make_person())
    assert queries() == few
