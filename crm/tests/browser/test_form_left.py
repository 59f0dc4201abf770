"""A form begun and left says at which field, by name and nothing else; sent, untouched or under GPC it is silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from crm.tests.browser.conftest import HUMAN
from crm.tests.browser.steps import soon

pytestmark = pytest.mark.browser
# What a page sends while it goes away is seen by nobody but the next page.
OVERHEARD = """const send = navigator.sendBeacon.bind(navigator);
navigator.sendBeacon = (url, body) => { sessionStorage.setItem("said", url + " " + body); return send(url, body); };"""
ASKS_NOT_TO = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });"


@pytest.fixture
def surfer(chromium: Any, house: Any) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=house.url, user_agent=HUMAN)
    context.add_init_script(OVERHEARD)
    yield context
    context.close()


def said(page: Page) -> str | None:
    """Walk on, and tell what the form's page said."""
    page.goto("/imprint/")
    return page.evaluate("sessionStorage.getItem('said')")


def test_the_field_is_named_and_nothing_that_was_typed(surfer: Any, house: Any) -> None:
    page = surfer.new_page()
    page.goto("/p/bearing-paper/")
    page.fill("#id_email", "secret@corp.example")
    page.focus("#id_phone")
    url, body = (said(page) or " ").split(" ", 1)
    assert url == "/t/"
    assert json.loads(body) == {"kind": "left", "page": "bearing-paper", "field": "phone"}
    assert soon(lambda: "phone" in house.tell("left_at"), "the field in the house's own rows")


def test_an_untouched_form_says_nothing(surfer: Any) -> None:
    page = surfer.new_page()
    page.goto("/p/bearing-paper/")
    page.focus("#id_email")
    assert said(page) is None


def test_a_form_that_is_sent_says_nothing(surfer: Any) -> None:
    page = surfer.new_page()
    page.goto("/p/bearing-paper/")
    page.locator("form[data-page]").evaluate("form => (form.noValidate = true)")
    page.fill("#id_email", "left")
    page.click("form[data-page] button[type=submit]")
    page.wait_for_selector("#errors")
    assert page.evaluate("sessionStorage.getItem('said')") is None


def test_left_after_an_error_names_the_field_that_was_wrong(surfer: Any) -> None:
    page = surfer.new_page()
    page.goto("/p/bearing-paper/")
    page.locator("form[data-page]").evaluate("form => (form.noValidate = true)")
    page.click("form[data-page] button[type=submit]")
    page.wait_for_selector("#errors")
    assert '"field":"email"' in (said(page) or "")


def test_a_browser_that_asks_not_to_be_tracked_is_not(surfer: Any) -> None:
    surfer.add_init_script(ASKS_NOT_TO)
    page = surfer.new_page()
    page.goto("/p/bearing-paper/")
    page.fill("#id_email", "secret@corp.example")
    assert said(page) is None
