"""The pinned numbers of the small world, each by its formula, counted by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.reports.funnel import funnel
from crm.reports.kpis import kpis, marketing_home, sales_ready
from crm.tests.small_world import NOW, build, march
from leads.models import Message
from prospects.models import Prospect

pytestmark = pytest.mark.django_db


def march_kpis():
    build()
    return {kpi.key: kpi for kpi in kpis(funnel(start=date(2026, 3, 1), end=date(2026, 3, 31), at=NOW))}


def test_leads_generated_are_those_who_became_one_in_the_period():
    assert march_kpis()["leads"].value == 7


def test_costs_divide_the_spend_of_the_period_by_the_same_cohort():
    found = march_kpis()
    assert found["cost_per_lead"].part == 390
    assert found["cost_per_lead"].value == Decimal("55.71")  # 390 / 7
    assert found["cost_per_qualified"].value == 78  # 390 / 5
    assert found["cost_per_customer"].value == 390  # anna; ida came through no campaign


def test_rates_carry_their_numerators_and_those_who_are_not_decided():
    found = march_kpis()
    rates = {key: (kpi.part, kpi.whole, kpi.open) for key, kpi in found.items() if kpi.unit == "share"}
    assert rates == {
        "qualification_rate": (5, 7, None),
        "acceptance_rate": (3, 4, 1),  # finn waits
        "sales_qualified_rate": (1, 3, None),
        "conversion": (1, 3, 1),  # ben is open, emil lost
    }


def test_open_ones_count_as_still_running_in_the_time_to_conversion():
    found = march_kpis()["time_to_conversion"]
    # anna took 18 days; ben has been open longer, so the median is reached, nine in ten are not.
    assert (found.value, found.p90, found.whole, found.open) == (18, None, 1, 1)


def test_an_empty_period_says_nothing_instead_of_zero_percent():
    report = funnel(start=date(2020, 1, 1), end=date(2020, 1, 31), at=NOW)
    assert all(kpi.value is None for kpi in kpis(report) if kpi.key != "leads")


def test_a_merged_twin_is_no_second_lead():
    leads = build()
    twin = leads["gina"].person
    twin.merged_into = leads["anna"].person
    twin.save(update_fields=["merged_into"])
    assert funnel(start=date(2026, 3, 1), end=date(2026, 3, 31), at=NOW).together.leads == 6


def test_sales_ready_are_open_handovers_that_nobody_has_touched():
    build()
    found = sales_ready(at=march(13))
    # ben, finn; jon was not handed over. Ben was touched when he was accepted.
    Prospect.objects.filter(accepted_at__isnull=False).update(first_acted_at=march(6))
    found = sales_ready(at=march(13))
    assert (found.waiting, found.unassigned, found.open) == (1, 1, 3)
    assert found.median_hours_unassigned == 24
    assert found.median_hours is None


def test_the_home_tiles_count_today_and_the_mails_that_are_due():
    leads = build()
    at = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
    for number, due in enumerate((at, at + timedelta(minutes=1))):
        Message.objects.create(
            key=f"one:{number}",
            message_id=f"<{number}@x>",
            kind="one",
            person=leads["ben"].person,
            due_at=due,
        )
    home = marketing_home(at=at)
    assert (home.leads_today, home.sends_waiting, home.worker_late) == (2, 1, True)
    assert home.machine_share is None
