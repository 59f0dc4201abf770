"""A manager gives a prospect to a rep on the person page."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from prospects.models import Prospect


def give(client: Client, prospect: Prospect, owner: Any) -> Any:
    return client.post(reverse("staff-assign", args=[prospect.pk]), {"owner": owner.pk})


def test_only_a_manager_gives(
    client: Client, inbound: Prospect, sara: Any, sam: Any, maya: Any, nora: Any
) -> None:
    for user, status in ((sam, 403), (maya, 403), (nora, 403), (sara, 302)):
        client.force_login(user)
        assert give(client, inbound, sara).status_code == status, user
    assert Prospect.objects.get(pk=inbound.pk).owner == sara


def test_giving_twice_changes_nothing_more(client: Client, inbound: Prospect, sara: Any) -> None:
    client.force_login(sara)
    assert [give(client, inbound, sara).status_code for _n in range(2)] == [302, 302]
    assert Prospect.objects.get(pk=inbound.pk).owner == sara


def test_nobody_outside_sales_is_given_one(
    client: Client, inbound: Prospect, sara: Any, sam: Any, maya: Any
) -> None:
    client.force_login(sara)
    give(client, inbound, maya)
    assert Prospect.objects.get(pk=inbound.pk).owner == sam


def test_the_page_offers_the_reps_to_a_manager_only(
    client: Client, inbound: Prospect, sara: Any, sam: Any
) -> None:
    page = reverse("staff-person", args=[inbound.pk]) + "?all=1"
    for user, offered in ((sara, True), (sam, False)):
        client.force_login(user)
        assert ("Give to a rep" in client.get(page).content.decode()) is offered
