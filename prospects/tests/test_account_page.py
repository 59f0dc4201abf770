"""Accounts: names open to all of sales, people as far as they are one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import Company
from prospects.models import Account
from prospects.tests.conftest import make_cold, make_inbound, make_person


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def test_the_list_names_every_account(rep: Client, company: Company, sara: Any) -> None:
    make_inbound(sara, make_person(company=company))
    assert company.name in rep.get("/staff/accounts/").content.decode()


def test_a_colleagues_person_is_named_with_the_owner_only(
    rep: Client, company: Company, sara: Any, sam: Any
) -> None:
    hers, mine = make_person(company=company), make_person(company=company)
    theirs = make_cold(sara, hers)
    own = make_cold(sam, mine)
    page = rep.get(reverse("staff-account", args=[own.account_id])).content.decode()
    assert reverse("staff-person", args=[own.pk]) in page
    assert reverse("staff-person", args=[theirs.pk]) not in page
    assert "exists, owned by Sara Lindqvist" in page


def test_the_search_of_the_list_is_kept_in_the_address(rep: Client, company: Company, sam: Any) -> None:
    make_cold(sam, make_person(company=company))
    assert rep.get("/staff/accounts/?q=wor").context["total"] == 1
    assert rep.get("/staff/accounts/?q=nothing").context["total"] == 0


def test_the_number_of_queries_does_not_grow(rep: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            rep.get("/staff/accounts/")
        return len(seen)

    Account.objects.create(company=Company.objects.create(name="First"))
    few = queries()
    for number in range(6):
        Account.objects.create(company=Company.objects.create(name=f"Works {number}"))
    assert queries() == few
