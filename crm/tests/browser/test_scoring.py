"""A marketer makes a new version of the scoring rules, tries it on the past and publishes it; and builds a segment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.tests.browser.steps import soon
from crm.tests.browser.test_pages import findings, looked_at

pytestmark = pytest.mark.browser
ALVA, PAVEL = "alva@turku-lager.example", "pavel@brno-lager.example"


def confirmed(page: Page, words: str, button: str) -> None:
    """Press what asks first, and say yes."""
    page.get_by_text(words, exact=True).first.click()
    page.get_by_role("button", name=button, exact=True).filter(visible=True).last.click()


def read_by_everybody(page: Page, paths: list[str]) -> list[str]:
    """What axe and the window's edge say: at a desk and on a phone, and in the dark."""
    light = looked_at(page, paths)
    page.emulate_media(color_scheme="dark")
    return light + [line for path in paths for line in findings(page, path)]


def new_version(page: Page, note: str) -> None:
    """A draft of the live rules in which C begins earlier: no other story asks where it begins."""
    page.goto("/staff/scoring/")
    page.get_by_role("link", name="New version").click()
    confirmed(page, "New version from this", "Begin")
    page.get_by_label("What changed").fill(note)
    page.get_by_label("C from").fill("20")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully").first).to_be_visible()


def try_on_the_past(page: Page) -> None:
    page.goto("/staff/scoring/")
    page.get_by_role("link", name="Try on the past").click()
    expect(page.locator(".difflist")).to_contain_text("C from")
    page.get_by_label("Calls that sales can make a week").fill("5")
    page.get_by_role("button", name="Try on the past").click()
    page.wait_for_url("**/staff/backtests/**")
    told = re.compile(
        "There was no lead in these weeks|In none of these weeks|Each day is judged by what was known"
    )
    expect(page.get_by_text(told)).to_be_visible(timeout=60_000)


def test_from_a_new_version_to_the_day_it_is_live(house: Any, staff: Any) -> None:
    house.tell("known", ALVA, "FI", "Alva Nord")
    maya = staff("maya")
    errors: list[str] = []
    maya.on("pageerror", lambda error: errors.append(str(error)))
    new_version(maya, "A C is easier to reach")
    try_on_the_past(maya)
    tried = maya.url
    maya.goto("/staff/scoring/")
    maya.get_by_role("link", name="Edit or publish").click()
    confirmed(maya, "Publish", "Publish")
    expect(maya.get_by_text("These rules are live.").first).to_be_visible()
    maya.goto("/staff/scoring/")
    expect(maya.locator(".sub")).to_contain_text("is live")
    expect(maya.get_by_text("A C is easier to reach")).to_be_visible()
    soon(lambda: not house.tell("lead", ALVA)["dirty"], "everybody scored by the new rules")
    rules = maya.get_by_role("link", name=re.compile("^Rules")).first.get_attribute("href") or ""
    assert read_by_everybody(maya, ["/staff/scoring/", rules, tried]) == []
    assert errors == []


def test_a_segment_is_counted_while_it_is_written(house: Any, staff: Any) -> None:
    house.tell("known", PAVEL, "CZ", "Pavel Dvorak")
    maya = staff("maya")
    errors: list[str] = []
    maya.on("pageerror", lambda error: errors.append(str(error)))
    maya.goto("/staff/segments/new/")
    maya.get_by_label("Name").fill("Czech and new")
    maya.get_by_label("Looks at").select_option("country")
    expect(maya.get_by_text("Two letters: NL, DE.")).to_be_visible()
    maya.locator("[name=lines-0-value]").fill("Bohemia")
    expect(maya.locator("#counted")).to_contain_text("A line is not finished.")
    maya.locator("[name=lines-0-value]").fill("CZ")
    expect(maya.locator("#counted")).to_contain_text("Pavel Dvorak")
    maya.get_by_role("button", name="Add a line").click()
    maya.locator(".segline").nth(1).get_by_label("customer").check()
    expect(maya.locator("#counted")).to_contain_text("Nobody.")
    maya.locator("[name=lines-1-negate]").check()
    expect(maya.locator("#counted")).to_contain_text("Pavel Dvorak")
    maya.get_by_role("button", name="Save", exact=True).last.click()
    expect(maya.get_by_role("heading", name="Czech and new")).to_be_visible()
    expect(maya.locator(".sub").first).to_contain_text("1 person stored")
    page = maya.url
    assert read_by_everybody(maya, ["/staff/segments/", "/staff/segments/new/", page]) == []
    assert errors == []
