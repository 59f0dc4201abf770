"""A visitor's whole way with the keyboard alone and no script; and what only they were sent, looked at by axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.tests.browser.conftest import HUMAN
from crm.tests.browser.steps import fill_in_form
from crm.tests.browser.test_pages import WIDTHS, findings

pytestmark = pytest.mark.browser
LONGEST_WALK = 40  # presses of Tab before we say that something cannot be reached


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the element that has the focus matches a selector."""
    for _press in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        if page.locator(f"{what}:focus").count():
            return
    raise AssertionError(f"{what} is not reached within {LONGEST_WALK} presses of Tab on {page.url}")


def ring(page: Page) -> bool:
    """Whether the element with the focus shows it."""
    return page.locator(":focus").evaluate(
        "node => { const s = getComputedStyle(node); return s.boxShadow !== 'none' || s.outlineStyle !== 'none' }"
    )


def test_the_whole_way_by_keyboard_without_a_script(house: Any, visitor: Page) -> None:
    visitor.goto("/p/bearing-paper/")
    visitor.keyboard.press("Tab")
    assert visitor.locator(":focus").inner_text() == "Skip to the content"
    tab_to(visitor, "[name=email]")
    assert ring(visitor)
    visitor.keyboard.type("not-an-address")
    visitor.wait_for_timeout(3200)
    tab_to(visitor, "button[type=submit]")
    visitor.evaluate("document.querySelector('main form').noValidate = true")
    visitor.keyboard.press("Enter")
    expect(visitor).to_have_title(re.compile("^Error:"))
    assert visitor.locator("#errors:focus").count()
    visitor.keyboard.press("Tab")
    visitor.keyboard.press("Enter")  # the first line of the summary leads to its field
    expect(visitor.locator("[name=email]")).to_be_focused()
    assert visitor.locator("[name=email]").input_value() == "not-an-address"
    visitor.keyboard.press("Control+a")
    visitor.keyboard.type("keys@maasland.example")
    tab_to(visitor, "[name=first_name]")
    visitor.keyboard.type("Kees")
    tab_to(visitor, "[name=consent]")
    visitor.keyboard.press("Space")
    assert visitor.locator("[name=consent]").is_checked()
    tab_to(visitor, "button[type=submit]")
    assert ring(visitor)
    visitor.keyboard.press("Enter")
    visitor.wait_for_url("**/thanks/**")
    tab_to(visitor, "a[href*='/d/']")
    with visitor.expect_download() as download:
        visitor.keyboard.press("Enter")
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_the_trap_of_the_form_is_out_of_the_way(visitor: Page) -> None:
    visitor.goto("/p/bearing-paper/")
    names = []
    for _press in range(LONGEST_WALK):
        visitor.keyboard.press("Tab")
        names.append(
            visitor.locator(":focus").get_attribute("name") if visitor.locator(":focus").count() else ""
        )
    assert "email" in names
    assert "website" not in names


@pytest.mark.looks
def test_what_only_one_person_was_sent_has_nothing_for_axe(house: Any, chromium: Any) -> None:
    context = chromium.new_context(base_url=house.url, user_agent=HUMAN)
    page = context.new_page()
    page.goto("/p/bearing-paper/")
    fill_in_form(page, email="axe@maasland.example", first_name="Axel")
    page.wait_for_url("**/thanks/**")
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for name, path in house.tell("personal", "axe@maasland.example").items():
                found += [f"{theme} {width} {name} {line}" for line in findings(page, path)]
    context.close()
    assert found == []


def test_structured_data_is_no_script_to_the_content_policy(house: Any, chromium: Any) -> None:
    page = chromium.new_context(base_url=house.url, user_agent=HUMAN).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/p/bearing-paper/")
    data = page.locator('script[type="application/ld+json"]').first.evaluate(
        "node => JSON.parse(node.textContent)"
    )
    assert {one["@type"] for one in data["@graph"]} >= {"WebPage", "Organization", "BreadcrumbList"}
    assert said == []
    page.context.close()
