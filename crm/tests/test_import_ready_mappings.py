"""Each ready mapping reads a small file of the shape that its vendor's export has. The files are made up."""

from pathlib import Path

import pytest

from crm.importing.columns.mapping_file import FOLDER, from_text, load
from crm.importing.columns.remembered import offers
from crm.tests.importing import read, ready
from leads.models import Fact, Lead, PastActivity, Person, Suppression
from leads.timeline import lead_timeline
from prospects.models import Deal
from prospects.tests.prospecting import a_list

pytestmark = pytest.mark.django_db
EXPORTS = Path(__file__).parent / "exports"
VENDORS = [path.stem for path in sorted(FOLDER.glob("*.toml")) if (EXPORTS / f"{path.stem}.csv").exists()]
# What must be there before: deals and activities are of people.
FIRST = {
    "hubspot-deals": "hubspot-contacts",
    "hubspot-calls": "hubspot-contacts",
    "mautic-activity": "mautic-contacts",
    "pipedrive-deals": "pipedrive-people",
    "pipedrive-activities": "pipedrive-people",
    "salesforce-opportunities": "salesforce-contacts",
    "salesforce-tasks": "salesforce-contacts",
}


def bring(name):
    mapping = ready(name)
    asked = {"prospecting_list": a_list()} if mapping.kind == "cold_contact" else {}
    return read(EXPORTS / f"{name}.csv", mapping, **asked)


def test_every_ready_mapping_of_a_vendor_has_its_file():
    without = {path.stem for path in FOLDER.glob("*.toml")} - set(VENDORS)
    assert without == {
        "crm-accounts",
        "crm-opportunities",
        "crm-products",
        "olist-deals",
        "olist-funnel",
        "x-education",
        "zoho-calls",
        "zoho-leads",
    }


@pytest.mark.parametrize("name", VENDORS)
def test_nothing_of_the_file_is_refused_and_a_second_time_nothing_is_new(name):
    if name in FIRST:
        bring(FIRST[name])
    counts, told = bring(name)
    assert (counts["refused"], [why for why in told.values() if "stays out" in why]) == (0, [])
    assert counts["created"] >= 1
    again, _told = bring(name)
    assert (again["created"], again["changed"]) == (0, 0)


@pytest.mark.parametrize("name", VENDORS)
def test_the_mapping_is_offered_for_its_file_and_equals_its_text(name):
    header = (EXPORTS / f"{name}.csv").read_text().splitlines()
    columns = next(line for line in header if line.count(",") > 0 and '"' not in line).split(",")
    assert name in [offer.name for offer in offers(columns)]
    mapping = load(FOLDER / f"{name}.toml")
    assert from_text(mapping.text, name=name) == mapping


def test_a_contact_of_hubspot_becomes_a_lead_with_its_facts():
    bring("hubspot-opt-outs")
    bring("hubspot-contacts")
    ada = Person.objects.get(email_key="ada@works.example")
    assert (ada.name, ada.company_name, ada.phone_key) == ("Ada Nordin", "Works AB", "+46812345600")
    assert ada.lead.created_at.isoformat() == "2024-08-14T06:00:00+00:00"
    assert ada.external_refs.get().external_id == "501"
    assert Fact.objects.get(person=ada, field="hubspot_stage").value == "Lead"
    assert (Suppression.objects.count(), Lead.objects.count()) == (1, 2)


def test_deals_keep_their_status_and_dates_and_a_deal_without_a_person_its_company():
    bring("hubspot-contacts")
    bring("hubspot-deals")
    won, is_open = Deal.objects.order_by("external_id")
    assert (won.status, str(won.amount), won.prospect.person.first_name) == ("won", "12500.50", "Ada")
    assert (won.closed_at.isoformat(), won.prospect.stage.slug) == ("2024-10-01T12:00:00+00:00", "won")
    assert (is_open.status, is_open.prospect, is_open.account.company.name) == ("open", None, "Works AB")
    assert (str(is_open.expected_on), won.account) == ("2027-03-01", is_open.account)
    assert Lead.objects.get(person__first_name="Ada").status == "customer"


def test_an_opportunity_without_person_and_company_stays_blank_and_is_listed():
    bring("salesforce-contacts")
    _counts, told = bring("salesforce-opportunities")
    assert told == {3: "no company named"}
    assert Deal.objects.get(external_id="0062").account is None


@pytest.mark.parametrize("name", ["hubspot-calls", "pipedrive-activities", "salesforce-tasks"])
def test_calls_stand_on_the_timeline_as_history(name):
    bring(FIRST[name])
    bring(name)
    call = PastActivity.objects.get()
    assert (call.kind, call.subject, call.person.first_name) == ("call", "First call", "Ada")
    assert call.text.startswith("Wants 40 sensors")
    line = next(line for line in lead_timeline(call.person) if line.said == call.text)
    assert (line.what, line.side, line.at) == ("Call", "ours", call.at)


def test_bounces_and_opt_outs_keep_their_reason_and_date():
    bring("mautic-opt-outs")
    rows = Suppression.objects.order_by("at").values_list("reason", "evidence", "at__day")
    assert list(rows) == [
        ("imported", "import mautic-opt-outs, mautic, mautic-opt-outs.csv", 1),
        ("bounced", "import mautic-opt-outs, mautic, mautic-opt-outs.csv", 2),
    ]


def test_connections_are_people_and_no_leads():
    bring("linkedin-connections")
    assert (Person.objects.get().name, Lead.objects.count()) == ("Ada Nordin", 0)
