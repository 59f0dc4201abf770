"""A link that no person sees: in tracked mails and on public pages; who follows it is a machine (FIELD: scanners)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from leads import tokens
from leads.consent import TRACKING, is_suppressed, record_consent
from leads.judging import judge_due
from leads.models import ConsentEvent, Enrolment, Hit, Suppression, Touch
from leads.sending.letters import letter
from leads.tests.builders import NOON, a_page
from leads.tests.judging_world import BROWSER, a_hit, a_message, verdict_of

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=900)  # hits of a view have the time of the clock


@pytest.fixture
def message():
    """A mail to somebody who agreed to tracking."""
    message = a_message(links=1)
    record_consent(person=message.person, purpose=TRACKING, given=True, at=NOON)
    return message


def links_of(html: str) -> list:
    return LexborHTMLParser(html).css("a[href]")


def traps_of(html: str) -> list:
    return [link for link in links_of(html) if "/x/" in link.attributes["href"]]


def path_of(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def test_a_tracked_mail_holds_it_out_of_sight_and_not_in_its_text(message):
    made = letter(message, NOON)
    (trap,) = traps_of(made.html)
    assert "hidden" in trap.attributes and trap.attributes["aria-hidden"] == "true"
    assert trap.attributes["tabindex"] == "-1" and "display:none" in trap.attributes["style"]
    assert "/x/" not in made.text
    found = tokens.read_trap(trap.attributes["href"].rstrip("/").rpartition("/")[2])
    assert (found.message_id, found.person_id) == (message.pk, message.person_id)


def test_a_mail_without_consent_to_tracking_holds_none():
    assert traps_of(letter(a_message(links=1), NOON).html) == []


@pytest.mark.parametrize("path", ["/", "/p/guide/", "/privacy/"])
def test_public_pages_hold_it_out_of_sight(client, path):
    a_page("guide")
    (trap,) = traps_of(client.get(path).content.decode())
    assert "hidden" in trap.attributes and trap.attributes["rel"] == "nofollow"


def test_polite_crawlers_are_told_to_leave_it(client):
    assert "Disallow: /x/" in client.get("/robots.txt").content.decode()


def test_the_answer_is_the_same_for_every_token(client, message):
    good = tokens.trap_token(message_id=message.pk, person_id=message.person_id)
    answers = [client.get(reverse("trap", args=[token])) for token in (good, "page", good[:-2] + "xx")]
    assert len({(one.status_code, one.content, str(sorted(one.headers.items()))) for one in answers}) == 1
    assert answers[0]["Cache-Control"] == "no-store" and not answers[0].cookies


@pytest.mark.parametrize("method", ["get", "head"])
def test_who_follows_it_is_a_machine_and_leaves_no_touch(client, message, method):
    token = tokens.trap_token(message_id=message.pk, person_id=message.person_id)
    getattr(client, method)(reverse("trap", args=[token]), headers={"User-Agent": BROWSER})
    hit = Hit.objects.get()
    assert (hit.kind, hit.message, hit.person) == ("trap", message, message.person)
    judge_due(at=LATER)
    assert verdict_of(hit).startswith("machine: trap link")
    assert not Touch.objects.exists()


def test_a_crawler_of_pages_is_known_by_the_browser_it_says_it_is(client):
    a_page("guide")
    client.get("/p/guide/", headers={"User-Agent": BROWSER})
    client.get(reverse("trap", args=["page"]), headers={"User-Agent": BROWSER})
    judge_due(at=LATER)
    page = Hit.objects.get(kind="page")
    assert verdict_of(page) == "machine: same browser as a scanner"


def test_a_scanner_that_follows_every_address_of_a_mail_changes_nothing_for_the_person(client, message):
    made = letter(message, NOON)
    before = ConsentEvent.objects.count(), Enrolment.objects.values_list("state").get()
    addresses = [link.attributes["href"] for link in links_of(made.html)]
    addresses += [made.headers["List-Unsubscribe"].strip("<>")]
    for address in [*addresses, *addresses]:
        for ask in (client.get, client.head):
            ask(path_of(address), headers={"User-Agent": BROWSER})
    judge_due(at=LATER)
    assert not Suppression.objects.exists() and not is_suppressed(message.person.email_key)
    assert (ConsentEvent.objects.count(), Enrolment.objects.values_list("state").get()) == before
    assert not Touch.objects.exists()
    assert not Hit.objects.with_verdict().filter(read_as="human").exists()


def test_a_hit_elsewhere_is_not_drawn_in(client, message):
    other = a_hit(visitor_key="somebody else")
    client.get(reverse("trap", args=["page"]), headers={"User-Agent": BROWSER})
    judge_due(at=LATER)
    assert verdict_of(other) == "human"


def test_another_site_cannot_make_machines_of_its_visitors(client):
    page = client.get("/")
    trap = traps_of(page.content.decode())[0].attributes["href"]
    client.get(trap, headers={"Sec-Fetch-Site": "cross-site", "User-Agent": BROWSER})
    assert not Hit.objects.filter(kind=Hit.Kind.TRAP).exists()
