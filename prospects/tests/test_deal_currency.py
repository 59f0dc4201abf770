"""A sum in another currency: the form asks for a rate where none is known, and remembers the one it was given."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prospects.importing.opportunities import UNRATED, Opportunity, import_opportunities
from prospects.models import Deal, Prospect
from prospects.money.deals import open_deal
from prospects.tests.conftest import TUESDAY, talk

pytestmark = pytest.mark.django_db
NO_LINES = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def francs(settings: Any) -> None:
    settings.CURRENCY = "CHF"


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def has_rate_field(page: Any) -> bool:
    return "Rate to CHF" in page.content.decode()


def test_the_first_deal_in_dollars_asks_for_a_rate_and_the_next_one_knows_it(
    rep: Client, accepted: Prospect
) -> None:
    where = reverse("staff-deal-new", args=[accepted.pk])
    assert not has_rate_field(rep.get(where))
    dollars = {"title": "Gauges", "amount": "1000", "currency": "usd"}
    asked = rep.post(where, dollars)
    assert (asked.status_code, has_rate_field(asked)) == (422, True)
    assert "how many CHF one USD is" in asked.content.decode()
    assert rep.post(where, dollars | {"rate": "0.9"}).status_code == 302
    assert rep.post(where, dollars | {"title": "More"}).status_code == 302
    assert list(Deal.objects.values_list("base_amount", flat=True)) == [900, 900]


def test_a_rate_below_zero_is_told_beside_its_field(rep: Client, accepted: Prospect) -> None:
    body = {"title": "Gauges", "currency": "USD", "rate": "-1"}
    answer = rep.post(reverse("staff-deal-new", args=[accepted.pk]), body)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["rate"])


def test_a_rate_is_changed_on_the_page_of_the_deal_and_stays_where_none_is_given(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    deal = open_deal(
        prospect=accepted, title="Gauges", amount=Decimal(10), currency="USD", rate=Decimal("0.9"), by=sam,
        at=TUESDAY,
    )  # fmt: skip
    where = reverse("staff-deal-change", args=[deal.pk])
    assert has_rate_field(rep.get(where))
    same = NO_LINES | {"title": "Gauges", "amount": "10", "currency": "USD"}
    for rate, kept in (("", "0.9"), ("0.8", "0.8"), ("", "0.8")):
        assert rep.post(where, same | {"rate": rate}).status_code == 302
        deal.refresh_from_db()
        assert deal.rate == Decimal(kept)
    assert rep.post(where, same | {"currency": "EUR"}).status_code == 422  # the rate of dollars is not theirs
    assert rep.post(where, same | {"currency": "CHF", "rate": "5"}).status_code == 302
    deal.refresh_from_db()
    assert (deal.rate, deal.base_amount) == (1, 10)


def test_a_sum_in_dollars_is_won_at_the_rate_of_the_day(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    won = {"title": "Gauges", "amount": "100", "currency": "USD", "rate": "0.85"}
    assert rep.post(reverse("staff-won", args=[accepted.pk]), won).status_code == 302
    deal = Deal.objects.get()
    assert (deal.status, deal.base_amount, deal.rate_on is not None) == ("won", 85, True)


def imported(**columns: Any) -> tuple[Deal, str]:
    row = Opportunity(
        line=1, external_id=f"o{Deal.objects.count()}", at=TUESDAY, status="open", account="Works",
        amount=Decimal(100), **columns,
    )  # fmt: skip
    told = import_opportunities(rows=[row], source="old", by=None, at=TUESDAY)
    return Deal.objects.latest("pk"), told[0].flag


def test_an_imported_sum_in_another_currency_takes_the_known_rate_or_says_that_there_is_none(
    accepted: Prospect, sam: Any
) -> None:
    deal, flag = imported(currency="USD")
    assert (deal.base_amount, flag) == (100, UNRATED)
    open_deal(prospect=accepted, title="Gauges", currency="USD", rate=Decimal("0.9"), by=sam, at=TUESDAY)
    assert [(deal.base_amount, flag) for deal, flag in (imported(currency="USD"), imported())] == [
        (90, ""),
        (100, ""),
    ]


def test_the_api_takes_a_rate(rep: Client, accepted: Prospect) -> None:
    where = f"/api/v1/prospects/{accepted.pk}/deals/"
    body = {"title": "Gauges", "amount": "100", "currency": "usd", "rate": "0.5"}
    made = rep.post(where, body, content_type="application/json")
    assert (made.status_code, made.json()["base_amount"]) == (201, "50.00")
