"""From an anonymous visit to a won customer, in a real browser, in both modes; and the four other endings."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from crm.tests.browser.steps import (
    close_as_won,
    fill_in_form,
    funnel_numbers,
    links_of,
    log_conversation,
    mail_to,
    open_prospect,
    soon,
)

pytestmark = pytest.mark.browser
PIET = "piet@maasland.example"
UTM = "utm_source=google&utm_medium=cpc&utm_campaign=bearing-paper"
WHO = {
    "first_name": "Piet",
    "last_name": "Verhaag",
    "company": "Maasland Drivetrain",
    "job_title": "Head of quality",
}


def test_one_person_goes_all_the_way(house, visitor, staff):
    """Visit with UTM → form → download → mail → click → rescore → qualified → call → sales-qualified → won."""
    before = house.tell("count")  # other files' people live in this house, too
    visitor.goto(f"/p/bearing-paper/?{UTM}")
    fill_in_form(visitor, email=PIET, company_size="250", **WHO)
    visitor.wait_for_url("**/thanks/**")
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name=re.compile("Download")).click()
    assert download.value.path().read_bytes().startswith(b"%PDF")

    assert any("/d/" in link for link in links_of(mail_to(house, PIET, "bearing")))
    letter = mail_to(house, PIET, "Which reading moves first")
    assert "Hello Piet" in letter.get_body(("plain",)).get_content()
    visitor.wait_for_timeout(2500)  # a click within two seconds of sending is taken for a scanner's
    visitor.goto(next(link for link in links_of(letter) if "/c/" in link))
    expect(visitor).to_have_url(re.compile("/r/two-limits/"))

    qualified = soon(lambda: house.tell("lead", PIET)["marketing_qualified"], "marketing-qualified by grade")
    assert qualified
    sam = staff("sam")
    sam.goto("/staff/today/")
    expect(sam.get_by_text("Piet Verhaag").first).to_be_visible()
    with sam.expect_response("**/accept/"):
        sam.get_by_role("button", name="Accept").first.click()
    cycle = open_prospect(sam, house, PIET)
    log_conversation(
        sam,
        house,
        "Three percent scrap after the furnace.",
        need="confirmed",
        authority="confirmed",
        budget="claimed",
    )
    sam.get_by_role("button", name="Move to sales-qualified").click()
    expect(sam.get_by_text("is now in sales-qualified").first).to_be_visible()
    close_as_won(sam, cycle, "64000")
    assert house.tell("lead", PIET)["status"] == "customer"

    maya = staff("maya")
    shown = funnel_numbers(maya)
    counted = house.tell("count")
    keys = ("leads", "marketing_qualified", "accepted", "sales_qualified", "won")
    assert [counted[key] - before[key] for key in keys] == [1] * 5
    steps = ("Leads", "Marketing-qualified", "Accepted", "Sales-qualified", "Won")
    assert [shown[step] for step in steps] == [str(counted[key]) for key in keys], shown
    assert int(shown["Visitors"]) >= 1
    line = maya.get_by_role("row", name=re.compile("Bearing paper"))
    spent, leads = 200, int(line.get_by_role("cell").nth(1).inner_text())
    expect(line.get_by_role("cell", name=str(spent), exact=True).first).to_be_visible()
    expect(line).to_contain_text(f"{int(spent * 100 / leads) / 100:.2f}")  # a lead's price, cut to cents
    assert counted["messages"].count("sent") >= before["messages"].count("sent") + 2


def test_a_demo_request_is_handed_over_at_once(house, visitor, staff):
    visitor.goto("/p/demo/")
    fill_in_form(
        visitor, email="sofia@alvor.example", first_name="Sofia", message="Does it fit our furnace line?"
    )
    cycle = soon(lambda: house.tell("prospects", "sofia@alvor.example"), "the handover")[0]
    assert (cycle["stage"], cycle["marketing_qualified"]) == ("to_contact", True)
    assert house.tell("lead", "sofia@alvor.example")["grade"][:1] in ("", "C", "D")


def test_not_now_comes_back_on_its_date(house, visitor, staff):
    visitor.goto("/p/demo/")
    fill_in_form(visitor, email="emeric@lorne.example", first_name="Emeric")
    sam = staff("sam")
    open_prospect(sam, house, "emeric@lorne.example")
    sam.locator(".personhead").get_by_text("Reject…").click()
    sam.get_by_text("Not now").first.click()
    sam.get_by_label("Comes back on").first.fill(house.tell("day_in", "30"))
    sam.get_by_role("button", name="Return then").first.click()
    soon(lambda: house.tell("prospects", "emeric@lorne.example")[0]["stage"] == "returned", "the return")
    assert house.tell("lead", "emeric@lorne.example")["status"] == "nurturing"
    house.tell("pass_days", "29")
    assert len(house.tell("prospects", "emeric@lorne.example")) == 1
    house.tell("pass_days", "31")
    house.tell("pass_days", "31")
    first, second = house.tell("prospects", "emeric@lorne.example")
    assert (first["open"], second["open"], second["stage"]) == (False, True, "to_contact")
    sam.goto("/staff/today/")
    expect(sam.get_by_text("Emeric").first).to_be_visible()


def test_a_student_is_disqualified(house, visitor, staff):
    visitor.goto("/p/demo/")
    fill_in_form(visitor, email="ana@uni.example", first_name="Ana")
    sam = staff("sam")
    open_prospect(sam, house, "ana@uni.example")
    sam.locator(".personhead").get_by_text("Reject…").click()
    sam.get_by_role("button", name=re.compile("Student")).first.click()
    soon(lambda: house.tell("lead", "ana@uni.example")["status"] == "disqualified", "the disqualification")
    assert house.tell("prospects", "ana@uni.example")[0]["stage"] == "disqualified"


def test_a_cold_contact_is_won_without_ever_being_marketing_qualified(house, staff):
    before = house.tell("count")
    sam = staff("sam")
    sam.goto("/staff/prospects/new/")
    sam.get_by_label("First name").fill("Renske")
    sam.get_by_label("Last name").fill("Bakema")
    sam.get_by_label("E-mail").fill("renske@eems.example")
    sam.get_by_label("Where the address is from").fill("Her card, handed over at the fair")
    sam.get_by_label("Lawful basis").select_option("interest")
    sam.get_by_label("Why it holds").fill("She measures what we sell gauges for.")
    sam.get_by_role("button", name=re.compile("^(Add|Save|Enter)")).first.click()
    cycle = open_prospect(sam, house, "renske@eems.example")
    log_conversation(
        sam,
        house,
        "They replace all gauges in May.",
        need="confirmed",
        authority="claimed",
        budget="confirmed",
    )
    sam.get_by_role("button", name="Move to sales-qualified").click()
    expect(sam.get_by_text("is now in sales-qualified").first).to_be_visible()
    close_as_won(sam, cycle, "12000")
    after = house.tell("count")
    assert (after["won"] - before["won"], after["leads"] - before["leads"]) == (1, 0)
    assert after["marketing_qualified"] == before["marketing_qualified"]
    assert house.tell("prospects", "renske@eems.example")[0] == {
        "id": cycle, "stage": "won", "origin": "outbound", "open": False, "marketing_qualified": False,
    }  # fmt: skip
