"""A marketer builds a sequence in the admin, rehearses it, starts it, and watches a real mail go out and be clicked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from crm.tests.browser.steps import links_of, mail_to, soon
from crm.tests.browser.test_pages import looked_at

pytestmark = pytest.mark.browser
LINNEA = "linnea@uppsala-lager.example"


def add_step(page: Page, kind: str, **columns: str) -> None:
    page.get_by_role("button", name="Add a step").click()
    step = page.locator("[data-step]").last
    step.locator("[name$=-kind]").select_option(kind)
    for name, value in columns.items():
        field = step.locator(f"[name$=-{name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def number_of(page: Page, step: int, column: str) -> str:
    return (
        page.locator(f".steptable tbody tr:nth-child({step}) td[data-k={column}]").inner_text().split("\n")[0]
    )


def build(page: Page) -> str:
    """Three steps; returns the sequence's number."""
    page.goto("/admin/campaigns/sequence/add/")
    page.get_by_label("Name").fill("Uppsala notes")
    page.get_by_label("Slug").fill("uppsala-notes")
    add_step(page, "mail", template="First reading")
    add_step(page, "wait_for", looks_at="clicked in a mail of this sequence", limit_hours_0="2")
    add_step(page, "mail", template="First reading", delay_hours_0="3")
    page.get_by_role("button", name="Save and continue editing").click()
    lines = page.locator("[data-step] .step-line")
    expect(lines.nth(0)).to_contain_text("Mail “First reading”")
    expect(lines.nth(1)).to_contain_text("Wait until they clicked in a mail of this sequence, at most 2 days")
    expect(lines.nth(2)).to_contain_text("3 days after")
    return re.findall(r"/sequence/(\d+)/", page.url)[0]


def rehearse(page: Page, number: str) -> None:
    page.goto(f"/staff/sequences/{number}/rehearse/")
    page.get_by_label("People", exact=True).select_option(label="Segment: Readers")
    page.locator("main form").first.get_by_role("button", name="Rehearse").click()
    expect(page.get_by_text("People walked")).to_be_visible(timeout=60_000)
    expect(page.locator(".tiles .tile").first).to_contain_text("1")


def start(page: Page, number: str) -> None:
    page.goto(f"/admin/campaigns/sequence/{number}/change/")
    page.get_by_role("link", name="Start …").click()
    for reason in page.locator("input[name^='reason:']").all():
        reason.fill("Known and meant")
    page.get_by_role("button", name="Start it now").click()
    expect(page.get_by_text("Version 1 is live.").first).to_be_visible()


def test_from_the_first_step_to_the_first_click(house: Any, staff: Any, visitor: Page) -> None:
    house.tell("reader", LINNEA)
    maya = staff("maya")
    maya.set_viewport_size({"width": 1280, "height": 900})
    errors: list[str] = []
    maya.on("pageerror", lambda error: errors.append(str(error)))
    number = build(maya)
    rehearse(maya, number)
    start(maya, number)

    maya.goto(f"/staff/sequences/{number}/ways-in/")
    maya.get_by_label("E-mail addresses, one a line").fill(LINNEA)
    maya.get_by_role("button", name="Let them in").click()
    expect(maya.get_by_text("begins now")).to_be_visible()
    letter = mail_to(house, LINNEA, "Which reading moves first")

    maya.goto(f"/staff/sequences/{number}/")
    soon(lambda: (maya.reload(), number_of(maya, 1, "Sent"))[1] == "1", "one mail sent in the live view")
    expect(maya.locator(".steptable tbody tr").nth(0)).to_contain_text("1 came = 1 sent")
    visitor.wait_for_timeout(2500)  # a click within two seconds of sending is taken for a scanner's
    visitor.goto(next(link for link in links_of(letter) if "two-limits" in link or "/c/" in link))
    maya.get_by_role("button", name="Pause").click()
    expect(maya.get_by_text("Paused. Nothing goes out.").first).to_be_visible()
    maya.locator(".steptable tbody tr").nth(0).get_by_role("link", name="1", exact=True).first.click()
    expect(maya.get_by_role("link", name="Linnea Berg")).to_be_visible()
    assert errors == []


def test_steps_are_put_in_order_without_a_mouse(staff: Any) -> None:
    maya = staff("maya")
    maya.goto("/admin/campaigns/sequence/1/change/")
    add_step(maya, "end")
    steps = maya.locator("[data-step]")
    maya.get_by_role("button", name="Up: New step").focus()
    maya.keyboard.press("Enter")
    expect(steps.first.locator("[name$=-kind]")).to_have_value("end")
    expect(steps.first.locator("[data-place]")).to_have_text("1")
    assert Axe().run(maya, ".steps-group").response["violations"] == []
    maya.get_by_role("button", name="Do not add it").click()
    expect(steps).to_have_count(1)


@pytest.mark.looks
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_can_be_read_by_everybody(staff: Any, theme: str) -> None:
    maya = staff("maya")
    maya.emulate_media(color_scheme=theme)
    paths = [
        "/staff/sequences/",
        "/staff/sequences/1/",
        "/staff/sequences/1/publish/",
        "/staff/sequences/1/ways-in/",
        "/staff/sequences/1/people/enrolled/",
        "/staff/mailings/",
        "/staff/mailings/new/",
    ]
    assert looked_at(maya, paths) == []
