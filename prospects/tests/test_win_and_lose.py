"""A cycle ends won with an amount, or lost with a reason; money and lead follow in the same transaction."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from campaigns.errors import Conflict, Refused
from prospects import pipeline
from prospects.models import Deal, Prospect
from prospects.money import deals
from prospects.signals import deal_closed
from prospects.tests.conftest import TUESDAY, later, reason, talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def qualified(accepted: Prospect, sam: Any) -> Prospect:
    talk(accepted, sam)
    return pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=later(hours=1))


def win(prospect: Prospect, by: Any, amount: Any = Decimal(12000), **more: Any) -> Prospect:
    return pipeline.win(prospect=prospect, amount=amount, by=by, at=later(days=2), **more)


def test_winning_makes_the_deal_and_the_customer(qualified: Prospect, sam: Any) -> None:
    win(qualified, sam, title="Four sensors")
    deal, lead = Deal.objects.get(), qualified.lead_move.lead
    lead.refresh_from_db()
    assert (deal.status, deal.amount, deal.title, deal.closed_at) == (
        "won",
        12000,
        "Four sensors",
        later(days=2),
    )
    assert (qualified.stage.kind, lead.status) == ("won", "customer")
    assert [move.new for move in deal.moves.all()] == ["open", "won"]


@pytest.mark.parametrize("amount", [None, Decimal(0)])
def test_without_an_amount_nothing_is_won(qualified: Prospect, sam: Any, amount: Any) -> None:
    with pytest.raises(Refused) as no:
        win(qualified, sam, amount)
    assert no.value.missing == ["a deal with an amount"] and not Deal.objects.exists()


def test_an_amount_below_zero_is_refused(qualified: Prospect, sam: Any) -> None:
    with pytest.raises(Refused):
        win(qualified, sam, Decimal(-1))


def test_the_open_deal_is_won_at_the_final_amount(qualified: Prospect, sam: Any) -> None:
    deal = deals.open_deal(prospect=qualified, title="Pilot", amount=Decimal(9000), by=sam, at=TUESDAY)
    win(qualified, sam, Decimal(8000))
    deal.refresh_from_db()
    assert (deal.status, deal.amount, deal.base_amount, deal.title) == ("won", 8000, 8000, "Pilot")


def test_winning_twice_makes_one_deal_and_one_signal(qualified: Prospect, sam: Any) -> None:
    heard: list[int] = []

    def listen(sender: Any, deal_id: int, **_: Any) -> None:
        heard.append(deal_id)

    deal_closed.connect(listen)
    try:
        win(qualified, sam)
        with pytest.raises(Conflict, match="Won"):
            win(qualified, sam)
    finally:
        deal_closed.disconnect(listen)
    assert heard == [Deal.objects.get().pk]


@override_settings(CURRENCY="CHF")
def test_a_foreign_sum_uses_the_last_known_rate_or_asks_for_one(qualified: Prospect, sam: Any) -> None:
    with pytest.raises(Refused) as no:
        win(qualified, sam, currency="USD")
    assert no.value.missing == ["a rate to CHF"]
    Deal.objects.create(amount=1, currency="USD", rate=Decimal("0.9"), rate_on=TUESDAY.date())
    win(qualified, sam, currency="USD")
    assert qualified.deals.get().base_amount == Decimal("10800.00")


def test_losing_needs_a_reason_of_its_list_and_marketing_hears_it(qualified: Prospect, sam: Any) -> None:
    with pytest.raises(Refused) as no:
        pipeline.lose(prospect=qualified, reason=reason("student"), by=sam, at=TUESDAY)
    assert no.value.missing == ["a reason"]
    deal = deals.open_deal(prospect=qualified, title="Pilot", amount=Decimal(9000), by=sam, at=TUESDAY)
    pipeline.lose(prospect=qualified, reason=reason("price"), by=sam, at=later(days=3))
    deal.refresh_from_db()
    qualified.lead_move.lead.refresh_from_db()
    assert (qualified.stage.slug, qualified.verdict, deal.status) == ("lost", "accepted", "lost")
    assert qualified.lead_move.lead.status == "nurturing"


def test_an_unjudged_handover_cannot_be_lost(inbound: Prospect, sam: Any) -> None:
    with pytest.raises(Refused) as no:
        pipeline.lose(prospect=inbound, reason=reason("price"), by=sam, at=TUESDAY)
    assert no.value.missing == ["a verdict on the handover"]


def test_a_deal_is_won_or_lost_once(qualified: Prospect, sam: Any) -> None:
    deal = deals.open_deal(prospect=qualified, title="Pilot", amount=Decimal(9000), by=sam, at=TUESDAY)
    deals.close_won(deal=deal, by=sam, at=TUESDAY)
    with pytest.raises(Conflict, match="won"):
        deals.close_lost(deal=deal, reason=reason("price"), by=sam, at=TUESDAY)


def test_a_deal_form_sent_twice_makes_one_deal(qualified: Prospect, sam: Any) -> None:
    key = "0b0f6f0e-6c0a-4f0e-9df5-6c2f8a1d9f01"
    first, second = (
        deals.open_deal(prospect=qualified, title="Pilot", by=sam, at=TUESDAY, submit_key=key)
        for _ in range(2)
    )
    assert first == second


def test_only_the_owner_or_a_manager_closes(
    qualified: Prospect, sam: Any, sara: Any, maya: Any, nora: Any
) -> None:
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            win(qualified, stranger)
    assert not win(qualified, sara).is_open
