"""The funnel of the small world, counted by hand."""

from datetime import date

import pytest

from crm.reports.funnel import funnel
from crm.tests.small_world import NOW, build

pytestmark = pytest.mark.django_db
MARCH = {"start": date(2026, 3, 1), "end": date(2026, 3, 31), "at": NOW}


def counts(report):
    return {step.key: step.count for step in report.steps}


def test_the_cohort_of_march_counts_its_leads_and_what_became_of_them():
    build()
    assert counts(funnel(**MARCH)) == {
        "visits": None,
        "leads": 7,
        "marketing_qualified": 5,
        "accepted": 3,
        "contacted": 2,
        "answered": 1,
        "conversation": 1,
        "meeting_held": 1,
        "sales_qualified": 2,
        "proposal": 2,
        "won": 2,
    }


def test_each_joint_step_says_how_many_came_through_which_mouth():
    build()
    won = funnel(**MARCH).step("won")
    assert (won.inbound, won.outbound, won.count) == (1, 1, 2)


def test_shares_compare_with_the_step_before_and_acceptance_with_the_decided():
    build()
    report = funnel(**MARCH)
    assert report.step("marketing_qualified").of_last == 5 / 7
    assert report.step("accepted").of_last == 3 / 4  # finn has no verdict yet
    assert report.step("answered").of_last == 1 / 2
    assert report.step("sales_qualified").of_last == 2 / (3 + 1)


def test_days_are_medians_since_the_last_step_that_has_a_date():
    build()
    report = funnel(**MARCH)
    assert report.step("marketing_qualified").days == 1.5  # 2, 1, 1, 2; ben's stands on the same instant
    assert report.step("accepted").days == 1  # 1, 3, 1
    assert report.step("sales_qualified").days == 2.5  # anna 4, ida 1
    assert report.step("proposal").days == 3
    assert report.step("won").days == 8.5  # anna 8 after the proposal, ida 9 after qualified


def test_the_event_view_counts_what_happened_in_the_period_whoever_it_was():
    build()
    report = funnel(view="events", **MARCH)
    assert counts(report)["leads"] == 7
    assert counts(report)["marketing_qualified"] == 6  # hugo too
    assert report.step("won").inbound == 2


def test_the_day_ends_at_local_midnight():
    build()
    assert funnel(start=date(2026, 3, 31), end=date(2026, 3, 31), at=NOW).step("leads").count == 1


def test_a_filter_leaves_the_leads_of_one_campaign_and_no_cold_contact():
    build()
    report = funnel(campaign="fair", **MARCH)
    assert (report.step("leads").count, report.step("accepted").count, report.step("contacted").count) == (
        2,
        1,
        0,
    )


def test_the_lines_of_each_table_sum_to_the_total():
    build()
    report = funnel(**MARCH)
    columns = ("leads", "qualified", "decided", "accepted", "sales_qualified", "won", "spend")
    for lines in (report.channels, report.campaigns):
        for column in columns:
            assert sum(getattr(line, column) for line in lines) == getattr(report.together, column), column


def test_a_lead_without_a_touch_stands_on_a_line_of_its_own():
    build()
    assert [(line.key, line.leads) for line in funnel(**MARCH).channels] == [
        ("paid-search", 4),
        ("offline-event", 2),
        ("-", 1),
    ]


def test_costs_of_a_line_use_spend_dated_in_the_period():
    build()
    fair = next(line for line in funnel(**MARCH).campaigns if line.key == "fair")
    assert (fair.cost_per_lead, fair.cost_per_qualified, fair.cost_per_customer) == (45, 45, None)


def test_reasons_are_counted_apart_for_rejected_and_lost():
    build()
    report = funnel(**MARCH)
    assert [(line.key, line.count, line.nurtured) for line in report.rejected] == [("not-now", 1, 1)]
    assert [(line.key, line.count) for line in report.lost] == [("price", 1)]


def test_last_touch_moves_the_credit():
    leads = build()
    fair = leads["emil"].last_touch
    leads["dora"].last_touch = fair
    leads["dora"].save(update_fields=["last_touch"])
    lines = {line.key: line.leads for line in funnel(by="last_touch", **MARCH).campaigns}
    assert lines == {"search": 3, "fair": 3, "-": 1}


def test_a_sale_dated_before_the_lead_is_counted_flagged_and_left_out_of_the_days():
    leads = build()
    leads["anna"].created_at = leads["anna"].created_at.replace(day=25)
    leads["anna"].save(update_fields=["created_at"])
    report = funnel(**MARCH)
    assert (report.out_of_order, report.step("won").inbound) == (1, 1)
    assert report.step("won").days == 9  # ida alone


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_num_queries):
    build()
    with django_assert_num_queries(11):
        funnel(**MARCH)
