"""How many questions the pages of sales ask the database: the same, however many rows they show.

Two of them are the frame's: the session, and who asks with all rights (`crm.signed_in`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.kept import forget_everything
from prospects import follow_ups, pipeline
from prospects.models import FollowUp, Prospect
from prospects.money import deals
from prospects.tests.conftest import make_cold, make_inbound

# What a page asks at most, and what bench/README.md says of list, person and board.
PAGES = {
    "/staff/today/": 13,
    "/staff/today/week/": 8,
    "/staff/board/": 4,
    "/staff/board/?whose=team": 4,
    "/staff/prospects/": 6,
    "/staff/prospects/?whose=team": 6,
    "/staff/prospects/?whose=team&sort=longest": 6,
    "/staff/accounts/": 6,
    "/staff/deals/": 6,
    "/staff/leads/": 6,
    "/staff/search/?q=per": 5,
}


@pytest.fixture(autouse=True)
def kept(settings: Any) -> Iterator[None]:
    """As in production: rules and choices are kept for a moment."""
    settings.KEEP_SECONDS = 60
    yield
    forget_everything()


def asked(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200, address
    return len(seen)


def fill(user: Any, number: int) -> list[Prospect]:
    """So many of each: handed over, accepted with a promise that is due, and cold with money in sight."""
    now = timezone.now()
    made = []
    for _one in range(number):
        make_inbound(user)
        mine = make_inbound(user)
        pipeline.accept(prospect=mine, by=user, at=now)
        due = now + timedelta(minutes=5)
        follow_ups.plan_follow_up(prospect=mine, kind=FollowUp.Kind.CALL, due_at=due, by=user, at=now)
        cold = make_cold(user)
        deals.open_deal(prospect=cold, title="Gauges", amount=1000, by=user, at=now)
        made.append(mine)
    return made


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_the_same_whatever_its_length(client: Client, sara: Any, address: str) -> None:
    client.force_login(sara)
    fill(sara, 2)
    few = asked(client, address)
    fill(sara, 6)
    assert asked(client, address) == few <= PAGES[address]


def test_a_person_costs_eight_questions(client: Client, sam: Any) -> None:
    client.force_login(sam)
    (prospect,) = fill(sam, 1)
    assert asked(client, f"/staff/prospects/{prospect.pk}/") <= 8
