"""A rep works the day without the mouse, and on a phone with the thumb: few presses from one person to the next."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.tests.browser.steps import soon

pytestmark = pytest.mark.browser
MOST = 12
PHONE = {"width": 390, "height": 844}


class Hands:
    """Presses keys or taps, and counts; what is typed into a field is not counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def tap(self, target: Any) -> None:
        target.tap()
        self.presses += 1


def two_who_asked(house: Any, names: str) -> list[dict[str, Any]]:
    """Two inquiries that came in just now; returns their open cycles in the order in which they came."""
    cycles = []
    for name in names.split():
        email = f"{name.lower()}@lathe.example"
        house.tell("inquiry", email, f"{name} Moss")
        cycles.append(soon(lambda email=email: house.tell("prospects", email), f"a prospect for {email}")[-1])
    return cycles


def stage_of(house: Any, name: str) -> str:
    return house.tell("prospects", f"{name.lower()}@lathe.example")[-1]["stage"]


def opened(page: Page, cycle: dict[str, Any]) -> None:
    """Today, with this person opened: other stories' people stand in this day, too."""
    page.goto(f"/staff/today/?first={cycle['id']}")
    page.wait_for_load_state("networkidle")


def qualified(page: Page) -> None:
    expect(page.locator("#toasts")).to_contain_text("is sales-qualified")
    expect(page.locator(".stageline [aria-current=step]")).to_contain_text("Sales-qualified")


def test_a_day_by_keyboard(house: Any, staff: Any) -> None:
    first, second = two_who_asked(house, "Agnes Bruno")
    page = staff("sam")
    page.set_viewport_size({"width": 1280, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened(page, first)
    hands = Hands(page)
    hands.press("c")
    page.wait_for_url(f"**/staff/prospects/{first['id']}/#call")
    expect(page.locator("#call")).to_be_focused()
    hands.press("1")  # a conversation
    hands.press("w")
    page.keyboard.type("They scrap three percent; she signs up to fifty thousand.")
    hands.press("Escape")  # out of the field, back to the form's keys
    hands.press("n", "n", "u", "b")  # need confirmed, authority and budget claimed
    hands.press("s")  # the next step: tomorrow
    hands.press("q")
    qualified(page)
    hands.press("j")
    page.wait_for_url(lambda url: "/staff/prospects/" in url and f"/{first['id']}/" not in url)
    print(f"\nkeyboard: {hands.presses} key presses beyond typing")  # noqa: T201
    assert hands.presses <= MOST
    assert stage_of(house, "Agnes") == "sales_qualified"
    told = house.tell("card", "agnes@lathe.example")
    assert told["answers"] == {"need": "confirmed", "authority": "claimed", "budget": "claimed"}
    assert told["words"].startswith("They scrap three percent") and told["ahead"] == 1
    assert second["open"] and errors == []


def test_a_day_by_thumb(house: Any, chromium: Any) -> None:
    from crm.tests.browser.world import PASSWORD

    first, _second = two_who_asked(house, "Clara Dario")
    context = chromium.new_context(base_url=house.url, viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill("sam")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/**")
    opened(page, first)
    hands = Hands(page)
    hands.tap(page.locator(".now").get_by_role("link", name="Call"))
    page.wait_for_url(f"**/staff/prospects/{first['id']}/#call")
    form = page.locator("#call form")
    hands.tap(form.locator("label[for=outcome-conversation]"))
    for question, state in (("need", "confirmed"), ("authority", "claimed"), ("budget", "claimed")):
        hands.tap(form.locator(f"label[for={question}-{state}]"))
    hands.tap(form.get_by_label("In their words"))
    page.keyboard.type("Wants it before the shutdown.")
    form.locator("select[name=next_in]").select_option("1")
    hands.presses += 2  # the list of a phone: open it, choose
    hands.tap(form.get_by_role("button", name="Save, sales-qualified"))
    qualified(page)
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
    hands.tap(page.get_by_role("link", name="Next person"))
    page.wait_for_url(lambda url: "/staff/prospects/" in url and f"/{first['id']}/" not in url)
    print(f"\nphone: {hands.presses} taps beyond typing")  # noqa: T201
    assert hands.presses <= MOST
    assert stage_of(house, "Clara") == "sales_qualified"
    context.close()


def test_keys_mean_the_row_that_has_the_focus(house: Any, staff: Any) -> None:
    first, _second = two_who_asked(house, "Edda Fabio")
    page = staff("sam")
    opened(page, first)
    row = page.locator(".task [data-row]", has_text="Fabio Moss")
    row.focus()
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("Fabio Moss is yours")
    soon(lambda: stage_of(house, "Fabio") == "contacting", "the acceptance")
    assert stage_of(house, "Edda") == "to_contact"
    expect(page.locator("[data-row]:focus")).to_have_count(1)  # the keys go on from here


def test_a_promise_is_put_off_by_keys(house: Any, staff: Any) -> None:
    (first,) = two_who_asked(house, "Gerda")
    house.tell("promised", str(first["id"]))
    page = staff("sam")
    opened(page, first)
    page.keyboard.press("s")
    expect(page.locator(".now details.drop[open] .sheet").first).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#toasts")).to_contain_text("Gerda Moss comes back: tomorrow")


def test_the_short_way_to_save_works_between_two_answers(house: Any, staff: Any) -> None:
    """After a key of the form the form itself has the focus, and no field."""
    (first,) = two_who_asked(house, "Hilde")
    page = staff("sam")
    opened(page, first)
    page.keyboard.press("c")
    page.wait_for_url(f"**/staff/prospects/{first['id']}/#call")
    page.keyboard.press("2")
    page.keyboard.press("s")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Call saved")
