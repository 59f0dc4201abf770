"""What people do in the story, a few clicks each, so that a story reads as one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from playwright.sync_api import Page, expect

from crm.tests.browser.house import House

PATIENCE = 60


def soon(question: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is true; the worker needs a moment. Fails with `what` after a minute."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.5)
    raise AssertionError(f"after {PATIENCE} s still not: {what}")


def fill_in_form(page: Page, **answers: str) -> None:
    """Type into the page's form and tick every consent; wait as long as a human needs."""
    for name, value in answers.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    for name in ("consent", "tracking"):
        for box in page.locator(f"input[name={name}]").all():
            box.check()
    page.wait_for_timeout(3200)  # faster than three seconds is taken for a machine
    page.locator("form button[type=submit]").first.click()


def mail_to(house: House, address: str, subject: str = "") -> EmailMessage:
    """The newest mail to an address, once it is there."""

    def found() -> EmailMessage | None:
        mails = [m for m in house.mails() if address in m["To"] and subject in m["Subject"]]
        return mails[-1] if mails else None

    return soon(found, f"a mail {subject!r} to {address}")


def answer(house: House, mail: EmailMessage, text: str) -> None:
    """Whoever got this mail answers it with their mail program."""
    reply = EmailMessage()
    reply["From"], reply["To"] = mail["To"], str(mail["Reply-To"] or mail["From"])
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = make_msgid(domain="outside.example")
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    reply["Date"] = formatdate()
    reply.set_content(text)
    house.comes_in(reply)


def links_of(mail: EmailMessage) -> list[str]:
    body = mail.get_body(("html",))
    assert body is not None
    return re.findall(r'href="(http[^"]+)"', body.get_content())


def open_prospect(page: Page, house: House, email: str) -> int:
    """Go to the person page of somebody's newest cycle, once it is there; returns its id."""
    cycle = soon(lambda: house.tell("prospects", email), f"a prospect for {email}")[-1]
    page.goto(f"/staff/prospects/{cycle['id']}/")
    return cycle["id"]


def log_conversation(page: Page, house: House, note: str, **bant: str) -> None:
    """Log a conversation with what was learnt and a next step tomorrow."""
    form = page.locator("#call form")
    form.get_by_text("Conversation", exact=False).first.click()
    form.get_by_label("In their words").fill(note)
    for question, state in bant.items():
        form.get_by_role("radiogroup", name=question.title()).get_by_text(state.title(), exact=True).click()
    form.get_by_label("Day", exact=True).fill(house.tell("day_in", "1"))
    form.get_by_role("button", name="Save call").click()
    expect(page.get_by_text("Call saved.").first).to_be_visible()


def close_as_won(page: Page, cycle: int, amount: str) -> None:
    page.goto(f"/staff/prospects/{cycle}/won/")
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name="Close as won").click()
    page.wait_for_url(f"**/staff/prospects/{cycle}/")


def funnel_numbers(page: Page, query: str = "") -> dict[str, str]:
    """The table beside the picture: step → number as shown."""
    page.goto(f"/staff/reports/funnel/?period=all{query}")
    rows = page.locator("table").first.locator("tbody tr")
    pairs = [row.locator("td").all_inner_texts()[:2] for row in rows.all()]
    return {name.split("\n")[0].strip(): number.strip() for name, number in pairs}
