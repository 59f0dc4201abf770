"""Past sales of leads that were imported before."""

from datetime import UTC, datetime

import pytest

from crm.reports.funnel import funnel
from crm.tests.importing import NOW, a_file, dump, read, ready
from leads.models import Lead, LeadMove
from prospects.models import Deal, Prospect

pytestmark = pytest.mark.django_db
HEADER = (
    "mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,lead_type,lead_behaviour_profile,has_company,has_gtin,"
    "average_stock,business_type,declared_product_catalog_size,declared_monthly_revenue"
)


def a_deal(ref, won):
    return f"{ref},s,d,r,{won},pet,online_big,cat,,,,reseller,,0.0"


def with_leads(tmp_path, *rows):
    lines = [f"{ref},{day},page,social" for ref, day in rows]
    read(
        a_file(tmp_path, *lines, header="mql_id,first_contact_date,landing_page_id,origin"),
        ready("olist-funnel"),
    )


def deals(tmp_path, *lines):
    return read(a_file(tmp_path, *lines, header=HEADER), ready("olist-deals"))


def test_a_deal_makes_a_won_cycle_from_the_first_contact_to_the_sale(tmp_path):
    with_leads(tmp_path, ("a", "2018-02-01"))
    deals(tmp_path, a_deal("a", "2018-03-01 12:00:00"))
    prospect, lead = Prospect.objects.get(), Lead.objects.get()
    assert prospect.opened_at == lead.created_at == datetime(2018, 2, 1, 2, tzinfo=UTC)
    assert (prospect.closed_at, prospect.verdict) == (datetime(2018, 3, 1, 12, tzinfo=UTC), "accepted")
    assert (lead.status, prospect.lead_move.new) == ("customer", "marketing_qualified")
    assert prospect.custom["business_segment"] == "pet"


def test_a_sale_before_the_first_contact_is_kept_flagged_and_out_of_the_medians(tmp_path):
    with_leads(tmp_path, ("a", "2018-02-01"), ("b", "2018-02-01"))
    counts, told = deals(tmp_path, a_deal("a", "2018-01-20 00:00:00"), a_deal("b", "2018-02-11 02:00:00"))
    assert (counts["created"], counts["flagged"], told) == (2, 1, {2: "won before the first contact"})
    report = funnel(at=NOW)
    assert (report.step("won").count, report.out_of_order, report.step("won").days) == (2, 1, 10)
    moves = LeadMove.objects.filter(lead__person__external_refs__external_id="a").order_by("at", "pk")
    assert [move.new for move in moves] == ["new", "marketing_qualified", "customer"]


def test_a_deal_of_nobody_known_is_told_and_the_rest_goes_in(tmp_path):
    with_leads(tmp_path, ("a", "2018-02-01"))
    _counts, told = deals(tmp_path, a_deal("x", "2018-03-01 12:00:00"), a_deal("a", "2018-03-01 12:00:00"))
    assert told == {2: "nobody of olist has this id; import the leads first"}
    assert Deal.objects.count() == 1


def test_the_same_deals_again_change_no_row(tmp_path):
    with_leads(tmp_path, ("a", "2018-02-01"))
    deals(tmp_path, a_deal("a", "2018-03-01 12:00:00"))
    before = dump()
    counts, _told = deals(tmp_path, a_deal("a", "2018-03-01 12:00:00"))
    assert (counts["known"], dump()) == (1, before)
