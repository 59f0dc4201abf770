"""The manager's page: every number opens exactly the rows it counts, in a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prospects import meetings, pipeline
from prospects.calls import log
from prospects.models import Meeting, Prospect, Rep, Team
from prospects.tests.conftest import make_cold, make_inbound, reason, talk

PAGE = "/staff/team/"
NUMBER = re.compile(r'<a href="(/staff/(?:team/rows|prospects)/[^"]*)">([\d,]+)</a>')


@pytest.fixture
def world(sam: Any, sara: Any) -> None:
    """A little of everything, today, in two reps' hands and in nobody's."""
    now = timezone.now()
    accepted, rejected, fresh = (make_inbound(sam, at=now - timedelta(days=2)) for _ in range(3))
    pipeline.accept(prospect=accepted, by=sam, at=now)
    talk(accepted, sam, at=now)
    log.log_call(prospect=make_cold(sara), outcome="no_answer", by=sara, at=now)
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=now)
    pipeline.reject(prospect=rejected, reason=reason("no-need"), by=sam, at=now)
    booked = meetings.book_meeting(prospect=accepted, starts_at=now, by=sam, at=now)
    Meeting.objects.filter(pk=booked.pk).update(outcome="held")
    nobodys = make_inbound(None, at=now - timedelta(days=9))
    Prospect.objects.filter(pk__in=[fresh.pk, nobodys.pk]).update(answer_by=now - timedelta(days=1))


def test_every_number_opens_as_many_rows(client: Client, world: None, sara: Any) -> None:
    client.force_login(sara)
    links = NUMBER.findall(client.get(PAGE).content.decode())
    assert len(links) > 40
    for address, number in links:
        answer = client.get(unescape(address))
        assert answer.status_code == 200, address
        assert answer.context["total"] == int(number.replace(",", "")), address


def test_every_tile_opens_as_many_rows(client: Client, world: None, sara: Any) -> None:
    client.force_login(sara)
    for tile in client.get(PAGE).context["tiles"]:
        answer = client.get(tile.url)
        assert answer.status_code == 200, tile.key
        if tile.key != "forecast":
            assert answer.context["total"] == int(tile.shown), tile.key


def test_the_numbers_of_a_rep(client: Client, world: None, sara: Any, sam: Any) -> None:
    client.force_login(sara)
    rows = {row.key: row for row in client.get(PAGE).context["board"].rows}
    mine, nobodys = rows[str(sam.pk)].numbers, rows["nobody"].numbers
    wanted = {"open": 2, "late": 1, "conversations": 1, "held": 1, "rejected": 1, "sales_qualified": 1}
    assert {key: mine[key] for key in wanted} == wanted
    assert (nobodys["open"], nobodys["late"], nobodys["waiting"]) == (1, 1, 1)
    assert (rows[str(sara.pk)].numbers["calls"], rows[str(sara.pk)].tries) == (1, None)


def test_how_fast_a_rep_answers_and_how_many_they_accept(client: Client, sara: Any, sam: Any) -> None:
    monday = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday() + 7)
    for minutes in (5, 20, 40):
        prospect = make_inbound(sam, at=monday)
        Prospect.objects.filter(pk=prospect.pk).update(answer_by=monday + timedelta(minutes=30))
        prospect.refresh_from_db()
        pipeline.accept(prospect=prospect, by=sam, at=monday + timedelta(minutes=minutes))
    lost = make_inbound(sam, at=monday)
    pipeline.reject(prospect=lost, reason=reason("spam"), by=sam, at=monday + timedelta(minutes=40))
    client.force_login(sara)
    answer = client.get(PAGE)
    row = next(row for row in answer.context["board"].rows if row.rep == sam)
    assert (row.numbers["answered"], row.numbers["in_time"], row.first_touch) == (4, 2, 30)
    assert row.acceptance == 0.75
    assert "75" in answer.content.decode()


def test_whoever_was_to_come_back_and_did_not_is_counted(client: Client, world: None, sara: Any) -> None:
    waiting = make_inbound(sara)
    now = timezone.now()
    pipeline.reject(
        prospect=waiting,
        reason=reason("not-now"),
        by=sara,
        at=now,
        return_on=(now + timedelta(days=5)).date(),
    )
    client.force_login(sara)
    assert client.get(PAGE).context["board"].together.numbers.get("forgotten", 0) == 0
    Prospect.objects.filter(pk=waiting.pk).update(return_on=(now - timedelta(days=2)).date())
    page = client.get(PAGE)
    assert page.context["board"].together.numbers["forgotten"] == 1
    rows = client.get(f"{PAGE}rows/forgotten/")
    assert [row.pk for row in rows.context["page"].rows] == [waiting.pk]


def test_a_team_narrows_every_number(client: Client, world: None, sara: Any, sam: Any) -> None:
    team = Team.objects.create(name="North")
    Rep.objects.create(user=sam, team=team, capacity=4)
    client.force_login(sara)
    rows = client.get(f"{PAGE}?team={team.pk}").context["board"].rows
    assert [row.rep for row in rows] == [sam]
    assert rows[0].load == 0.5


def test_the_number_of_queries_does_not_grow(client: Client, world: None, sara: Any, sam: Any) -> None:
    client.force_login(sara)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        return len(seen)

    few = queries()
    for _ in range(5):
        make_inbound(sam, at=timezone.now())
    assert queries() == few <= 24


def test_only_managers_see_it(client: Client, sara: Any, sam: Any, maya: Any, vera: Any) -> None:
    for user, status in ((sara, 200), (sam, 403), (maya, 403), (vera, 403)):
        client.force_login(user)
        assert client.get(PAGE).status_code == status, user
        assert client.get("/staff/team/rows/open/").status_code == status, user


@pytest.mark.parametrize("address", ["rows/nonsense/", "rows/reason/?reason=none"])
def test_a_number_nobody_knows_is_not_found(address: str, client: Client, sara: Any) -> None:
    client.force_login(sara)
    assert client.get(PAGE + address).status_code == 404


@pytest.mark.parametrize("query", ["rep=x", "rep=99999999999999", "month=nonsense", "team=-1", "at=xx"])
def test_nonsense_in_the_address_is_no_error(query: str, client: Client, sara: Any) -> None:
    client.force_login(sara)
    assert client.get(f"{PAGE}rows/open/?{query}").status_code == 200
