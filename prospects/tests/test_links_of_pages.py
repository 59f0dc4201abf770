"""Wherever a page of sales leads to, something is there: no link of it is dead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from prospects.models import Account, Prospect
from prospects.money import deals
from prospects.tests.conftest import TUESDAY

PAGES = (
    "staff-today?", "staff-prospects?", "staff-prospects?end=lost", "staff-board?", "staff-accounts?whose=mine&q=o",
    "staff-accounts?", "staff-deals?", "staff-deals?state=won&whose=mine", "staff-deals?due=over&q=x",
    "staff-forecast?", "staff-calendar?", "staff-calls?", "staff-notices?", "staff-cold-new?",
)  # fmt: skip


@pytest.fixture
def world(accepted: Prospect, company: Any, sam: Any) -> Prospect:
    account = Account.objects.create(company=company, owner=sam)
    Prospect.objects.filter(pk=accepted.pk).update(account=account)
    accepted.refresh_from_db()
    deals.open_deal(prospect=accepted, title="Line", amount=5, by=sam, at=TUESDAY)
    return accepted


@pytest.mark.parametrize("who", ["sam", "sara"])
def test_every_link_leads_somewhere(client: Client, world: Prospect, who: str, sam: Any, sara: Any) -> None:
    client.force_login({"sam": sam, "sara": sara}[who])
    addresses = [reverse(name) + f"?{query}" for name, query in (page.split("?") for page in PAGES)]
    addresses += [reverse("staff-person", args=[world.pk]), reverse("staff-account", args=[world.account_id])]
    found: dict[str, str] = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        found |= dict.fromkeys(_links(answer.content, address), address)
    dead = [f"{link} on {page}" for link, page in found.items() if _is_dead(client, link)]
    assert not dead, dead


def _links(page: bytes, address: str) -> set[str]:
    links = [node.attributes["href"] or "" for node in LexborHTMLParser(page).css("main a[href]")]
    links += [node.attributes["hx-get"] or "" for node in LexborHTMLParser(page).css("main [hx-get]")]
    joined = {urljoin(address, link).split("#")[0] for link in links if link}
    return {link for link in joined if link.startswith("/staff/")}


def _is_dead(client: Client, link: str) -> bool:
    return client.get(link, follow=True).status_code not in (200, 204)
