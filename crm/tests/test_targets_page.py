"""The grid of targets: typed and saved in one post by a manager, read by whoever reads reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.test import Client

from prospects.models import Target
from prospects.targets import stamp

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


def test_another_reps_targets_are_not_found(client: Client, sara: Any, sam: Any, vera: Any) -> None:
    hers, his = f"/staff/targets/?whose=rep:{sara.pk}", f"/staff/targets/?whose=rep:{sam.pk}"
    for user, of_hers, of_his in ((sam, 404, 200), (vera, 404, 404), (sara, 200, 200)):
        client.force_login(user)
        assert client.get(hers).status_code == of_hers, user
        assert client.get(his).status_code == of_his, user
    assert client.get("/staff/targets/?whose=rep:0' or 1=1&year=99999999").status_code == 404
