"""One rail by permission, the same over /staff/ and /admin/."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from crm.navigation import rail_for, tabs_for


def rail(user: Any, path: str = "/staff/") -> list[Any]:
    request = RequestFactory().get(path)
    request.user = user
    return rail_for(request)


def keys(user: Any) -> list[str]:
    return [item.key for item in rail(user) if item.key != "outbox"]


def test_each_role_sees_its_own_lines(
    maya: Any, sam: Any, sara: Any, omar: Any, vera: Any, nora: Any
) -> None:
    marketing = [
        "home",
        "asked",
        "campaigns",
        "content",
        "pages",
        "mailings",
        "sequences",
        "templates",
        "post_office",
        "segments",
        "leads",
        "doubles",
        "imports",
        "scoring",
        "ideal",
        "agreement",
        "reports",
    ]
    assert keys(maya) == marketing
    assert keys(sam) == [
        "today", "prospects", "board", "lists", "accounts", "deals", "forecast", "calendar", "addresses", "calls",
        "agreement", "reports",
    ]  # fmt: skip
    assert keys(sara) == [
        "team", "today", "prospects", "board", "lists", "accounts", "deals", "forecast", "calendar", "addresses",
        "calls", "assignment", "mailings", "sequences", "post_office", "segments", "leads", "doubles", "imports",
        "scoring", "ideal", "agreement", "reports",
    ]  # fmt: skip
    assert keys(omar) == ["imports", "status", "jobs", "requests", "users"]
    assert keys(vera) == ["agreement", "reports"]
    assert keys(nora) == []


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/staff/", ["home"]),
        ("/staff/search/", []),
        ("/staff/leads/12/", ["leads"]),
        ("/staff/reports/rows/won/", ["reports"]),
        ("/admin/campaigns/campaign/add/", ["campaigns"]),
        ("/staff/sequences/12/people/sent/", ["sequences"]),
        ("/admin/campaigns/sequence/12/change/", ["sequences"]),
        ("/staff/mailings/new/", ["mailings"]),
    ],
)
def test_the_line_we_are_on_is_marked(path: str, here: list[str], maya: Any) -> None:
    assert [item.key for item in rail(maya, path) if item.here] == here


def test_a_phone_shows_what_a_thumb_wants(maya: Any, sam: Any) -> None:
    for user, tabs in (
        (maya, ["home", "campaigns", "leads", "reports"]),
        (sam, ["today", "prospects", "board", "accounts"]),
    ):
        request = RequestFactory().get("/staff/")
        request.user = user
        assert [item.key for item in tabs_for(request)] == tabs


def test_kept_mail_has_a_line_only_while_mail_is_kept(omar: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "crm.maildir.EmailBackend"
    settings.EMAIL_FILE_PATH = "somewhere"
    assert "outbox" in [item.key for item in rail(omar)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "outbox" not in [item.key for item in rail(omar)]
