"""The pages with hostile text in a real browser: no dialog opens, nothing runs, and no policy has to stop anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from crm.tests.browser.house import House

pytestmark = pytest.mark.browser
LEAD = re.compile(r"/staff/leads/\d+/")


@pytest.fixture(scope="module", params=["embedded"])
def hostile_house(
    request: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, dict[str, Any]]]:
    """A house of its own, full of it; and its addresses with a session for whoever looks."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    house = House(folder)
    try:
        house.run("manage.py", "migrate", "--verbosity", "0", timeout=400)
        told = json.loads(house.run("-m", "crm.tests.browser.hostile_house", timeout=400).splitlines()[-1])
        house.start("web", "manage.py", "serve_embedded", "--port", str(house.port))
        house.wait_until_ready()
        yield house, told
    finally:
        house.stop()


def looked_at(page: Page, addresses: list[str]) -> list[str]:
    """What happened besides showing a page."""
    happened: list[str] = []
    page.on("dialog", lambda dialog: (happened.append(f"dialog on {page.url}"), dialog.dismiss()))
    page.on("pageerror", lambda error: happened.append(f"error on {page.url}: {error}"))
    page.on("console", lambda said: happened.extend(_about_us(f"{page.url}: {said.text}")))
    page.on("request", lambda asked: happened.extend(_about_us(asked.url.split("?")[0])))
    for address in addresses:
        page.goto(address, wait_until="load")
        page.mouse.move(200, 200)
        if page.evaluate("document.querySelector('x-evil') !== null"):
            happened.append(f"an element on {address}")
    return happened


def _about_us(text: str) -> list[str]:
    """A policy that had to stop something, or something asked for in the hostile text's name."""
    return [text] if "Content Security Policy" in text or "evil" in text else []


@pytest.mark.parametrize("who", ["public", "staff", "admin"])
def test_nothing_runs(hostile_house: tuple[House, dict[str, Any]], chromium: Any, who: str) -> None:
    house, told = hostile_house
    context = chromium.new_context(base_url=house.url)
    if who != "public":
        context.add_cookies([{"name": "sessionid", "value": told["session"], "url": house.url}])
    page = context.new_page()
    assert len(told[who]) > 8
    assert looked_at(page, told[who]) == []
    page.goto("/p/hostile/" if who == "public" else LEAD.search(" ".join(told["staff"])).group())
    assert "x-evil" in page.inner_text("main")
    context.close()
