"""An illegal move is refused by every door, and each of them says which fact is missing."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import Refused
from campaigns.models import CustomField
from crm.importing.columns.mapping_file import MappingError
from crm.tests.importing import a_file, a_mapping, read
from prospects import pipeline
from prospects.models import Prospect, Stage
from prospects.past import PastCycle, import_history
from prospects.tests.conftest import GOOD_CARD, TUESDAY, make_inbound, talk

pytestmark = pytest.mark.django_db
JSON = "application/json"


def board(client: Client, prospect: Prospect, to: str) -> Any:
    return client.post(
        reverse("staff-move", args=[prospect.pk]), {"to": to, "then": "board"}, headers={"HX-Request": "true"}
    )


def person(client: Client, prospect: Prospect, to: str) -> Any:
    return client.post(reverse("staff-move", args=[prospect.pk]), {"to": to})


def bulk(client: Client, prospect: Prospect, to: str) -> Any:
    row = f"{prospect.pk}:{prospect.stage.slug}"
    return client.post(reverse("staff-prospects-many"), {"do": "move", "row": row, "to": to})


def api(client: Client, prospect: Prospect, to: str) -> Any:
    return client.post(reverse("api-prospect-move", args=[prospect.pk]), {"to": to}, content_type=JSON)


def admin(client: Client, prospect: Prospect, to: str) -> Any:
    asked = {"action": f"to_{to}", "_selected_action": [prospect.pk]}
    return client.post(reverse("admin:prospects_prospect_changelist"), asked, follow=True)


def verb(client: Client, prospect: Prospect, to: str) -> Any:
    with pytest.raises(Refused) as no:
        pipeline.move(prospect=prospect, to=to, by=prospect.owner, at=TUESDAY)
    return no.value.missing


DOORS: dict[str, Callable[[Client, Prospect, str], Any]] = {
    "board": board, "person": person, "list, one or several": bulk, "API": api, "admin": admin, "verb": verb,
}  # fmt: skip


def learnt(**changed: Any) -> Callable[[Prospect, Any], None]:
    return lambda prospect, by: talk(prospect, by, bant=GOOD_CARD | changed) and None


def rule(needs: str, field: str = "") -> Callable[[Prospect, Any], None]:
    def make(prospect: Prospect, by: Any) -> None:
        talk(prospect, by)
        Stage.objects.get(slug="sales_qualified").rules.create(needs=needs, field=field)

    return make


def plant(prospect: Prospect, by: Any) -> None:
    CustomField.objects.create(entity="prospect", key="plant", label="Plant")
    rule("fact", "prospect.plant")(prospect, by)


# What is missing → how the world is, and where to; all of a prospect that nobody has accepted yet.
ILLEGAL: dict[str, tuple[Callable[[Prospect, Any], Any], str]] = {
    "a logged conversation": (lambda prospect, by: None, "sales_qualified"),
    "need, confirmed": (learnt(need={"state": "claimed"}), "sales_qualified"),
    "authority, known": (learnt(authority={"state": "unknown"}), "sales_qualified"),
    "at most one of the four answers unknown": (learnt(budget={"state": "unknown"}), "sales_qualified"),
    "none of the four answers is no": (learnt(timing={"state": "no"}), "sales_qualified"),
    "budget, known": (learnt(budget={"state": "unknown"}, timing={"state": "claimed"}), "proposal"),
    "timing, known": (rule("timing_known"), "sales_qualified"),
    "a meeting that was held": (rule("meeting_held"), "sales_qualified"),
    "the verdict “accepted”": (rule("verdict"), "sales_qualified"),
    "a deal with an amount": (rule("amount"), "negotiation"),
    "Plant, known": (plant, "sales_qualified"),
}


@pytest.fixture
def prospect(sara: Any) -> Prospect:
    """A manager's own, so that the admin is one of the doors."""
    return make_inbound(sara)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("fact", ILLEGAL)
def test_an_illegal_move_is_refused_with_the_fact_that_is_missing(
    door: str, fact: str, prospect: Prospect, sara: Any, client: Client
) -> None:
    make, to = ILLEGAL[fact]
    make(prospect, sara)
    client.force_login(sara)
    answer = DOORS[door](client, Prospect.objects.get(pk=prospect.pk), to)
    said = (
        answer if door == "verb" else answer.json()["error"]["fields"]["missing"] if door == "API" else None
    )
    assert fact in (said if said is not None else html.unescape(answer.content.decode()))
    if door in ("board", "person", "API"):
        assert answer.status_code == 422
    now = Prospect.objects.get(pk=prospect.pk)
    assert (now.stage.slug, now.verdict, now.moves.count()) == ("to_contact", "", 1)


@pytest.mark.parametrize("door", [door for door in DOORS if door not in ("admin", "verb")])
def test_a_stage_kept_for_managers_is_closed_to_a_rep_at_every_door(
    door: str, sam: Any, client: Client
) -> None:
    Stage.objects.filter(slug="sales_qualified").update(managers_only=True)
    mine = make_inbound(sam)
    talk(mine, sam)
    client.force_login(sam)
    answer = DOORS[door](client, mine, "sales_qualified")
    assert "a manager" in answer.content.decode()
    assert Prospect.objects.get(pk=mine.pk).stage.slug == "to_contact"


@pytest.mark.parametrize("to", ["to_contact", "won", "nowhere"])
@pytest.mark.parametrize("door", [door for door in DOORS if door != "verb"])
def test_what_is_no_way_is_none_at_any_door(
    door: str, to: str, prospect: Prospect, sara: Any, client: Client
) -> None:
    client.force_login(sara)
    pipeline.accept(prospect=prospect, by=sara, at=TUESDAY)
    answer = DOORS[door](client, Prospect.objects.get(pk=prospect.pk), to)
    assert answer.status_code < 500
    assert Prospect.objects.get(pk=prospect.pk).moves.count() == 2


def test_an_import_without_history_cannot_say_a_stage_or_an_end(tmp_path: Any, sara: Any, sam: Any) -> None:
    for told in (
        {"won": {"column": "outcome", "values": ["sold"]}},
        {"status": "marketing_qualified", "won": None},
    ):
        with pytest.raises(MappingError, match="history"):
            a_mapping(history=None, **told)
    plain = a_mapping(history=None, status="new", won=None)
    read(a_file(tmp_path, "1,2020-01-01,web,a@x.example,Ann,3,sold"), plain)
    assert not Prospect.objects.exists()
    with pytest.raises(Refused, match="right of its own"):
        import_history(cycles=[PastCycle(person_id=1, opened_at=TUESDAY)], by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="import history"):
        read(a_file(tmp_path, "1,2020-01-01,web,a@x.example,Ann,3,sold"), a_mapping(), by=sara)
