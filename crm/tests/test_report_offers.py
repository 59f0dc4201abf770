"""Offers: shown, taken, won and given, counted by hand; the rows behind each number add up to it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import LandingPage, Offer, PublishedStep, PublishedWords
from crm.reports.offers import NUMBERS, OfferLine, discount, offers, rows
from crm.reports.scope import Scope
from crm.tests.small_world import a_cycle, a_lead, march
from leads.models import Hit, Message, Verdict
from leads.sending.outbox import new_message_id
from leads.tests.builders import a_sequence
from prospects.defaults import install
from prospects.models import Deal

pytestmark = pytest.mark.django_db
MARCH = Scope(start=date(2026, 3, 1), end=date(2026, 3, 31))


@pytest.fixture
def offer() -> Offer:
    install()
    return Offer.objects.create(name="Ten for eight", code="TEN", discount_percent=20, limit=3)


def a_mail(offer: Offer | None, name: str, day: int = 5, state: str = "sent") -> Message:
    words = PublishedWords.objects.filter(offer=offer).first()
    if words is None:
        step = PublishedStep.objects.get(version__sequence=a_sequence(), position=1)
        words = step.words.get()
        PublishedWords.objects.filter(pk=words.pk).update(offer=offer)
    person = a_lead(name, march(1), None).person
    return Message.objects.create(
        key=name,
        message_id=new_message_id(),
        kind="sequence",
        person=person,
        words=words,
        step=words.step,
        state=state,
        due_at=march(day),
        ended_at=march(day),
    )


def a_visit(page: LandingPage, key: str, read_as: str = "human", day: int = 4) -> None:
    hit = Hit.objects.create(kind="page", page=page, visitor_key=key, at=march(day), judged=True)
    Verdict.objects.create(hit=hit, version=1, verdict=read_as)


def a_deal(offer: Offer, name: str, amount: int | None = None, won: bool = False, day: int = 6) -> Deal:
    cycle = a_cycle(a_lead(name, march(1), None).person, march(2))
    return Deal.objects.create(
        prospect=cycle,
        offer=offer,
        amount=amount,
        opened_at=march(day),
        status="won" if won else "open",
        closed_at=march(day) + timedelta(days=3) if won else None,
    )


def line(scope: Scope = MARCH) -> OfferLine:
    (found,) = offers(scope)
    return found


def test_mails_that_left_with_it_are_shown_to_people(offer):
    a_mail(offer, "anna")
    a_mail(offer, "ben")
    a_mail(offer, "cleo", state="suppressed")
    assert (line().mailed, line().people) == (2, 2)


def test_human_visitors_of_a_page_that_carries_it_count_once(offer):
    page = LandingPage.objects.create(slug="ten", title="Ten", offer=offer)
    for key in ("one", "one", "two"):
        a_visit(page, key)
    a_visit(page, "robot", "machine")
    assert line().seen == 2


def test_deals_that_name_it_are_taken_and_won_by_their_own_days(offer):
    a_deal(offer, "dora", 100, day=6)
    a_deal(offer, "emil", 800, won=True, day=30)  # opened in March, won in April
    assert (line().taken, line().won, line().left) == (2, 0, 1)
    april = line(Scope(start=date(2026, 4, 1), end=date(2026, 4, 30)))
    assert (april.taken, april.won, april.value, april.given) == (0, 1, 800, 200)


def test_a_won_deal_without_an_amount_is_counted_and_said(offer):
    a_deal(offer, "finn", None, won=True)
    assert (line().won, line().value, line().unpriced) == (1, 0, 1)


@pytest.mark.parametrize(
    ("paid", "percent", "given"), [(80, 20, 20), (100, 0, 0), (0, 20, 0), (100, 100, 0), (850, 15, 150)]
)
def test_the_discount_is_what_the_same_would_have_cost_more(paid, percent, given):
    assert discount(Decimal(paid), Decimal(percent)) == given


def test_an_archived_offer_stays_where_something_became_of_it(offer):
    Offer.objects.update(archived_at=march(20))
    assert offers(MARCH) == []
    a_mail(offer, "anna")
    assert line().mailed == 1


def test_the_rows_behind_each_number_are_as_many(offer):
    page = LandingPage.objects.create(slug="ten", title="Ten", offer=offer)
    a_mail(offer, "anna")
    a_visit(page, "one")
    a_visit(page, "one")
    a_deal(offer, "dora", 100)
    a_deal(offer, "emil", 800, won=True)
    for number in NUMBERS:
        assert rows(offer=offer, number=number, scope=MARCH).count() == getattr(line(), number), number


def test_many_offers_cost_the_same_queries(offer):
    with CaptureQueriesContext(connection) as one:
        offers(MARCH)
    for number in range(10):
        Offer.objects.create(name=f"n{number}", code=f"n{number}")
    with CaptureQueriesContext(connection) as many:
        offers(MARCH)
    assert len(many) == len(one) == 5


def rows_page(client: Any, offer: Offer, number: str) -> str:
    return client.get(f"/staff/reports/offers/{offer.pk}/{number}/?period=all").content.decode()


def test_the_page_shows_the_line_and_leads_to_its_rows(client, maya, offer):
    a_mail(offer, "anna")
    client.force_login(maya)
    html = client.get("/staff/reports/offers/?period=all").content.decode()
    assert f"/staff/reports/offers/{offer.pk}/mailed/" in html
    assert "anna" in rows_page(client, offer, "mailed")


def test_who_may_not_see_people_sees_numbers_without_names(client, maya, sam, nora, offer):
    a_mail(offer, "anna")
    a_deal(offer, "dora", 100)
    client.force_login(maya)
    assert "dora" not in rows_page(client, offer, "taken")
    for user in (sam, nora):
        client.force_login(user)
        for number in NUMBERS:
            html = rows_page(client, offer, number)
            assert "anna" not in html
            assert "dora" not in html


def test_a_number_that_there_is_not_is_not_found(client, maya, offer):
    client.force_login(maya)
    assert client.get(f"/staff/reports/offers/{offer.pk}/lost/").status_code == 404
    assert client.get("/staff/reports/offers/99/taken/").status_code == 404


def test_the_list_of_offers_in_the_admin_says_what_became_of_each(client, maya, offer):
    a_mail(offer, "anna")
    a_deal(offer, "emil", 800, won=True)
    client.force_login(maya)
    html = client.get("/admin/campaigns/offer/").content.decode()
    assert "200.00" in html
    assert f"/staff/reports/offers/{offer.pk}/won/" in html
