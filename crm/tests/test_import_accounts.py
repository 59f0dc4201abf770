"""Accounts and products of another system: families, blanks, twins, undo, and the lines of its opportunities."""

from decimal import Decimal

import pytest

from campaigns.errors import Refused
from campaigns.models import CustomField
from crm.importing.columns.mapping import MappingError
from crm.importing.columns.mapping_file import parse
from crm.importing.undo import undo_import
from crm.models import ImportRun
from crm.roles import MARKETING, OPERATOR, SALES, make_user
from crm.tests.importing import NOW, dump, read
from leads.models import Company
from prospects.models import Account, Deal, DealLine, Product

pytestmark = pytest.mark.django_db

ACCOUNTS = parse(
    {
        "kind": "account",
        "source": "old",
        "columns": {
            "name": "name",
            "parent": "of",
            "size": "people",
            "domain": "web",
            "founded_year": "since",
        },
        "industry": {"column": "sector", "values": {"fod": "food"}},
        "country": {"column": "place", "values": {"Korea": "KR"}},
        "facts": {"revenue": "revenue"},
    },
    name="accounts",
)
HEADER = "name,of,people,web,since,sector,place,revenue"
PRODUCTS = parse(
    {"kind": "product", "source": "old", "columns": {"name": "name", "price": "price"}}, name="products"
)
PIPELINE = {
    "kind": "opportunity",
    "source": "old",
    "history": True,
    "id": "id",
    "at": {"column": "since", "format": "%Y-%m-%d"},
    "state": {"column": "state", "values": {"won": "won", "open": "open"}},
    "columns": {"account": "account", "amount": "amount", "product": "product", "closed": "closed"},
}
OPPORTUNITIES = parse(PIPELINE, name="opportunities")


def a_file(folder, name, *lines):
    path = folder / f"{name}.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def accounts(folder, *lines, **asked):
    return read(a_file(folder, "accounts", HEADER, *lines), ACCOUNTS, **asked)


def products(folder, *lines, **asked):
    return read(a_file(folder, "products", "name,price", *lines), PRODUCTS, **asked)


def opportunities(folder, *lines):
    header = "id,since,state,account,amount,product,closed"
    return read(a_file(folder, "opportunities", header, *lines), OPPORTUNITIES)


def company(name):
    return Company.objects.get(name=name)


def take_back(kind):
    undo_import(run=ImportRun.objects.get(kind=kind), by=None, at=NOW)


def test_an_account_is_a_company_with_what_the_file_says_of_it(tmp_path):
    counts, told = accounts(tmp_path, 'Acme,,"2,822",https://www.acme.test/about,1996,fod,Korea,1100.04')
    acme = company("Acme")
    assert (counts["created"], told) == (1, {})
    assert (acme.industry, acme.size, acme.founded_year, acme.country) == ("food", 2822, 1996, "KR")
    assert (acme.domain, acme.custom) == ("acme.test", {"revenue": "1100.04"})
    assert Account.objects.get().company == acme


def test_a_parent_may_come_later_in_the_file_or_not_at_all(tmp_path):
    counts, _told = accounts(tmp_path, "Child,Acme,,,,,,", "Orphan,Nowhere,,,,,,", "Acme,,7,,,,,")
    assert (counts["created"], counts["refused"]) == (3, 0)
    assert (company("Child").parent, company("Orphan").parent.name) == (company("Acme"), "Nowhere")
    assert company("Acme").size == 7
    assert set(Account.objects.values_list("company__name", flat=True)) == {"Child", "Orphan", "Acme"}


def test_the_same_file_again_adds_nothing(tmp_path):
    line = "Child,Acme,5,child.test,1990,food,Germany,3"
    accounts(tmp_path, line, "Acme,,7,,,,,")
    before = dump()
    counts, _told = accounts(tmp_path, line, "Acme,,7,,,,,")
    assert (counts["known"], counts["created"], counts["changed"], dump() == before) == (2, 0, 0, True)


def test_blanks_are_filled_and_what_stands_there_stays(tmp_path):
    Company.objects.create(name="ACME", size=5, custom={"revenue": "9"})
    counts, _told = accounts(tmp_path, "Acme,,7,,1996,food,Germany,1")
    acme = company("ACME")
    assert (counts["changed"], Company.objects.count()) == (1, 1)
    assert (acme.size, acme.founded_year, acme.custom) == (5, 1996, {"revenue": "9"})


def test_a_company_is_known_by_its_domain_whatever_it_is_called(tmp_path):
    Company.objects.create(name="acme.test", domain="acme.test")
    accounts(tmp_path, "Acme,,7,acme.test,,,,", "Acme Ltd,,,acme.test,1990,,,")
    assert (Company.objects.get().size, Company.objects.get().founded_year) == (7, 1990)


def test_what_cannot_be_read_is_left_out_and_told(tmp_path):
    CustomField.objects.create(entity="company", key="revenue", label="Revenue", kind="number")
    counts, told = accounts(
        tmp_path,
        "Acme,,many,gmail.com,soon,food,Atlantis,much",
        ",Acme,5,,1990,food,Germany,3",
        "Beta,,1,,,food,,",
    )
    assert (counts["created"], counts["refused"], counts["flagged"]) == (2, 1, 1)
    for word in ("people: not a number", "since: not a year", "place: no country", "Revenue: not a number"):
        assert word in told[2]
    assert "free mailbox" in told[2]
    assert (company("Acme").domain, company("Acme").custom) == (None, {})
    assert "name: empty" in told[3]


def test_a_ring_of_parents_is_told_and_not_made(tmp_path):
    _counts, told = accounts(tmp_path, "A,B,,,,,,", "B,A,,,,,,")
    assert (company("A").parent, company("B").parent) == (company("B"), None)
    assert "belongs to it" in told[3]


