"""/api/v1/deals/ and /api/v1/accounts/: the rights and verbs of the pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Company
from prospects.models import Account, BuyingRole, Deal, Product, Prospect
from prospects.money import deals
from prospects.money.terms import Line, change_deal
from prospects.tests.conftest import TUESDAY, make_inbound, make_person, talk

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def send(client: Client, address: str, body: Any = None, **more: Any) -> Any:
    return client.post(f"{API}{address}", body or {}, content_type="application/json", **more)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def a_deal(prospect: Prospect, by: Any, title: str = "Gauges") -> Deal:
    return deals.open_deal(prospect=prospect, title=title, amount=Decimal(500), by=by, at=TUESDAY)


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def works(db: None) -> Company:
    return Company.objects.create(name="Works", domain="works.example")


def test_a_slip_in_the_year_is_no_expectation(rep: Client, accepted: Prospect) -> None:
    for day in ("1900-12-01", "9999-12-01"):
        made = send(rep, f"prospects/{accepted.pk}/deals/", {"title": "Gauges", "expected_on": day})
        assert made.status_code == 422 and "within ten years" in made.content.decode()
    page = rep.post(
        reverse("staff-deal-new", args=[accepted.pk]),
        {"title": "x", "expected_on": "9999-12-01", "currency": "CHF"},
    )
    assert page.status_code == 422 and "within ten years" in page.content.decode()
    assert not Deal.objects.exists()


def test_a_deal_from_money_in_sight_to_a_customer(rep: Client, accepted: Prospect, sam: Any) -> None:
    body = {"title": "Gauges", "amount": "1200.50", "currency": "chf", "expected_on": "2026-12-01"}
    made = send(rep, f"prospects/{accepted.pk}/deals/", body)
    deal = made.json()
    assert (made.status_code, deal["amount"], deal["status"]) == (201, "1200.50", "open")
    changed = send(rep, f"deals/{deal['id']}/change/", {"amount": 900}).json()
    assert (changed["amount"], changed["title"], changed["expected_on"]) == ("900.00", "Gauges", "2026-12-01")
    assert refused(send(rep, f"deals/{deal['id']}/won/")) == (422, "refused")  # nobody has talked to them
    talk(accepted, sam)
    won = send(rep, f"deals/{deal['id']}/won/").json()
    assert (won["status"], [move["to"] for move in won["moves"]]) == ("won", ["open", "won"])
    assert rep.get(f"{API}prospects/{accepted.pk}/").json()["stage"] == "won"
    assert refused(send(rep, f"deals/{deal['id']}/won/")) == (409, "conflict")
    assert Deal.objects.count() == 1
    assert [row["id"] for row in rep.get(f"{API}deals/?state=won").json()["results"]] == [deal["id"]]


def test_a_repeat_with_its_key_answers_with_the_first_deal(rep: Client, accepted: Prospect) -> None:
    key, address = {"HTTP_IDEMPOTENCY_KEY": "d1"}, f"prospects/{accepted.pk}/deals/"
    first, again = (send(rep, address, {"title": "Gauges", "amount": 5}, **key).json() for _n in range(2))
    assert (first["id"], Deal.objects.count()) == (again["id"], 1)
    assert refused(send(rep, address, {"title": "Other"}, **key)) == (422, "key_reused")


def test_a_deal_alone_is_lost_with_a_reason_and_the_cycle_goes_on(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    deal = a_deal(accepted, sam)
    assert refused(send(rep, f"deals/{deal.pk}/lost/")) == (422, "invalid")
    lost = send(rep, f"deals/{deal.pk}/lost/", {"reason": "price"}).json()
    assert (lost["status"], lost["reason"]) == ("lost", "price")
    assert Prospect.objects.get(pk=accepted.pk).is_open


def test_products_stay_when_other_terms_change(rep: Client, accepted: Prospect, sam: Any) -> None:
    deal, gauge = a_deal(accepted, sam), Product.objects.create(name="Gauge", price=100)
    line = Line(product=gauge, quantity=Decimal(3), price=Decimal(100))
    change_deal(
        deal=deal, by=sam, at=TUESDAY, title="x", amount=None, currency="CHF", expected_on=None, lines=[line]
    )
    told = send(rep, f"deals/{deal.pk}/change/", {"title": "Three gauges", "amount": 1}).json()
    assert (told["title"], told["amount"], len(told["lines"])) == ("Three gauges", "300.00", 1)


@pytest.mark.parametrize("verb", ["", "change/", "won/", "lost/", "fields/"])
def test_anothers_deal_is_not_there(verb: str, client: Client, sam: Any, sara: Any, maya: Any) -> None:
    hers = a_deal(make_inbound(sara), sara)
    for user, expected in ((sam, (404, "not_found")), (maya, (403, "permission_denied"))):
        client.force_login(user)
        for pk in (hers.pk, 10**9):
            ask = send if verb else lambda client, address: client.get(f"{API}{address}")
            assert refused(ask(client, f"deals/{pk}/{verb}")) == expected
    client.force_login(sam)
    assert client.get(f"{API}deals/").json()["results"] == []
    assert refused(send(client, f"prospects/{hers.prospect_id}/deals/", {"title": "x"})) == (404, "not_found")
    hers.refresh_from_db()
    assert (hers.status, Deal.objects.count()) == ("open", 1)


def test_accounts_are_found_by_name_owner_and_target(rep: Client, sam: Any, works: Company) -> None:
    mine = Account.objects.create(company=works, owner=sam, is_target=True)
    other = Account.objects.create(company=Company.objects.create(name="Anvil"))
    for query, found in (
        ("", [other.pk, mine.pk]),
        ("?q=orks", [mine.pk]),
        ("?whose=mine", [mine.pk]),
        ("?show=targets", [mine.pk]),
    ):
        assert [row["id"] for row in rep.get(f"{API}accounts/{query}").json()["results"]] == found
    first = rep.get(f"{API}accounts/?limit=1").json()
    assert rep.get(first["next"]).json()["results"][0]["id"] == mine.pk
    assert refused(rep.get(f"{API}accounts/?whose=team")) == (400, "unknown_filter")


def test_of_an_account_one_sees_the_people_one_works_on(
    client: Client, sam: Any, sara: Any, works: Company
) -> None:
    account = Account.objects.create(company=works)
    mine = make_inbound(sam, make_person(company=works))
    hers = make_inbound(sara, make_person(company=works))
    for user, seen in ((sam, {mine.person_id}), (sara, {mine.person_id, hers.person_id})):
        client.force_login(user)
        one = client.get(f"{API}accounts/{account.pk}/").json()
        assert {person["id"] for person in one["people"]} == seen


def test_an_account_is_changed_by_its_owner_and_given_away_by_a_manager(
    client: Client, sam: Any, sara: Any, works: Company
) -> None:
    parent = Company.objects.create(name="Group")
    Company.objects.create(name="Group")  # of the same name: it is not looked up again by it
    works.parent = parent
    works.save()
    account = Account.objects.create(company=works, owner=sam)
    address = f"accounts/{account.pk}/change/"
    client.force_login(sam)
    changed = send(client, address, {"tier": "1", "is_target": True}).json()
    assert (changed["tier"], changed["is_target"], changed["owner"]["id"]) == ("1", True, sam.pk)
    assert refused(send(client, address, {"owner": sara.pk})) == (422, "refused")
    client.force_login(sara)
    assert send(client, address, {"tier": "2"}).json()["owner"]["id"] == sam.pk
    given = send(client, address, {"owner": sara.pk}).json()
    assert (given["owner"]["id"], given["tier"], given["parent"]) == (sara.pk, "2", "Group")
    client.force_login(sam)
    assert refused(send(client, address, {"tier": "3"})) == (403, "permission_denied")
    account.refresh_from_db()
    assert (account.tier, account.is_target) == ("2", True)


def test_a_buying_role_is_kept_and_taken_away(rep: Client, sam: Any, works: Company) -> None:
    account, person = Account.objects.create(company=works), make_person(company=works)
    make_inbound(sam, person)
    one = send(rep, f"accounts/{account.pk}/roles/", {"person": person.pk, "role": "champion"}).json()
    assert one["people"][0]["role"] == "champion" and "champion" not in one["missing_roles"]
    send(rep, f"accounts/{account.pk}/roles/", {"person": person.pk, "role": ""})
    assert not BuyingRole.objects.exists()
    stranger = make_person()
    assert refused(
        send(rep, f"accounts/{account.pk}/roles/", {"person": stranger.pk, "role": "user"})
    ) == (422, "invalid")  # fmt: skip
