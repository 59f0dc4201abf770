"""A page of another site shows our form and tells of its views; only the sites that may, and nothing under GPC."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from crm.tests.browser.conftest import HUMAN
from crm.tests.browser.steps import soon

pytestmark = pytest.mark.browser
FORM = '<div data-form="bearing-paper"><a href="{house}/p/bearing-paper/">To the form</a></div>'
PAGE = """<!doctype html><html lang="en"><head><title>Pumps</title>
<script src="{house}/embed.js" data-site="{key}" async></script></head>
<body><h1>Pumps</h1>{form}</body></html>"""


class OtherSite:
    """A web server of somebody else: ``localhost`` is another origin than the house's 127.0.0.1."""

    def __init__(self, house: Any) -> None:
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                form = FORM.format(house=house.url) if self.path.startswith("/form") else ""
                body = PAGE.format(house=house.url, key=site.key, form=form).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.origin = f"http://localhost:{self.server.server_port}"
        self.key = ""
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop(house: Any) -> Iterator[OtherSite]:
    site = OtherSite(house)
    site.key = house.tell("embed", site.origin)
    yield site
    site.close()


@pytest.fixture
def surfer(chromium: Any) -> Iterator[BrowserContext]:
    context = chromium.new_context(user_agent=HUMAN)
    yield context
    context.close()


def fill_in_frame(page: Page, email: str, *, tracking: bool = False) -> None:
    form = page.frame_locator("iframe")
    form.locator("[name=email]").fill(email)
    form.locator("[name=first_name]").fill("Ben")
    if tracking:
        form.locator("[name=tracking]").check()
    page.wait_for_timeout(3200)  # faster than three seconds is taken for a machine
    form.locator("button[type=submit]").click()


def test_a_form_on_another_site_is_captured_with_the_origin_of_its_page(
    house: Any, shop: Any, surfer: Any
) -> None:
    page = surfer.new_page()
    page.goto(
        f"{shop.origin}/form?utm_source=news&utm_campaign=spring&gclid=g1", referer="https://search.example/q"
    )
    page.evaluate("addEventListener('headwater:sent', (event) => (window.sent = event.detail.form))")
    expect(page.frame_locator("iframe").locator("[name=email]")).to_be_visible()
    soon(lambda: fits(page), "the frame is as high as the form")
    fill_in_frame(page, "ben@shop.example")
    expect(page.frame_locator("iframe").get_by_role("status")).to_contain_text("Your white paper is ready.")
    assert page.evaluate("window.sent") == "bearing-paper"
    came = house.tell("came_from", "ben@shop.example")
    assert (came["door"], came["state"], came["utm_source"], came["click_id_kind"]) == (
        "embed",
        "accepted",
        "news",
        "gclid",
    )
    assert came["source_url"].startswith(f"{shop.origin}/form?utm_source=news")
    assert came["referrer"].startswith("https://search.example/")
    hits = soon(lambda: house.tell("site_hits", shop.origin), "the view of the page with the form")
    assert [(hit["utm_source"], hit["page"] is not None) for hit in hits] == [("news", True)]


def test_an_error_stays_in_the_frame_with_what_was_typed(house: Any, shop: Any, surfer: Any) -> None:
    page = surfer.new_page()
    page.goto(f"{shop.origin}/form")
    form = page.frame_locator("iframe")
    form.locator("form").evaluate("form => (form.noValidate = true)")
    fill_in_frame(page, "ben")
    expect(form.locator("#errors")).to_be_focused()
    expect(form.locator("[name=first_name]")).to_have_value("Ben")
    soon(lambda: fits(page), "the frame is as high as the form with its errors")
    assert Axe().run(page.frames[1]).response["violations"] == []


def fits(page: Page) -> bool:
    inside = page.frames[1].evaluate("document.body.getBoundingClientRect().height")
    return abs(page.locator("iframe").evaluate("node => node.offsetHeight") - inside) <= 1


