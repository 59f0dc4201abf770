"""A list and a form say the same of a person; a list of known people is a touch and a notice, never a second lead."""

from csv import writer

import pytest
from django.db import transaction

from campaigns.models import CustomField
from crm.importing.columns.mapping import MappingError
from crm.importing.columns.mapping_file import parse
from crm.tests.importing import NOW, a_file, read
from leads.answers import plain
from leads.capture import capture
from leads.identity import BadAddress, email_key
from leads.models import Fact, Lead, LeadMove, Person, Touch, WorkRequest
from leads.tests.builders import a_page
from leads.tracking import VisitContext
from prospects.defaults import install
from prospects.prospecting.by_hand import enter_cold
from prospects.prospecting.ground import Ground
from prospects.tests.prospecting import a_list

pytestmark = pytest.mark.django_db
PLAIN = {"kind": "lead", "source": "fair", "columns": {"email": "mail"}}
COLUMNS = {
    "email": "E-mail",
    "first_name": "First",
    "last_name": "Last",
    "company_name": "Company",
    "job_title": "Title",
    "phone": "Phone",
    "country": "Country",
}
SAME = (
    "email",
    "email_key",
    "phone",
    "phone_key",
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "country",
)
TYPED = [
    ["Ann@Corp.Example", "Ann", "Lee", "Corp Ltd", "CTO", "+41 44 668 18 00", "CH"],
    ["zoë@corp.example", "Zoë", "Ø", "", "", "044 668 18 01", "CH"],
    ["jo\u0301@corp.example", "Jo\u0301", "Null", "C\u0007orp", "", "", ""],
    ["x@MÜNCHEN.example", " Blank ", "D\u2019Angelo", "A  B", "", "0044 20 7946 0000", ""],
    ["no address", "A", "B", "", "", "+41 44 668 18 02", ""],
    ["@corp.example", "A", "B", "", "", "", ""],
]


def by_form(row):
    names = ("email", "first_name", "last_name", "company", "job_title", "phone", "country")
    answers = {name: plain(cell) for name, cell in zip(names, row, strict=True) if plain(cell)}
    try:
        email_key(answers["email"])
    except BadAddress:
        return None
    done = capture(page=a_page(), answers=answers, consents=[], visit=VisitContext(), nonce="n", at=NOW)
    return {name: getattr(Person.objects.get(pk=done.person.pk), name) for name in SAME}


def by_import(tmp_path, row):
    path = tmp_path / "one.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer(file).writerows([list(COLUMNS.values()), row])
    mapping = parse({"kind": "lead", "source": "fair", "columns": COLUMNS}, name="fair")
    read(path, mapping)
    person = Person.objects.order_by("-pk").first()
    return {name: getattr(person, name) for name in SAME} if person else None


@pytest.mark.parametrize("row", TYPED, ids=range(len(TYPED)))
def test_the_same_person_by_form_and_by_import_is_the_same_row(tmp_path, row):
    with transaction.atomic():
        imported = by_import(tmp_path, row)
        transaction.set_rollback(True)
    assert Person.objects.count() == 0
    assert imported == by_form(row)


def test_a_known_lead_on_a_list_is_a_touch_once_and_no_second_lead(tmp_path):
    mapping = parse(PLAIN, name="fair")
    path = a_file(tmp_path, "ann@corp.example", header="mail")
    read(path, mapping, slug="first")
    counts, _told = read(path, mapping, slug="fair")
    again, _told = read(path, mapping, slug="fair")
    assert (counts["changed"], again["known"], Lead.objects.count()) == (1, 1, 1)
    assert [touch.campaign.slug for touch in Touch.objects.order_by("pk")] == ["first", "fair"]
    assert Lead.objects.get().last_touch.campaign.slug == "fair"
    assert Lead.objects.get().first_touch.campaign.slug == "first"
    assert not WorkRequest.objects.exists()


def test_whom_sales_works_on_is_a_notice_to_the_owner_and_not_qualified(tmp_path, sam):
    install()
    ground = Ground("interest", "They buy what we make.", "Their website")
    prospect = enter_cold(said={"email": "ann@corp.example"}, ground=ground, owner=sam, by=sam, at=NOW)
    path = a_file(tmp_path, "ann@corp.example", header="mail")
    read(path, parse(PLAIN, name="fair"))
    read(path, parse(PLAIN, name="fair"))
    request = WorkRequest.objects.get()
    assert (request.kind, request.person) == ("list", prospect.person)
    assert (Lead.objects.get().status, LeadMove.objects.filter(new="marketing_qualified").count()) == (
        "new",
        0,
    )


def test_a_cold_contact_is_a_person_without_lead_or_touch(tmp_path):
    cold = parse({**PLAIN, "kind": "cold_contact"}, name="list")
    path = a_file(tmp_path, "ann@corp.example", header="mail")
    counts, _told = read(path, cold, prospecting_list=a_list())
    assert (counts["created"], Person.objects.count()) == (1, 1)
    assert (Lead.objects.count(), Touch.objects.count()) == (0, 0)


def test_custom_fields_are_kept_in_their_one_form_and_a_bad_value_is_left_out(tmp_path):
    CustomField.objects.create(entity="person", key="budget", label="Budget", kind="number")
    mapping = parse({**PLAIN, "columns": {"email": "mail", "custom_budget": "money"}}, name="fair")
    lines = ('a@corp.example,"1,200.50"', "b@corp.example,much")
    counts, told = read(a_file(tmp_path, *lines, header="mail,money"), mapping)
    assert list(Fact.objects.values_list("field", "value")) == [("custom_budget", "1200.50")]
    assert (counts["created"], told) == (2, {3: "Budget: not a number; left out"})


def test_a_list_cannot_set_what_is_not_its_business():
    for column in ("is_staff", "score", "owner", "status", "sales_open", "merged_into", "no_profiling"):
        with pytest.raises(MappingError, match="has no key"):
            parse({**PLAIN, "columns": {"email": "mail", column: "x"}}, name="x")


def test_a_throw_away_mailbox_goes_in_and_is_told(tmp_path):
    path = a_file(tmp_path, "ann@corp.example", "bob@mailinator.com", header="mail")
    counts, told = read(path, parse(PLAIN, name="fair"))
    assert (counts["created"], counts["flagged"]) == (2, 1)
    assert told == {3: "throw-away mailbox: it may be gone tomorrow"}
