"""One running house per mode, and a browser without scripts for visitors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crm.tests.browser.house import MODES, House, open_house

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
# A headless browser names itself, and is then rightly taken for a machine.
HUMAN = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=20_000)  # both modes are played at once, on whatever machine there is


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """How a page looks is the same in both modes: it is looked at in one, the last of them."""
    seen_elsewhere = [
        item for item in items if item.get_closest_marker("looks") and _mode_of(item) != MODES[-1]
    ]
    config.hook.pytest_deselected(items=seen_elsewhere)
    items[:] = [item for item in items if item not in seen_elsewhere]


def _mode_of(item: pytest.Item) -> str:
    assert isinstance(item, pytest.Function)
    return item.callspec.params["house"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=MODES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(request.param, tmp_path_factory.mktemp(request.param)) as house:
        yield house


@pytest.fixture
def visitor(chromium: Browser, house: House) -> Iterator[Page]:
    """Somebody from outside, with JavaScript switched off: nothing public may need it."""
    context = chromium.new_context(
        base_url=house.url, java_script_enabled=False, accept_downloads=True, user_agent=HUMAN
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def staff(chromium: Browser, house: House) -> Iterator[Any]:
    """`staff("sam")` gives a page of somebody signed in."""
    from crm.tests.browser.world import PASSWORD

    contexts = []

    def sign_in(name: str) -> Page:
        contexts.append(chromium.new_context(base_url=house.url))
        page = contexts[-1].new_page()
        page.goto("/accounts/login/")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/staff/**")
        return page

    yield sign_in
    for context in contexts:
        context.close()
