"""The seller's accounts, products and 8,800 opportunities in either order, against a count from the CSVs."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from django.db.models import Count, Sum

from crm.tests.importing import read, ready
from leads.models import Company
from prospects.models import Account, Deal, DealLine, Product

pytestmark = pytest.mark.django_db
DATA = Path(os.environ["REAL_DATA"]) / "crm-opportunities"
FILES = {"crm-accounts": "accounts", "crm-products": "products", "crm-opportunities": "sales_pipeline"}


def rows(name):
    with (DATA / f"{FILES[name]}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("order", [list(FILES), list(reversed(FILES))], ids=["first", "last"])
def test_accounts_products_and_opportunities_meet_in_either_order(order):
    for name in order:
        counts, told = read(DATA / f"{FILES[name]}.csv", ready(name))
        assert (counts["read"], counts["refused"]) == (len(rows(name)), 0)
        assert name == "crm-opportunities" or told == {}
    accounts = {row["account"]: row for row in rows("crm-accounts")}
    assert (Company.objects.count(), Account.objects.count(), Product.objects.count()) == (85, 85, 7)
    for company in Company.objects.select_related("parent"):
        said = accounts[company.name]
        assert (company.size, company.founded_year) == (int(said["employees"]), int(said["year_established"]))
        assert company.custom == {"revenue_million_usd": said["revenue"]}
        assert (company.parent.name if company.parent else "") == said["subsidiary_of"]
        assert company.industry == said["sector"].replace("technolgy", "technology")
        assert company.country
    spelt = {"GTXPro": "GTX Pro"}
    priced = [row for row in rows("crm-opportunities") if row["close_value"]]
    count = Counter(spelt.get(row["product"], row["product"]) for row in priced)
    value = Counter()
    for row in priced:
        value[spelt.get(row["product"], row["product"])] += int(row["close_value"])
    lines = DealLine.objects.values("product__name").annotate(n=Count("pk"), sum=Sum("price"))
    assert {line["product__name"]: (line["n"], line["sum"]) for line in lines} == {
        name: (count[name], value[name]) for name in count
    }
    by_account = Counter(row["account"] for row in rows("crm-opportunities"))
    found = Deal.objects.order_by().values_list("account__company__name").annotate(n=Count("pk"))
    assert {name or "": n for name, n in found} == by_account
    assert sum(by_account.values()) == 8800
