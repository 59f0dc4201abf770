"""A marketer types and sees the page beside the form, before anything is saved."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_what_is_typed_is_seen_at_once_and_the_back_button_stays_right(staff: Any) -> None:
    maya = staff("maya")
    maya.set_viewport_size({"width": 1500, "height": 900})
    errors: list[str] = []
    maya.on("pageerror", lambda error: errors.append(str(error)))
    maya.goto("/admin/campaigns/landingpage/")
    maya.locator("#result_list tbody a").first.click()
    shown = maya.frame_locator("#page-preview iframe.now")
    expect(shown.locator("h1")).to_have_text("Catch a failing bearing six weeks early")
    steps = maya.evaluate("history.length")
    for words in ("Typed just now", "And typed again, to see it twice"):
        maya.fill("#id_title", words)
        expect(shown.locator("h1")).to_have_text(words)
    assert maya.evaluate("history.length") == steps
    expect(maya.locator("#page-preview .check-list")).to_contain_text("There is no text for search engines")
    maya.get_by_role("button", name="Desktop").click()
    assert maya.locator("#page-preview iframe.now").evaluate("node => node.style.width") == "1280px"
    assert maya.locator("#page-preview iframe.now").evaluate("node => node.contentDocument") is None
    assert errors == []
