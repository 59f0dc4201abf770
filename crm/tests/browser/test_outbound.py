"""Outbound work in a real browser: a list from the file to the steps of its cadence, and a talk by mail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.tests.browser.steps import PATIENCE, answer, mail_to, open_prospect, soon
from crm.tests.browser.test_pages import looked_at

pytestmark = pytest.mark.browser
INA, JON = "ina@harbour.example", "jon@harbour.example"
FILE = f"E-Mail;First name;Last name;Company\n{INA};Ina;Dahl;Harbour Works\n{JON};Jon;Berg;Harbour Works\n"


def a_list(page: Page, cadence: str) -> str:
    """A manager says where the addresses come from and why we may use them; returns the list's address."""
    page.goto("/staff/lists/new/")
    page.get_by_label("Name", exact=True).fill("Harbour fair")
    page.get_by_label("Where the addresses come from").fill("Exhibitors of the harbour fair")
    page.get_by_label("Lawful basis").select_option("interest")
    page.get_by_label("Why it holds").fill("They run cranes that stand still when a bearing fails.")
    page.get_by_label("Cadence").select_option(label=cadence)
    page.get_by_role("button", name="Make the list").click()
    page.wait_for_url(re.compile(r"/staff/lists/\d+/$"))
    return page.url


def bring_in(page: Page, at: str, folder: Path) -> None:
    """A file, its columns, the dry run, the import."""
    file = folder / "harbour.csv"
    file.write_text(FILE)
    page.goto(at)
    page.get_by_role("link", name="Bring people in").first.click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Where it comes from").fill("harbour-fair")
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name=re.compile("^Import 2 rows")).click(timeout=PATIENCE * 1000)
    undo = page.locator("summary", has_text="Undo this import")
    expect(undo).to_be_visible(timeout=PATIENCE * 1000)  # the page looks again by itself


def start_the_best(page: Page, at: str) -> None:
    page.goto(at)
    expect(page.get_by_text("Ina Dahl")).to_be_visible()
    page.locator("summary", has_text="Start").first.click()
    page.get_by_label("Or the best of all who wait").fill("1")
    page.get_by_role("button", name="Start the best").click()
    expect(page.locator("main")).to_contain_text("Sam")


def test_a_list_becomes_work_for_a_rep_and_makes_no_lead(house: Any, staff: Any, tmp_path: Path) -> None:
    before = house.tell("count")
    sara = staff("sara")
    at = a_list(sara, house.tell("cadence"))
    bring_in(sara, at, tmp_path)
    start_the_best(sara, at)
    (begun,) = [one for one in (INA, JON) if house.tell("prospects", one)]
    soon(lambda: len(house.tell("asked_of", begun)) == 3, "the steps of the cadence")
    asked = house.tell("asked_of", begun)
    assert [step for step in asked if "cadence" not in step[1]] == [
        ["social", "Ask to connect"], ["call", "Ask about scrap"],
    ]  # fmt: skip

    after = house.tell("count")
    assert (after["leads"], after["marketing_qualified"]) == (before["leads"], before["marketing_qualified"])


def test_a_mail_is_written_by_keyboard_and_its_answer_stands_with_it(house: Any, staff: Any) -> None:
    email = "kaja@lathe.example"
    house.tell("inquiry", email, "Kaja Lund")
    sam = staff("sam")
    cycle = open_prospect(sam, house, email)
    sam.keyboard.press("e")
    sam.wait_for_url(f"**/staff/prospects/{cycle}/mails/**")
    sam.locator("main [name=subject]").focus()
    sam.keyboard.type("Your question of today")
    sam.keyboard.press("Tab")
    sam.keyboard.type("Dear Kaja,\n\nyes, it fits the furnace line.")
    sam.keyboard.press("Control+Enter")
    sam.wait_for_url(f"**/staff/prospects/{cycle}/")
    letter = mail_to(house, email, "Your question of today")
    body = letter.get_body(("plain",))
    assert body is not None and "it fits the furnace line" in body.get_content()
    assert "/c/" not in letter.as_string() and "Sam" in str(letter["From"])

    answer(house, letter, "Then send me an offer.")
    soon(lambda: len(house.tell("talk", email)) == 2, "the answer")
    out, back = house.tell("talk", email)
    assert (out["thread"], back["direction"]) == (back["thread"], "in")
    sam.goto(f"/staff/prospects/{cycle}/")
    expect(sam.get_by_text("Then send me an offer.").first).to_be_visible()
    assert [kind for kind, _text in house.tell("asked_of", email) if kind == "answer"] == ["answer"]
    assert looked_at(sam, [f"/staff/prospects/{cycle}/", f"/staff/prospects/{cycle}/mails/"]) == []
