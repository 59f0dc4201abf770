"""Every page at a desk and on a phone: nothing for axe to find, nothing that scrolls sideways, no script error."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.looks]
WIDTHS = [1280, 390]
PUBLIC = [
    "/",
    "/p/bearing-paper/",
    "/p/demo/",
    "/r/two-limits/",
    "/?q=nothing-like-it",
    "/?topic=x&stage=awareness",
    "/dont-count-me/",
    "/share/two-limits/",
    "/privacy/",
    "/imprint/",
    "/nothing/",
    "/accounts/login/",
]
STAFF = {
    "maya": [
        "/staff/",
        "/staff/leads/",
        "/staff/reports/funnel/",
        "/staff/reports/forms/?period=all",
        "/staff/forms/1/try/",
        "/staff/reports/rows/leads/",
        "/staff/search/?q=a",
        "/staff/ideal-profile/",
    ],
    "sam": [
        "/staff/today/",
        "/staff/prospects/",
        "/staff/prospects/new/",
        "/staff/board/",
        "/staff/accounts/",
    ],
    "sara": ["/staff/", "/staff/scoring/", "/staff/scoring/1/", "/staff/segments/", "/staff/ideal-profile/"],
}


def findings(page: Page, path: str) -> list[str]:
    """What axe says of the page, and whether it is wider than the window; or that there is none."""
    answer = page.goto(path)
    if answer is None or answer.status >= 500:
        return [f"{path}: {answer and answer.status}"]
    said = [
        f"{path}: {one['id']} {one['nodes'][0]['html'][:120]}"
        for one in Axe().run(page).response["violations"]
    ]
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return said + ([f"{path}: {wide} px wide in {window}"] if wide > window else [])


def looked_at(page: Page, paths: list[str]) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            found += [f"{width} {line}" for line in findings(page, path)]
    return found + errors


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_public_pages(house: Any, chromium: Any, theme: str) -> None:
    page = chromium.new_context(base_url=house.url, color_scheme=theme).new_page()
    assert looked_at(page, PUBLIC) == []
    page.context.close()


def test_a_form_with_errors(house: Any, chromium: Any) -> None:
    page = chromium.new_context(base_url=house.url).new_page()
    page.goto("/p/bearing-paper/")
    page.locator("main form").first.evaluate("form => { form.noValidate = true }")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("#errors")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    page.context.close()


@pytest.mark.parametrize("who", STAFF)
def test_staff_pages(house: Any, staff: Any, who: str) -> None:
    assert looked_at(staff(who), STAFF[who]) == []
