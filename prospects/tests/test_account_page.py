"""Accounts: names open to all of sales, people as far as they are one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import Company, LeadScore, ScoringModel
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


def scored_at(company: Company, *theirs: tuple[Any, str, str, int, int]) -> str:
    """One inbound prospect each: owner, last name, grade, fit, engagement. Returns the account's page."""
    for owner, name, grade, fit, engagement in theirs:
        prospect = make_inbound(owner, make_person(company=company, last_name=name))
        LeadScore.objects.filter(lead__person=prospect.person).update(
            grade=grade, fit=fit, engagement=engagement, model=ScoringModel.objects.get(state="live")
        )
    return reverse("staff-account", args=[prospect.account_id])


def test_the_companys_score_names_ones_own_people_and_counts_the_others(
    client: Client, company: Company, sara: Any, sam: Any
) -> None:
    where = scored_at(
        company,
        (sara, "Hers", "A3", 80, 20),
        (sara, "Also", "C4", 30, 5),
        (sam, "Mine", "B2", 60, 45),
    )
    for user, names, others in ((sam, ["Mine"], 2), (sara, ["Also", "Hers", "Mine"], 0)):
        client.force_login(user)
        context = client.get(where).context
        assert (context["score"].grade, context["score"].engagement) == ("A1", 70)
        shown = [line["person"].last_name for line, _share in context["shares"].lines]
        assert (sorted(shown), context["shares"].others) == (sorted(names), others)


def test_the_only_other_person_of_a_company_is_not_given_away_by_the_sum(
    client: Client, company: Company, sara: Any, sam: Any
) -> None:
    where = scored_at(company, (sara, "Hers", "A3", 80, 21), (sam, "Mine", "B2", 60, 46))
    client.force_login(sam)
    answer = client.get(where)
    score = answer.context["score"]
    assert (score.grade, score.fit, score.engagement, score.by_grade) == ("B2", 60, 46, [("B2", 1)])
    assert "One other person is scored, but not counted here" in answer.content.decode()
    client.force_login(sara)
    score = client.get(where).context["score"]
    assert (score.grade, score.engagement, score.hidden) == ("A1", 67, 0)


def test_the_only_scored_person_is_a_colleagues(
    client: Client, company: Company, sara: Any, sam: Any
) -> None:
    where = scored_at(company, (sara, "Hers", "A3", 80, 21))
    client.force_login(sam)
    answer = client.get(where)
    assert answer.context["score"].grade == ""
    assert "somebody else’s prospect" in answer.content.decode()


def test_an_account_without_a_scored_person_says_so(rep: Client, company: Company, sam: Any) -> None:
    own = make_cold(sam, make_person(company=company))
    page = rep.get(reverse("staff-account", args=[own.account_id])).content.decode()
    assert "Nobody here is scored yet" in page


def test_an_owner_who_left_stays_until_somebody_says_otherwise(
    client: Client, company: Company, sam: Any, sara: Any
) -> None:
    account = make_cold(sam, make_person(company=company)).account
    Account.objects.filter(pk=account.pk).update(owner=sam)
    sam.is_active = False
    sam.save()
    client.force_login(sara)
    address = reverse("staff-account-change", args=[account.pk])
    chosen = client.get(address).context["form"]["owner"].value()
    assert chosen == sam.pk
    assert client.post(address, {"tier": "1", "owner": chosen}).status_code == 302
    assert (Account.objects.get(pk=account.pk).tier, Account.objects.get(pk=account.pk).owner) == ("1", sam)
    client.post(address, {"tier": "1", "owner": ""})
    assert Account.objects.get(pk=account.pk).owner is None
    assert client.post(address, {"tier": "1", "owner": sam.pk}).status_code == 422
