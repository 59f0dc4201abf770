"""Moving a card: by dragging and by the sheet; blocked, too late, pressed twice, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from prospects import pipeline
from prospects.models import Prospect, StageMove
from prospects.tests.conftest import TUESDAY, make_inbound, reason, talk

DRAGGED = {"HX-Request": "true"}


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def rival(sam: Any) -> Any:
    """Another rep."""
    rita = get_user_model().objects.create_user("rita", "rita@averdahl.example")
    rita.groups.add(*sam.groups.all())
    return rita


def drag(
    rep: Client, card: Prospect, to: str, *, seen: str = "contacting", query: str = "", **more: Any
) -> Any:
    return rep.post(f"/staff/board/{card.pk}/{query}", {"to": to, "seen": seen}, headers=DRAGGED, **more)


def test_a_dragged_card_moves_and_comes_back_with_its_lanes(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    talk(accepted, sam)
    answer = drag(rep, accepted, "sales_qualified")
    accepted.refresh_from_db()
    page = answer.content.decode()
    assert (answer.status_code, accepted.stage.slug) == (200, "sales_qualified")
    assert f'id="card-{accepted.pk}"' in page
    assert 'id="head-sales_qualified"' in page
    assert "is now in sales-qualified" in page


def test_a_blocked_card_says_in_the_lane_which_fact_is_missing(rep: Client, accepted: Prospect) -> None:
    answer = drag(rep, accepted, "sales_qualified")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="note-sales_qualified"' in page
    assert "authority, known" in page
    accepted.refresh_from_db()
    assert accepted.stage.slug == "contacting"


def test_a_stale_screen_loses_and_sees_where_the_card_is(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    pipeline.move(prospect=accepted, to="sales_qualified", by=None, at=TUESDAY)
    before = StageMove.objects.count()
    answer = drag(rep, accepted, "negotiation")
    page = answer.content.decode()
    assert (answer.status_code, StageMove.objects.count()) == (409, before)
    assert "Somebody was faster." in page
    assert 'id="cards-sales_qualified"' in page


def test_a_card_that_was_closed_meanwhile_leaves_the_board(rep: Client, accepted: Prospect, sam: Any) -> None:
    pipeline.lose(prospect=accepted, reason=reason("price"), by=sam, at=TUESDAY)
    answer = drag(rep, accepted, "proposal")
    assert answer.status_code == 409
    assert f'id="card-{accepted.pk}" hx-swap-oob="delete"' in answer.content.decode()


def test_a_second_press_answers_as_the_first_and_changes_nothing(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    talk(accepted, sam)
    assert drag(rep, accepted, "sales_qualified").status_code == 200
    before = StageMove.objects.count()
    assert drag(rep, accepted, "sales_qualified").status_code == 200
    assert StageMove.objects.count() == before


def test_the_same_move_by_somebody_else_came_too_late(
    client: Client, sara: Any, accepted: Prospect, sam: Any
) -> None:
    talk(accepted, sam)
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=TUESDAY)
    client.force_login(sara)
    assert drag(client, accepted, "sales_qualified").status_code == 409


def test_a_move_keeps_the_filters_of_the_board(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    form = {"to": "sales_qualified", "seen": "contacting"}
    answer = rep.post(f"/staff/board/{accepted.pk}/?q=Ada&junk=1", form)
    assert answer["Location"] == "/staff/board/?q=Ada"


def test_a_card_the_filter_no_longer_fits_goes(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    answer = drag(rep, accepted, "sales_qualified", query="?q=somebody-else")
    assert f'id="card-{accepted.pk}" hx-swap-oob="delete"' in answer.content.decode()


def test_the_sheet_offers_the_other_open_stages(rep: Client, accepted: Prospect) -> None:
    page = rep.get(f"/staff/board/{accepted.pk}/").content.decode()
    offered = [slug for slug in ("to_contact", "contacting", "sales_qualified", "proposal", "negotiation")
               if f'name="to" value="{slug}"' in page]  # fmt: skip
    assert offered == ["sales_qualified", "proposal", "negotiation"]


def test_without_a_script_the_sheet_says_what_is_missing(rep: Client, accepted: Prospect) -> None:
    answer = rep.post(f"/staff/board/{accepted.pk}/", {"to": "sales_qualified", "seen": "contacting"})
    assert answer.status_code == 422
    assert "authority, known" in answer.content.decode()


def test_a_stage_that_does_not_exist_is_refused(rep: Client, accepted: Prospect) -> None:
    assert rep.post(f"/staff/board/{accepted.pk}/", {"to": "moon"}).status_code == 422


def test_the_sheet_of_a_closed_cycle_is_its_page(rep: Client, accepted: Prospect, sam: Any) -> None:
    pipeline.lose(prospect=accepted, reason=reason("price"), by=sam, at=TUESDAY)
    page = f"/staff/prospects/{accepted.pk}/"
    assert rep.get(f"/staff/board/{accepted.pk}/")["Location"] == page
    assert rep.get(f"/staff/board/{accepted.pk}/", headers=DRAGGED)["HX-Redirect"] == page


def test_whose_card_it_is_decides_who_may_move_it(
    client: Client, sam: Any, sara: Any, maya: Any, nora: Any, rival: Any
) -> None:
    card = make_inbound(sam)
    address = f"/staff/board/{card.pk}/"
    for who, status in ((rival, 404), (maya, 403), (nora, 403), (sam, 200), (sara, 200)):
        client.force_login(who)
        assert client.get(address).status_code == status, who
        if status != 200:
            assert client.post(address, {"to": "contacting", "seen": "to_contact"}).status_code == status, who
    card.refresh_from_db()
    assert card.stage.slug == "to_contact"
