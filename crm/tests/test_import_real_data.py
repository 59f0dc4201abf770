"""Two real exports, read from where REAL_DATA points: the funnel says what a count straight from the CSV says."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from django.db import transaction

from crm.reports.funnel import funnel
from crm.tests.importing import NOW, dump, read, ready
from leads.models import Lead, LeadMove
from prospects.models import Prospect

pytestmark = pytest.mark.django_db
DATA = Path(os.environ["REAL_DATA"])
MQLS = DATA / "olist-funnel" / "olist_marketing_qualified_leads_dataset.csv"
DEALS = DATA / "olist-funnel" / "olist_closed_deals_dataset.csv"
STUDENTS = DATA / "x-education" / "leads_train.csv"
NOT_OURS = {"": "not-recorded", "direct_traffic": "direct"}


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def olist(django_db_setup, django_db_blocker):
    """Leads and deals imported once for all tests of this file, and taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield [read(MQLS, ready("olist-funnel")), read(DEALS, ready("olist-deals"))]
        transaction.set_rollback(True)


@pytest.fixture
def education():
    return read(STUDENTS, ready("x-education"), slug="school")


def test_every_lead_and_every_deal_of_olist_goes_in(olist):
    (leads, _), (deals, told) = olist
    assert (leads["created"], deals["created"], deals["flagged"]) == (len(rows(MQLS)), len(rows(DEALS)), 1)
    assert list(told.values()) == ["won before the first contact"]


def test_conversion_in_all_and_by_origin_equals_the_csv(olist):
    won = {row["mql_id"] for row in rows(DEALS)}
    came = Counter(row["origin"] for row in rows(MQLS))
    sold = Counter(row["origin"] for row in rows(MQLS) if row["mql_id"] in won)
    report = funnel(at=NOW, campaign="old")
    assert (report.together.leads, report.together.won) == (came.total(), sold.total())
    assert len(came) == 11
    assert {line.key: (line.leads, line.won) for line in report.channels} == {
        NOT_OURS.get(origin, origin.replace("_", "-")): (number, sold[origin])
        for origin, number in came.items()
    }


def test_olists_visits_are_not_measured_and_the_odd_deal_is_out_of_the_medians(olist):
    report = funnel(at=NOW, campaign="old")
    assert report.step("visits").measured is False
    assert report.out_of_order == 1
    assert 0 < report.step("won").days < 60


def test_olist_again_changes_no_row(olist):
    before = dump()
    assert read(MQLS, ready("olist-funnel"))[0]["known"] == len(rows(MQLS))
    assert read(DEALS, ready("olist-deals"))[0]["known"] == len(rows(DEALS))
    assert dump() == before


def test_nobody_of_olist_waits_for_a_handover_or_a_first_call(olist):
    assert not LeadMove.objects.filter(new="marketing_qualified", handed_at=None).exists()
    assert not Prospect.objects.open().exists()


def test_x_education_converts_as_in_the_csv_in_the_order_of_its_numbers(education):
    counts, told = education
    found = rows(STUDENTS)
    won = sum(row["Converted"] == "1" for row in found)
    assert (counts["created"], counts["won"], told) == (len(found), won, {})
    report = funnel(at=NOW, campaign="school").together
    assert (report.leads, report.won) == (len(found), won)
    assert funnel(at=NOW, campaign="school").step("won").days is None
    ours = Lead.objects.filter(first_touch__campaign__slug="school")
    assert Counter(ours.values_list("status", flat=True)) == {"customer": won, "nurturing": len(found) - won}
    order = ours.order_by("created_at").values_list("person__external_refs__external_id", flat=True)
    assert list(order) == sorted((row["Lead Number"] for row in found), key=int)
