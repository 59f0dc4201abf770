"""Deals and families of companies, two people at once. On whatever database runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from leads.models import Company
from prospects.accounts import set_parent
from prospects.models import Deal, DealMove
from prospects.money.deals import close_lost, close_won, open_deal
from prospects.tests.conftest import TUESDAY, make_cold, reason
from prospects.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_a_win_and_a_loss_of_one_deal_one_counts(sam: Any) -> None:
    deal = open_deal(prospect=make_cold(sam), title="Once", amount=Decimal(9), by=sam, at=TUESDAY)
    one, two = Deal.objects.get(pk=deal.pk), Deal.objects.get(pk=deal.pk)
    results = at_once(
        lambda: close_won(deal=one, by=sam, at=TUESDAY),
        lambda: close_lost(deal=two, reason=reason("price"), by=sam, at=TUESDAY),
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Deal"]
    assert DealMove.objects.filter(deal=deal).count() == 2


def test_two_changes_at_once_close_no_ring() -> None:
    one, two = (Company.objects.create(name=name) for name in ("One", "Two"))
    results = at_once(
        lambda: set_parent(company=Company.objects.get(pk=one.pk), parent=Company.objects.get(pk=two.pk)),
        lambda: set_parent(company=Company.objects.get(pk=two.pk), parent=Company.objects.get(pk=one.pk)),
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Refused"]
    assert Company.objects.exclude(parent=None).count() == 1
