"""The pages of deals, of the forecast, and the buttons of an account: who may, and what comes back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from leads.models import Company
from prospects.models import Account, BuyingRole, Deal, DealPerson, Product, Prospect
from prospects.money.deals import open_deal
from prospects.tests.conftest import TUESDAY, make_cold, make_inbound, make_person, talk

pytestmark = pytest.mark.django_db
PLAIN = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0", "title": "T", "currency": "EUR", "amount": "5"}


@pytest.fixture
def deal(accepted: Prospect, sam: Any) -> Deal:
    talk(accepted, sam)
    return open_deal(prospect=accepted, title="Station", amount=Decimal(900), by=sam, at=TUESDAY)


@pytest.fixture
def rosa(sam: Any) -> Any:
    """A rep like sam."""
    user = get_user_model().objects.create_user("rosa")
    user.groups.set(sam.groups.all())
    return user


def as_(client: Client, who: Any) -> Client:
    client.force_login(who)
    return client


@pytest.mark.parametrize("page", ["staff-deal", "staff-deal-change", "staff-deal-won", "staff-deal-lost"])
def test_a_deal_is_its_owners_and_a_managers_and_not_found_for_a_colleague(
    page: str, client: Client, deal: Deal, sam: Any, sara: Any, maya: Any, rosa: Any
) -> None:
    where = reverse(page, args=[deal.pk])
    assert [as_(client, who).get(where).status_code for who in (sam, sara, rosa, maya)] == [
        200,
        200,
        404,
        403,
    ]


@pytest.mark.parametrize("page", ["staff-deal-change", "staff-deal-won", "staff-deal-lost"])
def test_a_colleagues_post_changes_nothing(page: str, client: Client, deal: Deal, rosa: Any) -> None:
    assert (
        as_(client, rosa).post(reverse(page, args=[deal.pk]), PLAIN | {"reason": "price"}).status_code == 404
    )
    deal.refresh_from_db()
    assert (deal.status, deal.title) == ("open", "Station")


def test_a_deal_is_won_alone_where_the_cycle_is_over(client: Client, deal: Deal, sam: Any) -> None:
    rep = as_(client, sam)
    form = {"title": "Station", "amount": "900", "currency": deal.currency}
    assert rep.post(reverse("staff-deal-won", args=[deal.pk]), form).status_code == 302
    assert Prospect.objects.get(pk=deal.prospect_id).stage.slug == "won"
    page = rep.get(reverse("staff-deal", args=[deal.pk])).content.decode()
    assert "They buy again" in page
    new = {"title": "Again", "amount": "10", "currency": deal.currency}
    rep.post(reverse("staff-deal-new", args=[deal.prospect_id]), new)
    again = Deal.objects.get(title="Again")
    assert rep.post(reverse("staff-deal-won", args=[again.pk]), form | {"amount": "11"}).status_code == 302
    assert rep.post(reverse("staff-deal-won", args=[again.pk]), form).status_code == 409
    assert Deal.objects.filter(status="won").count() == 2


def test_products_are_typed_on_the_page_of_the_deal(client: Client, deal: Deal, sam: Any) -> None:
    probe = Product.objects.create(name="Probe", code="P-1", price=Decimal(100))
    rep, where = as_(client, sam), reverse("staff-deal-change", args=[deal.pk])
    form = PLAIN | {
        "currency": deal.currency,
        "lines-TOTAL_FORMS": "2",
        "lines-0-product": probe.pk,
        "lines-0-quantity": "3",
    }
    assert rep.post(where, form).status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, deal.lines.get().price) == (300, 100)
    answer = rep.post(where, form | {"currency": "XXX", "lines-0-price": "5"})
    assert (answer.status_code, "No rate" in answer.content.decode()) == (422, True)
    assert "Give a price" not in rep.get(where).content.decode()


def test_a_second_person_of_the_company_is_asked_to_take_part(
    client: Client, company: Company, sam: Any, sara: Any
) -> None:
    first, other = (make_inbound(sam, make_person(company=company)) for _n in range(2))
    deal = open_deal(prospect=first, title="The line", by=sam, at=TUESDAY)
    hers = make_inbound(sara, make_person(company=company))
    open_deal(prospect=hers, title="A secret", by=sara, at=TUESDAY)
    rep = as_(client, sam)
    page = rep.get(reverse("staff-deal-new", args=[other.pk])).content.decode()
    assert "The line" in page
    assert "A deal exists, owned by Sara Lindqvist" in page
    assert "A secret" not in page
    where = reverse("staff-deal-join", args=[other.pk])
    assert rep.post(where, {"deal": deal.pk, "role": "champion"}).status_code == 302
    assert DealPerson.objects.get().person == other.person
    for cycle, warned in ((other, True), (first, False)):
        said = rep.get(reverse("staff-won", args=[cycle.pk])).content.decode()
        assert ("take part in another person’s open deal" in said) is warned
    theirs = Deal.objects.get(title="A secret")
    assert rep.post(where, {"deal": theirs.pk, "role": "champion"}).status_code == 404


def test_the_list_has_filters_in_the_address(client: Client, deal: Deal, sam: Any, sara: Any) -> None:
    open_deal(prospect=make_cold(sara), title="Hers", expected_on=TUESDAY.date(), by=sara, at=TUESDAY)
    manager = as_(client, sara)
    for query, titles in (
        ("", {"Station", "Hers"}), ("?whose=mine", {"Hers"}), ("?due=over", {"Hers"}), ("?q=stat", {"Station"}),
        ("?state=won", set()),
    ):  # fmt: skip
        rows = manager.get(f"/staff/deals/{query}").context["page"].rows
        assert {row.title for row in rows} == titles
    assert {row.title for row in as_(client, sam).get("/staff/deals/").context["page"].rows} == {"Station"}


def test_a_rep_sees_the_forecast_of_own_deals_and_a_manager_all(
    client: Client, deal: Deal, sam: Any, sara: Any, maya: Any
) -> None:
    open_deal(prospect=make_cold(sara), title="Hers", by=sara, at=TUESDAY)
    for who, n in ((sam, 1), (sara, 2)):
        answer = as_(client, who).get("/staff/forecast/?months=all")
        assert answer.context["forecast"].together.n == n
    assert as_(client, maya).get("/staff/forecast/").status_code == 403


def test_customer_value_is_for_managers(client: Client, sam: Any, sara: Any, maya: Any) -> None:
    codes = [as_(client, who).get(reverse("staff-value")).status_code for who in (sam, sara, maya)]
    assert codes == [403, 200, 403]


def test_an_accounts_buttons_work_for_who_may(
    client: Client, company: Company, sam: Any, sara: Any, maya: Any
) -> None:
    mine = make_cold(sam, make_person(company=company))
    role = reverse("staff-account-role", args=[mine.account_id])
    said = {"person": mine.person_id, "role": "user"}
    assert [as_(client, who).post(role, said).status_code for who in (sam, sara, maya)] == [302, 302, 403]
    assert BuyingRole.objects.get().role == "user"
    change = reverse("staff-account-change", args=[mine.account_id])
    assert [as_(client, who).get(change).status_code for who in (sam, sara, maya)] == [403, 200, 403]
    top = Company.objects.create(name="Top", domain="top.example")
    form = {"tier": "1", "owner": sam.pk, "parent": "top.example"}
    assert as_(client, sara).post(change, form).status_code == 302
    company.refresh_from_db()
    assert (company.parent, Account.objects.get(pk=mine.account_id).owner) == (top, sam)
    page = as_(client, sam).get(reverse("staff-account", args=[mine.account_id])).content.decode()
    assert "Top" in page
    assert as_(client, sara).post(change, form | {"parent": "nowhere"}).status_code == 422


def test_wanted_domains_are_opened_by_a_manager(client: Client, sam: Any, sara: Any, maya: Any) -> None:
    where = reverse("staff-accounts-targets")
    assert [as_(client, who).post(where).status_code for who in (sam, sara, maya)] == [403, 302, 403]
