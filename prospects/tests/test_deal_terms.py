"""What an open deal says, who takes part in it, and what a customer buys again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from campaigns.errors import Conflict, Refused
from leads.models import Company
from prospects.models import Account, BuyingRole, Deal, DealMove, DealPerson, Product, Prospect
from prospects.money.deals import close_lost, close_won, deals_of, open_deal
from prospects.money.terms import Line, change_deal, deals_with, join_deal, joinable, leave_deal, total_of
from prospects.pipeline import lose, win
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, reason, talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def probe() -> Product:
    return Product.objects.create(name="Probe", code="P-1", price=Decimal("120.50"))


@pytest.fixture
def deal(cold: Prospect, sam: Any) -> Deal:
    return open_deal(prospect=cold, title="Station", amount=Decimal(900), by=sam, at=TUESDAY)


def changed(deal: Deal, by: Any, **terms: Any) -> Deal:
    said = {"title": "Station", "amount": Decimal(900), "currency": deal.currency, "expected_on": None}
    return change_deal(deal=deal, by=by, at=TUESDAY, **(said | terms))


def test_the_amount_of_a_deal_with_products_is_their_sum(deal: Deal, probe: Product, sam: Any) -> None:
    line = Line(product=probe, quantity=Decimal(4), price=Decimal("100.25"))
    assert changed(deal, sam, amount=Decimal(1), lines=[line]).amount == Decimal("401.00")
    assert changed(deal, sam, amount=Decimal(77)).amount == Decimal(77)
    assert not deal.lines.exists()


cents = some.decimals(0, 10_000, places=2)


@given(some.lists(some.tuples(cents, cents), max_size=5))
def test_a_sum_is_exact_to_the_cent_of_the_whole(rows: list[tuple[Decimal, Decimal]]) -> None:
    lines = [Line(product=Product(), quantity=many, price=price) for many, price in rows]
    assert abs(total_of(lines) - sum(many * price for many, price in rows)) <= Decimal("0.005")


@pytest.mark.parametrize("wrong", [{"amount": Decimal(-1)}, {"currency": "XXX"}])
def test_what_no_deal_can_say_is_refused(wrong: dict[str, Any], deal: Deal, sam: Any) -> None:
    with pytest.raises(Refused):
        changed(deal, sam, **wrong)
    deal.refresh_from_db()
    assert (deal.amount, deal.title) == (Decimal(900), "Station")


def test_a_deal_is_changed_by_its_owner_and_a_manager_only(
    deal: Deal, sam: Any, sara: Any, maya: Any
) -> None:
    for who in (sam, sara):
        assert changed(deal, who, title=who.username).title == who.username
    with pytest.raises(Refused):
        changed(deal, maya)


def test_a_deal_that_was_closed_meanwhile_stays_as_it_was(deal: Deal, sam: Any) -> None:
    close_lost(deal=deal, reason=reason("price"), by=sam, at=TUESDAY)
    with pytest.raises(Conflict, match="lost"):
        changed(deal, sam, amount=Decimal(5))


def test_one_deal_of_several_is_lost_and_the_cycle_goes_on(deal: Deal, cold: Prospect, sam: Any) -> None:
    other = open_deal(prospect=cold, title="Another", by=sam, at=TUESDAY)
    close_lost(deal=deal, reason=reason("price"), by=sam, at=TUESDAY)
    cold.refresh_from_db()
    assert cold.is_open
    assert list(cold.deals.filter(status="open")) == [other]


def test_the_chosen_deal_is_won_with_the_cycle(accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    old, new = (
        open_deal(prospect=accepted, title=title, amount=Decimal(5), by=sam, at=TUESDAY)
        for title in ("old", "new")
    )
    win(prospect=accepted, deal=old, amount=Decimal(7), by=sam, at=later(hours=1))
    assert dict(Deal.objects.values_list("pk", "status")) == {old.pk: "won", new.pk: "open"}


def won(prospect: Prospect, by: Any) -> Prospect:
    talk(prospect, by)
    return win(prospect=prospect, amount=Decimal(100), by=by, at=later(hours=1))


def test_a_customer_buys_again_and_each_sale_is_its_own_deal(accepted: Prospect, sam: Any) -> None:
    customer = won(accepted, sam)
    again = open_deal(prospect=customer, title="Again", amount=Decimal(50), by=sam, at=later(days=30))
    close_won(deal=again, by=sam, at=later(days=31))
    assert list(Deal.objects.filter(status="won").values_list("amount", flat=True)) == [50, 100]
    assert [move.new for move in DealMove.objects.filter(deal=again)] == ["open", "won"]
    customer.refresh_from_db()
    assert (customer.stage.slug, customer.closed_at) == ("won", later(hours=1))


def test_who_was_lost_has_no_new_deal_on_the_old_cycle(accepted: Prospect, sam: Any) -> None:
    lose(prospect=accepted, reason=reason("price"), by=sam, at=TUESDAY)
    with pytest.raises(Conflict):
        open_deal(prospect=accepted, title="Again", by=sam, at=later(days=1))


# A second person of the same company.


@pytest.fixture
def second(company: Company, sam: Any) -> tuple[Deal, Prospect]:
    """An open deal with one person of the company, and another person's cycle."""
    first, other = (make_inbound(sam, make_person(company=company)) for _n in range(2))
    return open_deal(prospect=first, title="Line", amount=Decimal(9), by=sam, at=TUESDAY), other