def test_another_parent_here_stays_and_is_told(tmp_path):
    old = Company.objects.create(name="Old")
    Company.objects.create(name="Child", parent=old)
    _counts, told = accounts(tmp_path, "Child,New,,,,,,")
    assert (company("Child").parent, "another parent" in told[2]) == (old, True)


def test_a_dry_run_counts_the_same_and_leaves_nothing(tmp_path):
    accounts(tmp_path, "First,,,,,,,")
    before = dump()
    lines = ("Child,Acme,5,,,,,", "Acme,,7,,,,,", "First,Acme,,,,,,")
    dry, _told = accounts(tmp_path, *lines, dry_run=True)
    assert dump() == before
    counts, _told = accounts(tmp_path, *lines)
    assert {**dry, "seconds": 0} == {**counts, "seconds": 0}


def test_an_undo_takes_back_the_companies_the_family_and_the_blanks(tmp_path):
    old = Company.objects.create(name="Old", custom={"note": "ours"})
    products(tmp_path, "GTX,1")  # the campaign of the tests is there from now on
    before = dump()
    accounts(tmp_path, "Child,Acme,5,,,,,", "Acme,,7,,,,,", "Old,Acme,9,old.test,1950,food,Germany,3")
    old.refresh_from_db()
    assert (old.size, old.custom) == (9, {"note": "ours", "revenue": "3"})
    take_back("account")
    assert dump() == before


def test_companies_that_deals_stand_on_outlive_the_undo(tmp_path):
    accounts(tmp_path, "Acme,,7,,,,,", "Beta,,,,,,,")
    opportunities(tmp_path, "1,2024-01-01,won,Acme,10,,2024-02-01")
    take_back("account")
    assert list(Company.objects.values_list("name", flat=True)) == ["Acme"]


def test_products_are_known_by_letters_and_digits_and_their_price_here_stays(tmp_path):
    counts, _told = products(tmp_path, "GTX Pro,4821", "MG Special,55")
    assert counts["created"] == 2
    Product.objects.filter(code="GTXPRO").update(price=5)
    counts, told = products(tmp_path, "GTXPro,4821", "MG Special,55")
    assert (counts["known"], Product.objects.get(code="GTXPRO").price) == (2, 5)
    assert list(told) == [2]


def test_a_product_made_by_hand_under_another_code_is_known_by_its_name(tmp_path):
    Product.objects.create(name="GTX Pro", code="A-1", price=4821)
    counts, told = products(tmp_path, "GTXPro,4821")
    assert (counts["known"], told, Product.objects.count()) == (1, {}, 1)


LINES = (
    "1,2024-01-01,won,Acme,10,GTXPro,2024-02-01",
    "2,2024-01-01,open,Acme,,GTX Pro,",
    "3,2024-01-01,open,,5,Else,",
)


@pytest.mark.parametrize("first", ["products", "opportunities"])
def test_opportunities_carry_their_product_in_either_order(tmp_path, first):
    steps = [lambda: products(tmp_path, "GTX Pro,4821"), lambda: opportunities(tmp_path, *LINES)]
    for step in steps if first == "products" else reversed(steps):
        step()
    line = DealLine.objects.get()  # without an amount there is nothing a line could say
    assert (line.deal.external_id, line.product.name, line.price) == ("1", "GTX Pro", Decimal(10))
    assert line.deal.custom == {"product": "GTXPro"}
    assert Deal.objects.get(external_id="3").custom == {"product": "Else"}
    opportunities(tmp_path, *LINES)
    assert DealLine.objects.count() == 1


def test_the_deals_own_fields_take_values_in_their_form(tmp_path):
    CustomField.objects.create(entity="deal", key="units", label="Units", kind="number")
    mapping = parse({**PIPELINE, "facts": {"units": "units"}}, name="opportunities")
    header = "id,since,state,account,amount,product,closed,units"
    lines = ("1,2024-01-01,open,Acme,10,,,many", '2,2024-01-01,open,Acme,10,,,"1,000"')
    _counts, told = read(a_file(tmp_path, "opportunities", header, *lines), mapping)
    assert "Units: not a number" in told[2]
    assert [deal.custom for deal in Deal.objects.order_by("external_id")] == [{}, {"units": "1000"}]


def test_an_undo_of_products_takes_the_lines_it_gave_and_no_deal(tmp_path):
    opportunities(tmp_path, *LINES)
    before = dump()
    products(tmp_path, "GTX Pro,4821")
    take_back("product")
    assert dump() == before


def test_products_that_deals_hold_are_not_taken_back(tmp_path):
    products(tmp_path, "GTX Pro,4821")
    opportunities(tmp_path, *LINES)
    with pytest.raises(Refused):
        take_back("product")
    take_back("opportunity")
    take_back("product")
    assert not Product.objects.exists()


@pytest.mark.parametrize("kind", ["accounts", "products"])
def test_they_need_the_right_to_import_what_sales_own(tmp_path, kind):
    step = {"accounts": accounts, "products": products}[kind]
    line = {"accounts": "Acme,,,,,,,", "products": "GTX,5"}[kind]
    for role in (MARKETING, SALES):
        with pytest.raises(Refused):
            step(tmp_path, line, by=make_user(username=role, role=role))
    assert step(tmp_path, line, by=make_user(username="o", role=OPERATOR))[0]["created"] == 1


@pytest.mark.parametrize(
    "tables",
    [
        {"kind": "account", "columns": {"size": "people"}},
        {"kind": "product", "columns": {"name": "name"}},
        {"kind": "product", "columns": {"name": "name", "price": "p"}, "country": {"column": "c"}},
    ],
)
def test_a_mapping_says_what_a_row_is_about(tables):
    with pytest.raises(MappingError):
        parse(tables, name="m")
