"""Two more real exports, read from where REAL_DATA points: 8,800 opportunities of a seller, and leads with calls."""

import csv
import os
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest
from django.db import transaction

from crm.tests.importing import NOW, dump, read, ready
from leads.models import Company, Lead, PastActivity, Person
from prospects.models import Deal, DealMove, Prospect
from prospects.money.figures import deal_figures

pytestmark = pytest.mark.django_db
DATA = Path(os.environ["REAL_DATA"])
PIPELINE = DATA / "crm-opportunities" / "sales_pipeline.csv"
LEADS, CALLS = (DATA / "zoho-crm-export" / f"{name}.csv" for name in ("Leads", "Calls"))
SAYS = {"Prospecting": "open", "Engaging": "open", "Won": "won", "Lost": "lost"}


def rows(path):
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def day(written):
    return datetime.strptime(written, "%m/%d/%Y").replace(tzinfo=UTC) if written else None


@pytest.fixture(scope="module")
def pipeline(django_db_setup, django_db_blocker):
    """Imported once for all tests of this file, and taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield read(PIPELINE, ready("crm-opportunities"))
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def zoho(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield [read(LEADS, ready("zoho-leads")), read(CALLS, ready("zoho-calls"))]
        transaction.set_rollback(True)


def test_every_opportunity_is_stored_and_what_the_file_lacks_is_told(pipeline):
    counts, told = pipeline
    found = rows(PIPELINE)
    assert (counts["read"], counts["created"], counts["refused"]) == (len(found), len(found), 0)
    assert Deal.objects.count() == len(found) == 8800
    lacking = {
        line: bool(not row["engage_date"]) + bool(not row["account"]) for line, row in enumerate(found, 2)
    }
    assert set(told) == {line for line, lacks in lacking.items() if lacks}
    assert sum("no date in the file" in why for why in told.values()) == sum(
        not row["engage_date"] for row in found
    )
    assert sum("no company named" in why for why in told.values()) == sum(not row["account"] for row in found)


def test_each_opportunity_has_its_stage_dates_and_history(pipeline):
    kept = {deal.external_id: deal for deal in Deal.objects.select_related("account__company")}
    moves = defaultdict(list)
    for deal, old, new, at, imported in DealMove.objects.order_by("at", "pk").values_list(
        "deal__external_id", "old", "new", "at", "imported"
    ):
        assert imported
        moves[deal].append((old, new, at))
    for row in rows(PIPELINE):
        deal, status = kept[row["opportunity_id"]], SAYS[row["deal_stage"]]
        began, ended = day(row["engage_date"]) or NOW, day(row["close_date"])
        assert (deal.status, deal.opened_at, deal.closed_at) == (status, began, ended)
        assert (deal.custom["stage"], deal.custom["agent"]) == (row["deal_stage"], row["sales_agent"])
        assert deal.amount == (Decimal(row["close_value"]) if row["close_value"] else None)
        assert (deal.account.company.name if deal.account else "") == row["account"]
        told = [("", "open", began)] + ([("open", status, ended)] if ended else [])
        assert moves[row["opportunity_id"]] == told


def test_win_rate_median_time_to_close_and_value_per_agent_equal_the_csv(pipeline):
    found = rows(PIPELINE)
    closed = [row for row in found if row["close_date"]]
    days = [(day(row["close_date"]) - day(row["engage_date"])).days for row in closed]
    won = [row for row in found if row["deal_stage"] == "Won"]
    value = Counter()
    for row in won:
        value[row["sales_agent"]] += int(row["close_value"])
    counted = deal_figures(Deal.objects.all())
    assert counted.together.win_rate == len(won) / len(closed)
    assert counted.together.days_to_close == median(days)
    assert {agent: line.value for agent, line in counted.lines.items() if line.won} == value
    assert len(value) == 30
    by_agent = Counter(row["sales_agent"] for row in closed)
    won_by = Counter(row["sales_agent"] for row in won)
    assert {agent: line.win_rate for agent, line in counted.lines.items()} == {
        agent: won_by[agent] / number for agent, number in by_agent.items()
    }
    assert (round(counted.together.win_rate, 4), counted.together.days_to_close) == (0.6315, 45)
    assert counted.together.value == 10_005_534


def test_the_same_file_again_adds_nothing(pipeline):
    before = dump()
    counts, _told = read(PIPELINE, ready("crm-opportunities"))
    assert (counts["known"], counts["created"], dump() == before) == (8800, 0, True)


def test_opportunities_make_no_people_no_cycles_and_one_company_a_name(pipeline):
    assert (Person.objects.count(), Prospect.objects.count()) == (0, 0)
    named = {row["account"] for row in rows(PIPELINE)} - {""}
    assert set(Company.objects.values_list("name", flat=True)) == named


def test_every_lead_of_zoho_is_stored_or_told(zoho):
    (counts, told), _calls = zoho
    found = rows(LEADS)
    refused = [why for why in told.values() if "stays out" in why]
    assert counts["read"] == len(found) == counts["created"] + counts["refused"] + counts["repeated"]
    assert (counts["refused"], counts["repeated"], refused) == (0, 0, [])
    first = Lead.objects.get(person__external_refs__external_id="4563", person__external_refs__source="zoho")
    assert first.created_at == datetime(2021, 4, 15, 0, 3, tzinfo=UTC)
    assert not Prospect.objects.exists()  # "converted" there is no sale


def test_calls_of_zoho_stand_with_their_lead_and_the_others_are_told_by_line(zoho):
    _leads, (counts, told) = zoho
    found, known = rows(CALLS), {row["LEADID"] for row in rows(LEADS)}
    ours = [row for row in found if row["LEADID"] in known]
    assert (counts["created"], counts["refused"]) == (len(ours), len(found) - len(ours))
    assert len(told) == counts["refused"]
    assert PastActivity.objects.count() == len(ours)
    one = PastActivity.objects.get(external_id=ours[0]["TASKID"])
    assert one.at == datetime.fromisoformat(ours[0]["Call Start Time"]).replace(tzinfo=UTC)
    assert one.who == ours[0]["Call Owner"]