def test_a_second_person_takes_part_and_the_money_counts_once(
    second: tuple[Deal, Prospect], sam: Any
) -> None:
    deal, other = second
    assert joinable(other) == [deal]
    for _press in range(2):
        join_deal(deal=deal, prospect=other, role="champion", by=sam, at=TUESDAY)
    assert [(row.person, row.role) for row in DealPerson.objects.all()] == [(other.person, "champion")]
    assert BuyingRole.objects.get().role == "champion"
    assert Deal.objects.count() == 1
    assert joinable(other) == []
    assert deals_with(other) == [deal]


def test_who_took_part_may_leave_again(second: tuple[Deal, Prospect], sam: Any) -> None:
    deal, other = second
    join_deal(deal=deal, prospect=other, role="user", by=sam, at=TUESDAY)
    assert [leave_deal(deal=deal, person=other.person, by=sam) for _press in range(2)] == [True, False]


def test_nobody_joins_a_strangers_deal_nor_one_elsewhere_nor_a_closed_one(
    second: tuple[Deal, Prospect], sam: Any, sara: Any, cold: Prospect
) -> None:
    deal, other = second
    hers = make_inbound(sara, make_person(company=other.person.company))
    theirs = open_deal(prospect=hers, title="Hers", by=sara, at=TUESDAY)
    for wrong, who in ((theirs, other), (deal, cold), (deal, hers)):
        with pytest.raises(Refused):
            join_deal(deal=wrong, prospect=who, role="user", by=sam, at=TUESDAY)
    close_lost(deal=deal, reason=None, by=sam, at=TUESDAY)
    with pytest.raises(Conflict):
        join_deal(deal=deal, prospect=other, role="user", by=sam, at=TUESDAY)
    assert not DealPerson.objects.exists()


def test_a_deal_of_a_company_alone_is_its_account_owners(
    company: Company, sam: Any, sara: Any, maya: Any
) -> None:
    account = Account.objects.create(company=company, owner=sam)
    deal = Deal.objects.create(account=account, amount=Decimal(3), status="open")
    assert [list(deals_of(who)) for who in (sam, sara, maya)] == [[deal], [deal], []]
    Account.objects.filter(pk=account.pk).update(owner=None)
    deal = Deal.objects.get(pk=deal.pk)
    assert not deals_of(sam).exists()
    with pytest.raises(Refused):
        close_won(deal=deal, by=sam, at=TUESDAY)
    assert close_won(deal=deal, by=sara, at=TUESDAY).status == "won"


def test_the_deals_of_a_colleague_are_not_seen(sam: Any, sara: Any, maya: Any) -> None:
    for who in (sam, sara):
        open_deal(prospect=make_cold(who), title=who.username, by=who, at=TUESDAY)
    seen = [sorted(deals_of(who).values_list("title", flat=True)) for who in (sam, sara, maya)]
    assert seen == [["sam"], ["sam", "sara"], []]
