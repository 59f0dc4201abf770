"""/staff/search/: found as far as one may see; else only that it exists and whose it is."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from leads.models import Company
from prospects.tests.conftest import make_cold, make_inbound, make_person

SEARCH = "/staff/search/?q="


def found(client: Client, words: str) -> list[Any]:
    return client.get(SEARCH + words).context["found"]


def test_search_is_for_those_who_may_see_people(
    client: Client, maya: Any, sam: Any, vera: Any, nora: Any
) -> None:
    for user, status in ((maya, 200), (sam, 200), (vera, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(SEARCH + "ada").status_code == status, user


def test_an_own_prospect_opens_its_page(client: Client, sam: Any) -> None:
    mine = make_cold(sam, make_person(last_name="Weber"))
    client.force_login(sam)
    assert [one.url for one in found(client, "web")] == [reverse("staff-person", args=[mine.pk])]


def test_a_colleagues_prospect_says_only_whose_it_is(client: Client, sam: Any, sara: Any) -> None:
    make_cold(sara, make_person(last_name="Weber", job_title="Head of quality"))
    client.force_login(sam)
    (one,) = found(client, "weber")
    assert (one.url, one.about) == ("", "exists, owned by Sara Lindqvist")
    assert "Head of quality" not in client.get(SEARCH + "weber").content.decode()


def test_marketing_opens_the_lead(client: Client, maya: Any, sam: Any) -> None:
    prospect = make_inbound(sam, make_person(last_name="Weber"))
    client.force_login(maya)
    assert [one.url for one in found(client, "weber")] == [reverse("staff-lead", args=[prospect.person_id])]


def test_a_company_opens_its_account(client: Client, sam: Any) -> None:
    company = Company.objects.create(name="Oderland Gear Works")
    cycle = make_cold(sam, make_person(company=company, company_name=company.name))
    client.force_login(sam)
    assert reverse("staff-account", args=[cycle.account_id]) in [one.url for one in found(client, "gear")]


def test_an_empty_answer_says_what_to_try(client: Client, sam: Any) -> None:
    client.force_login(sam)
    assert "No person and no company has this name." in client.get(SEARCH + "nobody").content.decode()
