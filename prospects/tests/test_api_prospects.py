"""/api/v1/prospects/: the rights and verbs of the screens, one shape of errors, and a repeat that changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from prospects.models import Call, FollowUp, Prospect
from prospects.tests.conftest import GOOD_CARD, make_cold, make_inbound, make_person

pytestmark = pytest.mark.django_db
LIST = "/api/v1/prospects/"
VERBS = ("accept", "reject", "move", "calls", "follow-ups")
GOOD = {"need": GOOD_CARD["need"], "authority": GOOD_CARD["authority"], "budget": GOOD_CARD["budget"]}


def ahead(**span: float) -> str:
    return (timezone.now() + timedelta(**span)).isoformat()


def send(client: Client, prospect: Prospect | int, verb: str, body: Any = None, **more: Any) -> Any:
    pk = getattr(prospect, "pk", prospect)
    return client.post(f"{LIST}{pk}/{verb}/", body or {}, content_type="application/json", **more)


def error(answer: Any) -> tuple[int, str, dict]:
    found = answer.json()["error"]
    assert set(found) == {"code", "message", "fields"} and found["message"]
    return answer.status_code, found["code"], found["fields"]


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def test_a_rep_works_a_prospect_through_the_api(rep: Client, inbound: Prospect) -> None:
    assert send(rep, inbound, "accept", {"seen": "to_contact"}).json()["stage"] == "contacting"
    body = {
        "outcome": "conversation", "note": "We scrap three percent.", "bant": GOOD,
        "follow_up": {"kind": "call", "due_at": ahead(days=2), "text": "Send the paper"},
    }  # fmt: skip
    answer = send(rep, inbound, "calls", body)
    assert (answer.status_code, answer.json()["prospect"]["follow_ups"][0]["text"]) == (201, "Send the paper")
    moved = send(rep, inbound, "move", {"to": "sales_qualified", "why": "Good talk"}).json()
    assert [move["to"] for move in moved["moves"]] == ["to_contact", "contacting", "sales_qualified"]
    ended = send(rep, inbound, "reject", {"reason": "no-need"}).json()
    assert (ended["open"], ended["verdict"], ended["reason"]) == (False, "accepted", "no-need")


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_acts_on_what_is_not_theirs(
    verb: str, client: Client, sara: Any, sam: Any, maya: Any, nora: Any
) -> None:
    hers = make_inbound(sara)
    for user, expected in (
        (sam, (404, "not_found", {})),
        (maya, (403, "permission_denied", {})),
        (nora, (403, "permission_denied", {})),
    ):
        client.force_login(user)
        assert error(send(client, hers, verb)) == error(send(client, 10**12, verb)) == expected
    client.logout()
    assert error(send(client, hers, verb))[:2] == (401, "not_authenticated")
    assert hers.moves.count() == 1


def test_each_sees_their_own_and_a_manager_all(client: Client, sam: Any, sara: Any, maya: Any) -> None:
    mine, hers = make_inbound(sam), make_inbound(sara, make_person())
    for user, seen in ((sam, {mine.pk}), (sara, {hers.pk})):
        client.force_login(user)
        assert {row["id"] for row in client.get(LIST).json()["results"]} == seen
    assert len(client.get(f"{LIST}?whose=team").json()["results"]) == 2
    assert client.get(f"{LIST}{mine.pk}/").json()["person"]["name"] == mine.person.name
    client.force_login(sam)
    assert len(client.get(f"{LIST}?whose=team").json()["results"]) == 1
    assert error(client.get(f"{LIST}{hers.pk}/"))[0] == 404
    client.force_login(maya)
    assert error(client.get(LIST))[0] == 403


def test_pages_follow_one_another_by_their_links(rep: Client, sam: Any) -> None:
    made = {make_cold(sam, make_person()).pk for _n in range(5)}
    seen: list[int] = []
    address = f"{LIST}?limit=2"
    while address:
        page = rep.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == 5 and set(seen) == made


@pytest.mark.parametrize("query", ["?stge=contacting", "?stage=nowhere", "?origin=x", "?owner=x"])
def test_a_filter_that_makes_no_sense_is_told(rep: Client, query: str) -> None:
    assert error(rep.get(LIST + query))[:2] == (400, "unknown_filter")


def test_the_facts_that_are_missing_are_named(rep: Client, accepted: Prospect) -> None:
    status, code, fields = error(send(rep, accepted, "move", {"to": "sales_qualified"}))
    assert (status, code) == (422, "refused")
    assert "a logged conversation" in fields["missing"]


def test_the_loser_of_a_race_hears_the_state_as_it_is(rep: Client, accepted: Prospect) -> None:
    for verb, body in (
        ("accept", {}),
        ("move", {"to": "contacting"}),
        ("move", {"to": "proposal", "seen": "to_contact"}),
        ("reject", {"reason": "spam", "seen": "to_contact"}),
    ):
        status, code, fields = error(send(rep, accepted, verb, body))
        assert (status, code) == (409, "conflict")
        assert "Contacting" in fields["now"][0]
    assert accepted.moves.count() == 2


def test_a_repeat_with_its_key_answers_with_the_first_and_adds_nothing(
    rep: Client, accepted: Prospect
) -> None:
    for verb, body, model in (
        ("calls", {"outcome": "voicemail"}, Call),
        ("follow-ups", {"kind": "mail", "due_at": ahead(days=1)}, FollowUp),
    ):
        before, key = model.objects.count(), {"HTTP_IDEMPOTENCY_KEY": f"once-{uuid4()}"}
        first, second = (send(rep, accepted, verb, body, **key) for _n in range(2))
        assert first.json()["id"] == second.json()["id"]
        planned = 1 if model is Call else 0  # by the rule of tries
        assert model.objects.count() == before + 1
        assert FollowUp.objects.filter(created_by=None).count() == planned or model is FollowUp


def test_a_key_that_was_sent_with_something_else_is_refused(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    other = make_inbound(sam, make_person())
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    send(rep, accepted, "calls", {"outcome": "voicemail"}, **key)
    assert error(send(rep, accepted, "calls", {"outcome": "no_answer"}, **key))[:2] == (422, "key_reused")
    assert send(rep, other, "calls", {"outcome": "no_answer"}, **key).status_code == 201  # another address
    assert Call.objects.count() == 2


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("accept", {"x": 1}, 400, "unknown_fields"),
        ("accept", [1], 400, "not_an_object"),
        ("reject", {}, 422, "invalid"),
        ("reject", {"reason": "price"}, 422, "invalid"),
        ("reject", {"reason": "not-now"}, 422, "invalid"),
        ("move", {"to": "won"}, 422, "invalid"),
        ("move", {"to": ["contacting"]}, 400, "not_text"),
        ("calls", {"outcome": "conversation"}, 422, "refused"),
        ("calls", {"outcome": "conversation", "bant": {"need": "yes"}}, 422, "invalid"),
        ("calls", {"outcome": "conversation", "bant": {"luck": {"state": "no"}}}, 422, "invalid"),
        ("calls", {"outcome": "conversation", "bant": [1]}, 422, "invalid"),
        ("calls", {"outcome": "voicemail", "follow_up": {"kind": "call"}}, 422, "invalid"),
        ("calls", {"outcome": "voicemail", "recording": "javascript:x"}, 422, "invalid"),
        ("calls", {"outcome": "voicemail", "minutes": -1}, 422, "invalid"),
        ("follow-ups", {"kind": "call", "due_at": "soon"}, 422, "invalid"),
        ("follow-ups", {"kind": "call", "due_at": {}}, 400, "not_text"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    rep: Client, accepted: Prospect, verb: str, body: Any, status: int, code: str
) -> None:
    assert error(send(rep, accepted, verb, body))[:2] == (status, code)
    assert (accepted.moves.count(), Call.objects.count(), FollowUp.objects.count()) == (2, 0, 0)


def test_a_body_that_is_no_json_is_told(rep: Client, accepted: Prospect) -> None:
    for raw in ("{", "[" * 5000, ""):
        answer = rep.post(f"{LIST}{accepted.pk}/reject/", raw, content_type="application/json")
        assert error(answer)[0] in (400, 422)
    answer = rep.post(f"{LIST}{accepted.pk}/reject/", {"reason": "spam"})
    assert error(answer)[:2] == (415, "unsupported_media_type")


def test_a_post_from_another_site_needs_the_token(sam: Any, accepted: Prospect) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(sam)
    assert error(send(strict, accepted, "reject", {"reason": "spam"}))[:2] == (403, "permission_denied")
    assert Prospect.objects.get(pk=accepted.pk).is_open


def test_an_address_that_changes_takes_no_get(rep: Client, accepted: Prospect) -> None:
    for verb in VERBS:
        assert error(rep.get(f"{LIST}{accepted.pk}/{verb}/"))[:2] == (405, "method_not_allowed")
