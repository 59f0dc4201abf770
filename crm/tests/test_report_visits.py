"""Visits: human hits on pages by the latest verdict; machines apart; "not measured" where there are none."""

from datetime import date

import pytest

from crm.reports.funnel import funnel
from crm.reports.rows import rows
from crm.reports.scope import Scope
from crm.tests.small_world import NOW, a_campaign, march
from leads.models import Hit, Verdict

pytestmark = pytest.mark.django_db
MARCH = {"start": date(2026, 3, 1), "end": date(2026, 3, 31)}


def a_hit(visitor, *verdicts, kind="page", **columns):
    hit = Hit.objects.create(kind=kind, at=march(5), visitor_key=visitor, **columns)
    for version, verdict in enumerate(verdicts, 1):
        Verdict.objects.create(hit=hit, version=version, verdict=verdict)


def test_a_visitor_counts_once_and_machines_do_not():
    a_hit("a", "human")
    a_hit("a", "human")
    a_hit("b", "human", kind="read")
    a_hit("c", "machine")
    a_hit("d")  # not judged yet
    a_hit("e", "human", kind="open")
    report = funnel(**MARCH, at=NOW)
    assert report.step("visits").count == 2
    assert report.machine_share == 1 / 5


def test_the_latest_verdict_counts():
    a_hit("a", "human", "machine")
    a_hit("b", "machine", "human")
    assert funnel(**MARCH, at=NOW).step("visits").count == 1


def test_machines_alone_are_zero_visits_but_no_hit_at_all_is_not_measured():
    assert funnel(**MARCH, at=NOW).step("visits").count is None
    a_hit("a", "machine")
    assert funnel(**MARCH, at=NOW).step("visits").count == 0


def test_visits_of_a_campaign_are_those_of_its_own_hits():
    a_hit("a", "human", campaign=a_campaign("search", "paid-search"))
    a_hit("b", "human")
    assert funnel(**MARCH, campaign="search", at=NOW).step("visits").count == 1
    assert funnel(**MARCH, channel="paid-search", at=NOW).step("visits").measured is False


def test_the_rows_behind_the_visits_are_visitors_without_an_address(maya):
    a_hit("a", "human", ip="192.0.2.1")
    a_hit("a", "human", ip="192.0.2.1")
    (part,) = rows(key="visits", scope=Scope(**MARCH), user=maya).parts
    assert [set(row) for row in part.queryset] == [{"visitor_key", "first", "last", "hits"}]
    assert (part.number, part.hidden) == (1, 0)
