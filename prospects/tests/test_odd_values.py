"""Values that fit the field and make no sense: days long gone, sums no column holds, a note that names a thousand."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import Refused
from prospects import notes, pipeline
from prospects.models import Deal, FollowUp, Note, Product, Prospect, Stage
from prospects.money import deals
from prospects.money.terms import Line, change_deal
from prospects.tests.conftest import TUESDAY, reason

BILLIONS = Decimal("999999999999.99")  # the most that an amount may be


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday"])
@pytest.mark.parametrize("clock", ["00:00", "23:59"])
def test_a_next_step_lies_between_today_and_ten_years(
    rep: Client, accepted: Prospect, day: str, clock: str
) -> None:
    if day == "yesterday":
        day = f"{timezone.localdate() - timedelta(days=1):%Y-%m-%d}"
    said = {"next_kind": "call", "next_day": day, "next_time": clock}
    answer = rep.post(reverse("staff-follow-up", args=[accepted.pk]), said)
    assert answer.status_code == 422
    assert "Choose a day from today on, within ten years." in answer.content.decode()
    called = rep.post(reverse("staff-call", args=[accepted.pk]), said | {"outcome": "conversation"})
    assert called.status_code == 422
    assert not accepted.follow_ups.filter(created_by__isnull=False).exists()
    assert rep.get(reverse("staff-person", args=[accepted.pk])).status_code == 200


def test_a_next_step_may_be_today(rep: Client, accepted: Prospect, sam: Any) -> None:
    said = {"next_kind": "call", "next_day": f"{timezone.localdate():%Y-%m-%d}", "next_time": "00:01"}
    assert rep.post(reverse("staff-follow-up", args=[accepted.pk]), said).status_code == 302
    assert FollowUp.objects.filter(prospect=accepted, created_by=sam).count() == 1


@pytest.mark.parametrize("due", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2020-01-01T10:00:00Z"])
def test_nor_does_a_program_plan_for_such_a_day(rep: Client, accepted: Prospect, due: str) -> None:
    body = json.dumps({"kind": "call", "due_at": due})
    address = reverse("api-prospect-follow-ups", args=[accepted.pk])
    answer = rep.post(address, body, content_type="application/json")
    assert answer.status_code == 422
    assert "due_at" in answer.json()["error"]["fields"]


def test_a_sum_that_no_column_holds_is_refused_in_words(accepted: Prospect, sam: Any) -> None:
    deal = deals.open_deal(prospect=accepted, title="Line", amount=BILLIONS, by=sam, at=TUESDAY)
    product = Product.objects.create(name="Sensor", code="S", price=5)
    lines = [Line(product=product, quantity=Decimal(2), price=BILLIONS)]
    with pytest.raises(Refused, match="too large"):
        change_deal(
            deal=deal, by=sam, at=TUESDAY, title="Line", amount=None, currency=deal.currency, expected_on=None,
            lines=lines,
        )  # fmt: skip
    assert Deal.objects.get(pk=deal.pk).amount == BILLIONS


def test_nor_does_a_foreign_sum_outgrow_the_base_currency(accepted: Prospect, sam: Any) -> None:
    Deal.objects.create(prospect=accepted, currency="BTC", rate=Decimal(90_000), rate_on=TUESDAY.date())
    with pytest.raises(Refused, match="too large"):
        deals.open_deal(prospect=accepted, title="x", amount=BILLIONS, currency="BTC", by=sam, at=TUESDAY)
    own = deals.open_deal(prospect=accepted, title="x", amount=BILLIONS, by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="too large"):
        deals.close_won(deal=own, currency="BTC", by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="too large"):
        change_deal(
            deal=own, by=sam, at=TUESDAY, title="x", amount=BILLIONS, currency="BTC", expected_on=None
        )


def test_a_note_may_name_more_people_than_a_query_has_room_for(accepted: Prospect, sam: Any) -> None:
    text = " ".join(f"@{number:x}" for number in range(1500))[:5000] + " @SARA"
    assert len(notes.unknown_names(text)) > 1000
    note = notes.write(prospect=accepted, text=text, by=sam, at=TUESDAY)
    assert Note.objects.get(pk=note.pk).text == text


def test_a_pipeline_that_lost_an_end_says_so(accepted: Prospect, sam: Any) -> None:
    Stage.objects.filter(slug="lost").update(archived_at=TUESDAY)
    with pytest.raises(Refused, match="no stage"):
        pipeline.lose(prospect=accepted, reason=reason("price"), by=sam, at=TUESDAY)
    assert Prospect.objects.get(pk=accepted.pk).is_open


def test_a_number_of_no_row_narrows_nothing(client: Client, accepted: Prospect, sara: Any) -> None:
    client.force_login(sara)
    for name in ("owner", "team", "account", "pipeline"):
        for page in ("staff-board", "staff-prospects", "staff-deals", "staff-accounts"):
            answer = client.get(reverse(page), {name: "9" * 21}, follow=True)
            assert answer.status_code in (200, 404), (page, name)
