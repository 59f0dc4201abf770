"""Custom fields of prospects and deals: typed, filled in on their page or by the API, asked for by entry rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField
from leads.models import Company
from prospects.custom_fields import change_custom, lines_of, stamp
from prospects.models import Account, Deal, Note, Prospect, Stage
from prospects.money import deals
from prospects.qualification import missing_for
from prospects.tests.conftest import TUESDAY, make_inbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def fields() -> None:
    CustomField.objects.create(entity="prospect", key="halls", label="Halls", kind="number")
    CustomField.objects.create(entity="prospect", key="visit", label="Visit", kind="date")
    CustomField.objects.create(
        entity="prospect", key="roof", label="Roof", kind="choice", choices="Flat\nSteep"
    )
    CustomField.objects.create(entity="deal", key="contract", label="Contract")


@pytest.fixture
def prospect(sam: Any, fields: None) -> Prospect:
    return make_inbound(sam)


@pytest.fixture
def deal(prospect: Prospect, sam: Any) -> Deal:
    return deals.open_deal(prospect=prospect, title="Two halls", amount=Decimal(5), by=sam, at=TUESDAY)


def test_a_rep_fills_in_the_fields_and_the_page_shows_them(
    client: Client, sam: Any, prospect: Prospect
) -> None:
    client.force_login(sam)
    page = reverse("staff-prospect-fields", args=[prospect.pk])
    assert b'name="custom_halls"' in client.get(page).content
    form = {"custom_halls": "1,200", "custom_visit": "2026-04-01", "custom_roof": "flat", "seen": stamp({})}
    assert client.post(page, form).status_code == 302
    prospect.refresh_from_db()
    assert prospect.custom == {"halls": "1200", "visit": "2026-04-01", "roof": "Flat"}
    shown = client.get(reverse("staff-person", args=[prospect.pk]) + "?all=1").content.decode()
    assert [words for words in ("Halls", "1200", "Flat", "2026") if words not in shown] == []
    assert client.post(page, {**form, "seen": stamp(prospect.custom)}).status_code == 302
    assert Note.objects.get().text == "Halls: – → 1200\nRoof: – → Flat\nVisit: – → 1 April 2026"


def test_a_wrong_value_is_told_beside_its_field_and_nothing_is_kept(
    client: Client, sam: Any, prospect: Prospect
) -> None:
    client.force_login(sam)
    answer = client.post(
        reverse("staff-prospect-fields", args=[prospect.pk]), {"custom_halls": "many", "custom_roof": "Flat"}
    )
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    prospect.refresh_from_db()
    assert prospect.custom == {}


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(
    sam: Any, sara: Any, prospect: Prospect
) -> None:
    seen = stamp(prospect.custom)
    change_custom(row=prospect, said={"halls": "2"}, by=sara, at=TUESDAY, seen=seen)
    with pytest.raises(Conflict):
        change_custom(row=prospect, said={"halls": "3"}, by=sam, at=TUESDAY, seen=seen)
    assert change_custom(row=prospect, said={"halls": "2"}, by=sam, at=TUESDAY, seen=seen) == []
    assert Prospect.objects.get().custom == {"halls": "2"}


def test_an_empty_value_takes_it_away_and_imported_ones_stay(sam: Any, prospect: Prospect) -> None:
    Prospect.objects.update(custom={"halls": "2", "agent": "Moses"})
    assert change_custom(row=prospect, said={"halls": ""}, by=sam, at=TUESDAY) == ["Halls"]
    assert Prospect.objects.get().custom == {"agent": "Moses"}


@pytest.mark.parametrize("said", [{"nobody": "x"}, {"halls": "many"}, {"roof": "Round"}, {"contract": "x"}])
def test_an_unknown_field_or_a_value_of_another_kind_is_refused(
    sam: Any, prospect: Prospect, said: dict[str, str]
) -> None:
    with pytest.raises(Refused):
        change_custom(row=prospect, said=said, by=sam, at=TUESDAY)
    assert Prospect.objects.get().custom == {}


def test_a_strangers_fields_are_not_found_and_not_changed(
    client: Client, sam: Any, sara: Any, maya: Any, nora: Any, deal: Deal
) -> None:
    rita = type(sam).objects.create_user("rita")
    rita.groups.set(sam.groups.all())
    pages = (
        reverse("staff-prospect-fields", args=[deal.prospect_id]), reverse("staff-deal-fields", args=[deal.pk]),
    )  # fmt: skip
    for user, status in ((sam, 200), (sara, 200), (rita, 404), (maya, 403), (nora, 403)):
        client.force_login(user)
        for page in pages:
            assert client.get(page).status_code == status, user
    client.force_login(rita)
    assert client.post(pages[1], {"custom_contract": "x"}).status_code == 404
    with pytest.raises(Refused):
        change_custom(row=deal, said={"contract": "x"}, by=rita, at=TUESDAY)


def test_a_deal_keeps_its_own_fields_after_it_is_won(client: Client, sam: Any, deal: Deal) -> None:
    Deal.objects.update(status="won", closed_at=TUESDAY, custom={"agent": "Moses"})
    client.force_login(sam)
    page = reverse("staff-deal-fields", args=[deal.pk])
    assert client.post(page, {"custom_contract": "<b>K-7</b>"}).status_code == 302
    shown = client.get(reverse("staff-deal", args=[deal.pk])).content.decode()
    assert "&lt;b&gt;K-7&lt;/b&gt;" in shown
    assert "Moses" in shown
    assert Note.objects.get().text.startswith("Deal “Two halls”\nContract: – → ")


def test_a_deal_of_a_company_alone_says_who_changed_what(client: Client, sara: Any, company: Company) -> None:
    CustomField.objects.create(entity="deal", key="contract", label="Contract")
    alone = Deal.objects.create(account=Account.objects.create(company=company), title="Old", amount=5)
    client.force_login(sara)
    page = reverse("staff-deal-fields", args=[alone.pk])
    for said in ("<b>K-7</b>", "<b>K-7</b>", "K-8"):
        assert client.post(page, {"custom_contract": said}).status_code == 302
    shown = client.get(reverse("staff-deal", args=[alone.pk])).content.decode()
    assert shown.count("Contract: – → &lt;b&gt;K-7&lt;/b&gt;") == 1
    assert shown.count("→ K-8") == 1 and "Sara Lindqvist" in shown
    assert not Note.objects.exists()


def test_an_entry_rule_asks_for_a_field_until_it_is_filled_in(
    sam: Any, prospect: Prospect, deal: Deal
) -> None:
    stage = Stage.objects.get(slug="proposal")
    stage.rules.all().delete()
    for key in ("prospect.halls", "deal.contract"):
        stage.rules.create(needs="fact", field=key)
    asked = {"Halls, known", "Contract, known"}
    assert asked <= set(missing_for(prospect, stage))
    change_custom(row=prospect, said={"halls": "2"}, by=sam, at=TUESDAY)
    change_custom(row=deal, said={"contract": "K-7"}, by=sam, at=TUESDAY)
    assert not asked & set(missing_for(prospect, stage))


def test_the_api_sets_the_fields_that_are_sent(client: Client, sam: Any, prospect: Prospect) -> None:
    client.force_login(sam)
    address = reverse("api-prospect-fields", args=[prospect.pk])
    answer = client.post(address, {"halls": 3}, content_type="application/json")
    assert (answer.status_code, answer.json()["custom"]) == (200, {"halls": "3"})
    answer = client.post(address, {"roof": "Steep"}, content_type="application/json")
    assert answer.json()["custom"] == {"halls": "3", "roof": "Steep"}
    assert client.post(address, {"nobody": "x"}, content_type="application/json").status_code == 400
    assert client.post(address, {"halls": "many"}, content_type="application/json").status_code == 422


def test_an_archived_field_keeps_what_stands_in_it(prospect: Prospect) -> None:
    CustomField.objects.filter(key="halls").update(archived_at=TUESDAY)
    assert [line.label for line in lines_of("prospect", {"halls": "2"})] == ["Halls", "Roof", "Visit"]
    assert [line.label for line in lines_of("prospect", {})] == ["Roof", "Visit"]
