"""/staff/: where each role's day begins, and tiles that open their rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import DispatcherLease
from leads.models import Message, Person

HOME = "/staff/"


@pytest.mark.parametrize(
    ("fixture", "place"),
    [
        ("sam", "/staff/today/"),
        ("sara", "/staff/team/"),
        ("omar", "/staff/status/"),
        ("vera", "/staff/reports/funnel/"),
    ],
)
def test_sales_an_operator_and_a_viewer_are_led_on(
    fixture: str, place: str, client: Client, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(fixture))
    answer = client.get(HOME)
    assert (answer.status_code, answer["Location"]) == (302, place)


def test_marketing_has_a_home_and_nora_has_none(client: Client, maya: Any, nora: Any) -> None:
    for user, status, words in ((maya, 200, "Cost per lead"), (nora, 403, "")):
        client.force_login(user)
        answer = client.get(HOME)
        assert answer.status_code == status, user
        assert words in answer.content.decode()


def test_every_tile_opens_its_rows(client: Client, maya: Any, sara: Any) -> None:
    for user, address in ((maya, HOME), (sara, "/staff/team/")):
        client.force_login(user)
        tiles = client.get(address).context["tiles"]
        assert tiles
        for tile in tiles:
            assert client.get(tile.url).status_code == 200, tile.key


def test_a_red_bar_while_no_worker_runs(client: Client, maya: Any) -> None:
    client.force_login(maya)
    assert "The worker is late." in client.get(HOME).content.decode()


def test_no_red_bar_while_all_runs(client: Client, maya: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.dashboards import home

    quiet = home.marketing_home(at=timezone.now())
    monkeypatch.setattr(
        home, "marketing_home", lambda *, at: type(quiet)(**{**quiet.__dict__, "worker_late": False})
    )
    client.force_login(maya)
    assert "The worker is late." not in client.get(HOME).content.decode()
    assert not DispatcherLease.objects.exists()


def test_the_mails_behind_sends_waiting(client: Client, maya: Any, sam: Any, nora: Any) -> None:
    person = Person.objects.create(first_name="Ada", last_name="Weber", email_key="ada@works.example")
    Message.objects.create(
        key="one:1", message_id="<1@x>", kind="one", person=person, subject="Hello", due_at=timezone.now()
    )
    for user, status in ((maya, 200), (sam, 403), (nora, 403)):
        client.force_login(user)
        answer = client.get("/staff/reports/sends-waiting/")
        assert answer.status_code == status, user
    client.force_login(maya)
    assert "Ada Weber" in client.get("/staff/reports/sends-waiting/").content.decode()


def test_the_login_says_what_is_wrong(client: Client, sam: Any) -> None:
    answer = client.post("/accounts/login/", {"username": "sam", "password": "no"})
    assert "do not belong together" in answer.content.decode()


def test_the_theme_is_what_the_reader_chose(client: Client, maya: Any) -> None:
    client.force_login(maya)
    for cookie, theme in (("dark", "dark"), ("light", "light"), ("<b>", "auto")):
        client.cookies["theme"] = cookie
        assert f'data-bs-theme="{theme}"' in client.get(HOME).content.decode()
