"""The grid of targets: typed and saved in one post by a manager, read by whoever reads reports."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

from django.test import Client

from leads.models import Company, Lead
from prospects.models import Account, Deal, Target
from prospects.targets import Whose, stamp
from prospects.targets_reached import reached
from prospects.tests.conftest import TUESDAY, later, make_inbound

PAGE = "/staff/targets/?whose=house&year=2026"


def test_one_post_saves_the_grid_and_a_second_press_changes_nothing(client: Client, sara: Any) -> None:
    client.force_login(sara)
    form = {"seen": stamp({}), "leads-2026-03": "40", "revenue-2026-04": "1200.50"}
    assert client.post(PAGE, form).status_code == 302
    assert client.post(PAGE, form).status_code == 302
    assert {(row.month, row.measure): row.value for row in Target.objects.all()} == {
        (date(2026, 3, 1), "leads"): Decimal(40),
        (date(2026, 4, 1), "revenue"): Decimal("1200.50"),
    }
    assert client.post(PAGE, {**form, "leads-2026-03": "41"}).status_code == 409
    assert 'value="1200.50"' in client.get(PAGE).content.decode()


def test_what_is_no_number_comes_back_marked_and_nothing_is_saved(client: Client, sara: Any) -> None:
    client.force_login(sara)
    for wrong in ("1,200", "many", "-1", "1e99", "NaN", "3.5"):
        answer = client.post(PAGE, {"seen": stamp({}), "leads-2026-03": wrong, "leads-2026-04": "7"})
        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in answer.content.decode()
    assert not Target.objects.exists()


def test_who_reads_and_who_types(
    client: Client, sara: Any, sam: Any, maya: Any, vera: Any, omar: Any
) -> None:
    for user, status in ((sara, 200), (sam, 200), (maya, 200), (vera, 200), (omar, 403)):
        client.force_login(user)
        answer = client.get(PAGE)
        assert answer.status_code == status, user
        assert (b'name="leads-2026-03"' in answer.content) == (user == sara)
        if user != sara:
            assert client.post(PAGE, {"seen": stamp({}), "leads-2026-03": "40"}).status_code == 403, user
    assert not Target.objects.exists()


def reached_world(sam: Any, sara: Any) -> Any:
    """A lead that sam turned into a sale of 900, one of sara's, and a deal of a company alone."""
    account = Account.objects.create(company=Company.objects.create(name="Works"))
    for owner in (sam, sara):
        prospect = make_inbound(owner)
        Deal.objects.create(prospect=prospect, amount=900, status="won", title="Halls", closed_at=TUESDAY)
    Deal.objects.create(account=account, amount=1, status="won", closed_at=TUESDAY)
    return account


def test_every_reached_number_opens_its_rows(client: Client, sara: Any, sam: Any) -> None:
    reached_world(sam, sara)
    Lead.objects.update(created_at=TUESDAY)
    client.force_login(sara)
    page = client.get(PAGE).content.decode()
    links = [unescape(link) for link in re.findall(r'href="(/staff/targets/rows/[^"]+)"', page)]
    assert "/staff/targets/rows/revenue/?whose=house&month=2026-03" in links
    assert "/staff/targets/rows/leads/?whose=house&year=2026" in links
    for link in links:
        context = client.get(link).context
        assert (len(context["lines"]), context["hidden"]) == (context["number"], 0), link
        assert context["number"] > 0, link
    there = reached(Whose(), 2026)
    lines = client.get("/staff/targets/rows/revenue/?whose=house&month=2026-03").context["lines"]
    assert sum(line.amount for line in lines) == there[date(2026, 3, 1), "revenue"] == 1801


def test_the_year_is_measured_in_the_months_that_have_a_target(client: Client, sara: Any, sam: Any) -> None:
    reached_world(sam, sara)
    Deal.objects.update(closed_at=later(days=-30))  # February has no target
    Deal.objects.filter(amount=900).update(closed_at=TUESDAY)
    Target.objects.create(month=date(2026, 3, 1), measure="revenue", value=3600)
    client.force_login(sara)
    year = client.get(PAGE).context["sums"][-1]
    assert (year.value, year.reached, year.share) == ("3,600", 1801, 0.5)


def test_who_sees_which_rows_behind_a_number(
    client: Client, sam: Any, sara: Any, maya: Any, vera: Any, nora: Any
) -> None:
    reached_world(sam, sara)
    address = "/staff/targets/rows/{}/?whose=house&year=2026"
    for user, leads, deals, names in (
        (sara, 2, 3, True),
        (sam, 1, 1, True),
        (maya, 2, 3, False),
        (vera, 0, 0, False),
    ):
        client.force_login(user)
        answer = client.get(address.format("revenue"))
        assert (answer.context["number"], len(answer.context["lines"])) == (3, deals), user
        assert answer.context["hidden"] == 3 - deals
        assert any(line.name for line in answer.context["lines"]) == names, user
        qualified = client.get(address.format("marketing_qualified")).context
        assert (qualified["number"], len(qualified["lines"])) == (2, leads), user
        assert all(client.get(line.url).status_code == 200 for line in qualified["lines"]), user
    client.force_login(nora)
    assert client.get(address.format("revenue")).status_code == 403
    client.force_login(sam)
    assert client.get(f"/staff/targets/rows/revenue/?whose=rep:{sara.pk}").status_code == 404
    assert client.get("/staff/targets/rows/nothing/?whose=house").status_code == 404
    assert client.get("/staff/targets/rows/revenue/?month=99-99&year=x").status_code == 200


def test_another_reps_targets_are_not_found(client: Client, sara: Any, sam: Any, vera: Any) -> None:
    hers, his = f"/staff/targets/?whose=rep:{sara.pk}", f"/staff/targets/?whose=rep:{sam.pk}"
    for user, of_hers, of_his in ((sam, 404, 200), (vera, 404, 404), (sara, 200, 200)):
        client.force_login(user)
        assert client.get(hers).status_code == of_hers, user
        assert client.get(his).status_code == of_his, user
    assert client.get("/staff/targets/?whose=rep:0' or 1=1&year=99999999").status_code == 404
