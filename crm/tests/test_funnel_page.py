"""/staff/reports/funnel/ and the rows behind: the picture tells the report's numbers, and nobody sees more."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Spend
from crm.dashboards.funnel_picture import picture
from crm.reports.funnel import funnel
from crm.tests.small_world import a_cycle, a_lead, build, march

MARCH = "start=2026-03-01&end=2026-03-31"
FUNNEL = f"/staff/reports/funnel/?{MARCH}"


def test_reports_are_for_those_who_may_see_them(
    client: Client, maya: Any, sam: Any, vera: Any, nora: Any
) -> None:
    for user, status in ((maya, 200), (sam, 200), (vera, 200), (nora, 403)):
        client.force_login(user)
        assert client.get(FUNNEL).status_code == status, user


def test_the_table_tells_the_numbers_of_the_report(client: Client, maya: Any) -> None:
    build()
    client.force_login(maya)
    page = client.get(FUNNEL)
    shown = {line.step.key: line.step.count for line in page.context["lines"]}
    assert (shown["leads"], shown["marketing_qualified"], shown["accepted"], shown["won"]) == (7, 5, 3, 2)


def test_each_number_opens_rows_that_count_up_to_it(client: Client, maya: Any) -> None:
    build()
    client.force_login(maya)
    for line in client.get(FUNNEL).context["lines"]:
        rows = client.get(f"/staff/reports/rows/{line.step.key}/?{MARCH}")
        assert rows.context["rows"].number == (line.step.count or 0), line.step.key


def test_a_viewer_sees_the_number_and_no_name(client: Client, vera: Any) -> None:
    build()
    client.force_login(vera)
    page = client.get(f"/staff/reports/rows/leads/?{MARCH}").content.decode()
    assert "7 rows are not open to you." in page
    assert "anna" not in page


def test_a_rep_sees_only_own_people_behind_a_number(client: Client, sam: Any) -> None:
    build(sam)
    client.force_login(sam)
    page = client.get(f"/staff/reports/rows/won/?{MARCH}").content.decode()
    assert "anna" in page
    assert "hugo" not in page


def test_marketing_sees_the_outcome_of_outbound_and_no_name(client: Client, maya: Any) -> None:
    build()
    client.force_login(maya)
    page = client.get(f"/staff/reports/rows/won/?{MARCH}").content.decode()
    assert "anna" in page
    assert "ida" not in page.replace("</", "").split("<table")[-1]


def test_a_number_that_does_not_exist_is_not_found(client: Client, maya: Any) -> None:
    client.force_login(maya)
    assert client.get("/staff/reports/rows/no-such/").status_code == 404


@pytest.mark.parametrize(
    "query", ["period=nonsense", "start=yesterday", "by=luck&view=tea", "channel=none&campaign=none"]
)
def test_nonsense_in_the_address_falls_back(query: str, client: Client, maya: Any) -> None:
    client.force_login(maya)
    assert client.get(f"/staff/reports/funnel/?{query}").status_code == 200


@pytest.mark.django_db
def test_the_picture_is_to_one_scale() -> None:
    build()
    report = funnel(start=date(2026, 3, 1), end=date(2026, 3, 31))
    drawn = picture(report)
    heights = [bar.height for bar in drawn.bars if bar.look == "in"][:3]
    assert heights[0] == pytest.approx(140)
    assert heights[1] / heights[0] == pytest.approx(5 / 7)
    assert heights[2] / heights[0] == pytest.approx(3 / 7)


@pytest.mark.django_db
def test_an_empty_funnel_is_drawn_too() -> None:
    assert picture(funnel()).labels


@pytest.mark.parametrize("key", ["leads", "won", "spend"])
def test_the_number_of_queries_behind_a_number_does_not_grow(key: str, client: Client, maya: Any) -> None:
    client.force_login(maya)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/staff/reports/rows/{key}/?period=all")
        return len(seen)

    build()
    few = queries()
    search = Campaign.objects.get(slug="search")
    for number in range(5):
        lead = a_lead(f"more{number}", march(9), search, march(10))
        a_cycle(lead.person, march(10), "won", verdict="accepted", accepted_at=march(11), closed_at=march(20))
        Spend.objects.create(campaign=search, on=march(9).date(), amount=1)
    assert queries() == few
