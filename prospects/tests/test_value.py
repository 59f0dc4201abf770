"""What a customer is worth: revenue of the first months, and means of those whose months have passed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import Channel
from leads.models import Company, Lead, Touch
from prospects.models import Account, Deal, Prospect
from prospects.money.value import cohorts, value_of_accounts, value_of_person
from prospects.months import moment_months_later
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person

pytestmark = pytest.mark.django_db


def sold(prospect: Prospect | None, amount: int | None, days: float, **columns: Any) -> Deal:
    at = later(days=days)
    return Deal.objects.create(
        prospect=prospect, amount=amount, status="won", opened_at=at, closed_at=at, **columns
    )


def test_a_month_later_is_the_same_day_or_the_last_one_of_a_shorter_month() -> None:
    leap = datetime(2024, 1, 31, 9, tzinfo=UTC)
    assert moment_months_later(leap, 1) == datetime(2024, 2, 29, 9, tzinfo=UTC)
    assert moment_months_later(leap, 12) == datetime(2025, 1, 31, 9, tzinfo=UTC)


def test_value_is_what_was_bought_within_the_horizon(cold: Prospect) -> None:
    for amount, days in ((100, -900), (10, -540), (1, -10)):
        sold(cold, amount, days)
    value = value_of_person(cold.person_id, at=TUESDAY)
    assert value is not None
    assert (value.purchases, value.ever) == (3, 111)
    assert [(one.months, one.amount, one.is_whole) for one in value.horizons] == [
        (12, 110, True),
        (24, 110, True),
    ]


def test_a_horizon_that_has_not_passed_is_said_to_run(cold: Prospect) -> None:
    sold(cold, 100, -400)
    value = value_of_person(cold.person_id, at=TUESDAY)
    assert value is not None
    assert [one.is_whole for one in value.horizons] == [True, False]


def test_a_sale_without_an_amount_and_a_lost_deal_are_no_value(cold: Prospect) -> None:
    sold(cold, None, -10)
    Deal.objects.create(prospect=cold, amount=9, status="lost", closed_at=TUESDAY)
    assert value_of_person(cold.person_id, at=TUESDAY) is None


def test_deals_of_an_account_count_with_or_without_a_person(company: Company, sam: Any) -> None:
    prospect = make_cold(sam, make_person(company=company))
    assert prospect.account is not None
    sold(prospect, 5, -3)
    sold(None, 7, -2, account=prospect.account)
    value = value_of_accounts([prospect.account_id or 0], at=TUESDAY)
    assert value is not None
    assert (value.ever, value.purchases, value.first_at) == (12, 2, later(days=-3))


def test_cohorts_are_means_of_whole_horizons_by_the_first_source(sam: Any) -> None:
    channel = Channel.objects.get(slug="referral")
    for days, amount in ((-800, 100), (-800, 300), (-30, 9000)):
        prospect = make_inbound(sam, make_person())
        touch = Touch.objects.create(person=prospect.person, kind="visit", channel=channel, at=TUESDAY)
        Lead.objects.filter(person=prospect.person).update(first_touch=touch)
        sold(prospect, amount, days)
    account = Account.objects.create(company=Company.objects.create(name="Imported"))
    sold(None, 50, -800, account=account)
    sold(None, 50, -700, account=account)
    found = {cohort.source: cohort for cohort in cohorts(at=TUESDAY)}
    assert (found["Referral"].customers, found["Referral"].repeat) == (3, 0)
    assert found["Referral"].means == [(12, Decimal(200), 2), (24, Decimal(200), 2)]
    assert (found[""].customers, found[""].repeat, found[""].means[0]) == (1, 1, (12, Decimal(100), 1))
