"""A rep moves cards: by the mouse, by keys; what is refused goes back and says why."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.tests.browser.test_today import stage_of, two_who_asked

pytestmark = pytest.mark.browser


def card_of(page: Page, lane: str, cycle: dict[str, Any]) -> Locator:
    return page.locator(f"#cards-{lane} #card-{cycle['id']}")


def drag(page: Page, card: Locator, lane: str) -> None:
    """By the foot of the card, in small steps, as a hand does it."""
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), page.locator(f"#cards-{lane}").bounding_box()
    assert start is not None
    assert end is not None
    at = (start["x"] + 60, start["y"] + start["height"] - 8)
    to = (end["x"] + 60, end["y"] + 30)
    page.mouse.move(*at)
    page.mouse.down()
    for part in range(1, 13):
        page.mouse.move(at[0] + (to[0] - at[0]) * part / 12, at[1] + (to[1] - at[1]) * part / 12)
        page.wait_for_timeout(30)
    page.mouse.up()


def test_cards_move_by_hand_and_by_keys(house: Any, staff: Any) -> None:
    by_hand, by_keys = two_who_asked(house, "Dora Emil")
    page = staff("sam")
    page.set_viewport_size({"width": 1280, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/staff/board/")
    drag(page, card_of(page, "to_contact", by_hand), "sales_qualified")
    expect(page.locator("#note-sales_qualified")).to_contain_text("authority, known")
    expect(card_of(page, "to_contact", by_hand)).to_be_visible()
    drag(page, card_of(page, "to_contact", by_hand), "contacting")
    expect(page.locator("#toasts")).to_contain_text("is now in contacting")
    assert stage_of(house, "Dora") == "contacting"
    card_of(page, "to_contact", by_keys).locator("a.who").focus()
    page.keyboard.press("m")
    expect(page.locator("#moving button").first).to_be_focused()
    page.keyboard.press("1")
    expect(card_of(page, "contacting", by_keys).locator("a.who")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("Emil")
    assert stage_of(house, "Emil") == "contacting"
    assert errors == []
