"""Won, lost, a new deal, and a cold contact entered by hand."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead, Person
from prospects.models import Deal, Prospect
from prospects.tests.conftest import make_cold, make_person, talk


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def ready(accepted: Prospect, sam: Any) -> Prospect:
    talk(accepted, sam)
    return accepted


def test_won_asks_the_amount(rep: Client, ready: Prospect) -> None:
    answer = rep.post(reverse("staff-won", args=[ready.pk]), {"currency": "CHF"})
    assert answer.status_code == 422
    assert Prospect.objects.get(pk=ready.pk).is_open


def test_won_closes_the_cycle_with_the_amount(rep: Client, ready: Prospect) -> None:
    form = {"amount": "64000", "currency": "CHF", "title": "Two stations"}
    assert rep.post(reverse("staff-won", args=[ready.pk]), form).status_code == 302
    assert Prospect.objects.get(pk=ready.pk).stage.slug == "won"
    assert Deal.objects.get(prospect=ready).amount == 64000


def test_won_twice_is_won_once(rep: Client, ready: Prospect) -> None:
    form = {"amount": "64000", "currency": "CHF"}
    codes = [rep.post(reverse("staff-won", args=[ready.pk]), form).status_code for _n in range(2)]
    assert codes == [302, 409]
    assert Deal.objects.filter(prospect=ready).count() == 1


def test_won_before_the_facts_says_what_is_missing(rep: Client, accepted: Prospect) -> None:
    answer = rep.post(reverse("staff-won", args=[accepted.pk]), {"amount": "5", "currency": "CHF"})
    assert answer.status_code == 422
    assert "need, confirmed" in answer.content.decode()


def test_lost_keeps_the_reason(rep: Client, accepted: Prospect) -> None:
    assert rep.post(reverse("staff-lost", args=[accepted.pk]), {"reason": "price"}).status_code == 302
    prospect = Prospect.objects.get(pk=accepted.pk)
    assert (prospect.stage.slug, prospect.reason.slug) == ("lost", "price")


def test_a_deal_sent_twice_is_one_deal(rep: Client, accepted: Prospect) -> None:
    form = {"title": "One station", "amount": "1000", "currency": "CHF", "submit_key": str(uuid.uuid4())}
    for _n in range(2):
        assert rep.post(reverse("staff-deal-new", args=[accepted.pk]), form).status_code == 302
    assert Deal.objects.filter(prospect=accepted).count() == 1


GROUND = {"source": "Their website", "basis": "interest", "basis_note": "They buy what we make."}


def test_a_cold_contact_makes_no_lead(rep: Client, sam: Any) -> None:
    form = {
        **GROUND,
        "last_name": "Neuer",
        "email": "neuer@firma.example",
        "company": "Firma",
        "submit_key": str(uuid.uuid4()),
    }
    codes = [rep.post(reverse("staff-cold-new"), form).status_code for _n in range(2)]
    assert codes == [302, 302]
    prospect = Prospect.objects.get(person__email_key="neuer@firma.example")
    assert (prospect.owner, prospect.origin) == (sam, "outbound")
    assert not Lead.objects.filter(person=prospect.person).exists()


def test_a_cold_contact_needs_something_that_finds_them_again(rep: Client) -> None:
    answer = rep.post(reverse("staff-cold-new"), {"last_name": "Neuer"})
    assert answer.status_code == 422
    assert not Person.objects.filter(last_name="Neuer").exists()


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"phone": "call me"}])
def test_a_key_that_is_none_comes_back_with_the_reason(wrong: dict[str, str], rep: Client) -> None:
    answer = rep.post(reverse("staff-cold-new"), {"last_name": "Neuer", **GROUND, **wrong})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_a_colleagues_contact_says_only_whose_it_is(rep: Client, sara: Any) -> None:
    hers = make_cold(sara, make_person(email_key="theirs@firma.example", email="theirs@firma.example"))
    answer = rep.post(
        reverse("staff-cold-new"), {"last_name": "X", "email": "theirs@firma.example", **GROUND}
    )
    page = answer.content.decode()
    assert "Exists, owned by Sara Lindqvist." in page
    assert hers.person.name not in page


def test_somebody_much_alike_is_asked_about_once_and_not_named(rep: Client, sara: Any) -> None:
    theirs = {"first_name": "Karoline", "last_name": "Sommerfeldt", "company_name": "Firma"}
    make_cold(sara, make_person(email_key="k@firma.example", email="k@firma.example", **theirs))
    form = {
        "first_name": "Karoline", "last_name": "Sommerfeldt", "company": "Firma", "email": "karoline@firma.example",
        "submit_key": str(uuid.uuid4()), **GROUND,
    }  # fmt: skip
    answer = rep.post(reverse("staff-cold-new"), form)
    page = answer.content.decode()
    assert (answer.status_code, "exists already, owned by Sara Lindqvist" in page) == (422, True)
    assert "k@firma.example" not in page
    assert 'type="checkbox" name="sure"' in page
    for _press in range(2):
        assert rep.post(reverse("staff-cold-new"), form | {"sure": "on"}).status_code == 302
    assert Person.objects.filter(email_key="karoline@firma.example").count() == 1