def test_page_views_are_counted_anonymously_until_the_visitor_agrees(
    house: Any, shop: Any, surfer: Any
) -> None:
    page = surfer.new_page()
    page.goto(f"{shop.origin}/pumps?utm_source=mail")
    hits = soon(lambda: house.tell("site_hits", shop.origin), "the page view")
    assert (hits[0]["utm_source"], hits[0]["visitor"]) == ("mail", None)
    assert hits[0]["label"].endswith("/pumps")
    assert page.evaluate("localStorage.length") == 0
    page.evaluate("headwater('consent', {tracking: true})")
    page.goto(f"{shop.origin}/more")
    remembered = soon(
        lambda: len(found := house.tell("site_hits", shop.origin)) == 2 and found, "the second view"
    )
    assert remembered[1]["visitor"] is not None
    page.evaluate("headwater('consent', {tracking: false})")
    assert page.evaluate("localStorage.length") == 0
    page.goto(f"{shop.origin}/again")
    after = soon(lambda: len(found := house.tell("site_hits", shop.origin)) == 3 and found, "the third view")
    assert after[2]["visitor"] is None
    assert surfer.cookies() == []


def test_the_box_on_the_form_lets_the_site_remember_the_browser(house: Any, shop: Any, surfer: Any) -> None:
    page = surfer.new_page()
    page.goto(f"{shop.origin}/form")
    fill_in_frame(page, "eva@shop.example", tracking=True)
    expect(page.frame_locator("iframe").get_by_role("status")).to_be_visible()
    kept = page.evaluate("localStorage.getItem('headwater.visitor')")
    assert kept == house.tell("came_from", "eva@shop.example")["visitor__key"]


def test_under_global_privacy_control_nothing_is_sent_and_the_form_works(
    house: Any, shop: Any, chromium: Any
) -> None:
    context = chromium.new_context(user_agent=HUMAN, extra_http_headers={"Sec-GPC": "1"})
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(f"{shop.origin}/pumps?utm_source=news")
    page.evaluate("headwater('consent', {tracking: true})")
    page.goto(f"{shop.origin}/form?utm_source=news")
    fill_in_frame(page, "gil@shop.example")
    expect(page.frame_locator("iframe").get_by_role("status")).to_be_visible()
    assert not [line for line in sent if "/t/" in line or ("/e/" in line and "utm_source" in line)]
    assert page.evaluate("localStorage.length") == 0
    came = house.tell("came_from", "gil@shop.example")
    assert (came["state"], came["utm_source"]) == ("accepted", "")
    assert house.tell("site_hits", shop.origin) == []
    context.close()


def test_a_site_that_is_not_on_the_list_gets_nothing(house: Any, shop: Any, surfer: Any) -> None:
    thief = OtherSite(house)
    thief.key = shop.key
    page = surfer.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{thief.origin}/form")
    soon(lambda: any("frame-ancestors" in line for line in said), "the frame is refused")
    page.goto(f"{thief.origin}/pumps")
    page.wait_for_timeout(2500)  # longer than hits wait to be written
    assert house.tell("site_hits", shop.origin) == []
    thief.close()


def test_without_javascript_a_plain_link_leads_to_the_page(house: Any, shop: Any, chromium: Any) -> None:
    context = chromium.new_context(user_agent=HUMAN, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shop.origin}/form")
    page.get_by_role("link", name="To the form").click()
    expect(page.locator("[name=email]").first).to_be_visible()
    context.close()


def test_reading_in_place_tells_seconds_and_depth(house: Any, surfer: Any) -> None:
    page = surfer.new_page()
    page.goto(f"{house.url}/r/two-limits/")
    page.locator("[data-asset]").scroll_into_view_if_needed()
    page.wait_for_timeout(2200)
    page.goto(f"{house.url}/")
    told = soon(lambda: house.tell("readings"), "the beacon of the piece")
    assert (2 <= told[0]["seconds"] <= 10, told[0]["depth"], told[0]["person"]) == (True, 100, None)
