"""Who may open the rep's pages, and whose prospects are not found."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prospects.models import Prospect
from prospects.tests.conftest import make_inbound, talk

LISTS = ("staff-today", "staff-prospects", "staff-board", "staff-accounts", "staff-cold-new")
VERBS = (
    "staff-accept",
    "staff-reject",
    "staff-call",
    "staff-move",
    "staff-follow-up",
    "staff-note",
    "staff-meeting",
)


@pytest.mark.parametrize("name", LISTS)
def test_reps_open_their_pages_and_others_do_not(
    name: str, client: Client, sam: Any, maya: Any, nora: Any
) -> None:
    for user, status in ((sam, 200), (maya, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(reverse(name)).status_code == status, user


@pytest.mark.parametrize("name", LISTS)
def test_strangers_are_sent_to_the_login(name: str, client: Client, db: None) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_another_reps_prospect_is_not_found(
    client: Client, sam: Any, sara: Any, maya: Any, nora: Any
) -> None:
    hers = make_inbound(sara)
    page = reverse("staff-person", args=[hers.pk])
    for user, status in ((sara, 200), (sam, 404), (maya, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(page).status_code == status, user


def test_a_manager_opens_everybodys_prospect(client: Client, sara: Any, inbound: Prospect) -> None:
    client.force_login(sara)
    assert client.get(reverse("staff-person", args=[inbound.pk])).status_code == 200


@pytest.mark.parametrize("name", VERBS)
def test_nobody_acts_on_what_is_not_theirs(
    name: str, client: Client, sara: Any, sam: Any, maya: Any, nora: Any
) -> None:
    hers = make_inbound(sara)
    for user, status in ((sam, 404), (maya, 403), (nora, 403)):
        client.force_login(user)
        assert client.post(reverse(name, args=[hers.pk])).status_code == status, user
    assert not Prospect.objects.get(pk=hers.pk).verdict


@pytest.mark.parametrize("name", [name for name in VERBS if name != "staff-meeting"])  # has a page, too
def test_a_changing_address_takes_no_get(name: str, client: Client, sam: Any, inbound: Prospect) -> None:
    client.force_login(sam)
    assert client.get(reverse(name, args=[inbound.pk])).status_code == 405


def test_only_those_who_may_know_outcomes_see_them(
    client: Client, inbound: Prospect, sam: Any, maya: Any, nora: Any
) -> None:
    slot = reverse("staff-lead-outcome", args=[inbound.person_id])
    for user, status in ((maya, 200), (sam, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(slot).status_code == status, user


def test_the_outcome_says_the_verdict_and_no_word_of_the_calls(
    client: Client, accepted: Prospect, maya: Any, sam: Any
) -> None:
    talk(accepted, sam, note="Their plant manager is afraid of the audit")
    client.force_login(maya)
    page = client.get(
        reverse("staff-lead-outcome", args=[accepted.person_id]), headers={"HX-Request": "true"}
    )
    assert "Accepted" in page.content.decode()
    assert "audit" not in page.content.decode()
