"""/api/v1/prospecting-lists/: who waits, starting, setting aside; rights and verbs of the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from leads.models import Lead
from prospects.models import ListedPerson, Prospect
from prospects.prospecting.listing import archive
from prospects.tests.conftest import TUESDAY, make_cold, make_person
from prospects.tests.prospecting import a_list, listed, waiting

pytestmark = pytest.mark.django_db
LISTS = "/api/v1/prospecting-lists/"


def send(client: Client, address: str, body: Any = None, **more: Any) -> Any:
    return client.post(f"{LISTS}{address}", body or {}, content_type="application/json", **more)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def manager(client: Client, sara: Any) -> Client:
    client.force_login(sara)
    return client


def test_a_manager_starts_the_best_and_the_numbers_follow(manager: Client, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 3)
    asked = {"number": 2, "owner": sam.pk}
    told = send(manager, f"{onto.pk}/start/", asked).json()["results"]
    assert [(line["row"], line["what"]) for line in told] == [(rows[0].pk, "done"), (rows[1].pk, "done")]
    cycle = Prospect.objects.get(pk=told[0]["prospect"])
    assert (cycle.owner, cycle.origin, Lead.objects.count()) == (sam, "outbound", 0)
    one = manager.get(f"{LISTS}{onto.pk}/").json()
    assert (one["states"], one["basis"]) == ({"started": 2, "waiting": 1}, "interest")
    assert [line["started"] for line in one["became"] if line["all"]] == [2]
    begun = manager.get(f"{LISTS}{onto.pk}/people/?state=started").json()["results"]
    assert {row["prospect"] for row in begun} == {line["prospect"] for line in told}
    assert manager.get(LISTS).json()["results"][0]["numbers"]["waiting"] == 1


def test_rows_are_started_once_however_often_they_are_sent(manager: Client, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 3)
    for expected in ("done", "same"):
        told = send(manager, f"{onto.pk}/start/", {"rows": [rows[2].pk, rows[2].pk], "owner": sam.pk}).json()
        assert [line["what"] for line in told["results"]] == [expected]
    assert Prospect.objects.count() == 1


def test_a_repeat_of_the_best_with_its_key_begins_with_nobody_else(manager: Client, sam: Any) -> None:
    onto = a_list()
    waiting(onto, 4)
    key = {"HTTP_IDEMPOTENCY_KEY": "monday"}
    first, again = (send(manager, f"{onto.pk}/start/", {"number": 2, "owner": sam.pk}, **key).json()["results"]
                    for _n in range(2))  # fmt: skip
    assert [line["prospect"] for line in first] == [line["prospect"] for line in again]
    assert ([line["what"] for line in again], Prospect.objects.count()) == (["same", "same"], 2)
    other = send(manager, f"{onto.pk}/start/", {"number": 1, "owner": sam.pk}, **key).json()["results"]
    assert other[0]["what"] == "done"


def test_somebody_is_set_aside_with_the_reason_and_taken_back(manager: Client) -> None:
    onto = a_list()
    row = waiting(onto, 1)[0]
    assert refused(send(manager, f"{onto.pk}/people/{row.pk}/aside/")) == (422, "invalid")
    aside = send(manager, f"{onto.pk}/people/{row.pk}/aside/", {"why": "A competitor"}).json()
    assert (aside["state"], aside["why"].startswith("A competitor")) == ("set_aside", True)
    assert refused(send(manager, f"{onto.pk}/people/{row.pk}/aside/", {"why": "x"})) == (409, "conflict")
    assert send(manager, f"{onto.pk}/people/{row.pk}/back/").json()["state"] == "waiting"


def test_only_a_manager_starts_and_marketing_sees_no_list(
    client: Client, sam: Any, maya: Any, nora: Any
) -> None:
    onto = a_list()
    row = waiting(onto, 1)[0]
    changing = (f"{onto.pk}/start/", f"{onto.pk}/people/{row.pk}/aside/", f"{onto.pk}/people/{row.pk}/back/")
    for user, looks in ((sam, 200), (maya, 403), (nora, 403)):
        client.force_login(user)
        for address in ("", f"{onto.pk}/", f"{onto.pk}/people/"):
            assert client.get(f"{LISTS}{address}").status_code == looks
        for address in changing:
            assert refused(send(client, address, {"number": 1})) == (403, "permission_denied")
    client.logout()
    assert client.get(LISTS).status_code == 401
    assert ListedPerson.objects.get().state == "waiting"


def test_a_rep_sees_who_waits_without_an_address_and_of_the_others_only_their_own(
    client: Client, sam: Any, sara: Any
) -> None:
    onto = a_list()
    rows = waiting(onto, 3)
    client.force_login(sara)
    send(client, f"{onto.pk}/start/", {"rows": [rows[0].pk], "owner": sara.pk})
    send(client, f"{onto.pk}/start/", {"rows": [rows[1].pk], "owner": sam.pk})
    client.force_login(sam)
    shown = client.get(f"{LISTS}{onto.pk}/people/")
    assert [row["id"] for row in shown.json()["results"]] == [rows[2].pk]
    assert b"@" not in shown.content and b"phone" not in shown.content
    begun = client.get(f"{LISTS}{onto.pk}/people/?state=started").json()["results"]
    assert [row["id"] for row in begun] == [rows[1].pk]
    assert client.get(f"{LISTS}{onto.pk}/").json()["states"] == {"started": 1, "waiting": 1}
    assert refused(client.get(f"{LISTS}{onto.pk}/people/?state=known")) == (400, "unknown_filter")


def test_pages_follow_one_another_best_first(manager: Client) -> None:
    onto = a_list()
    rows = waiting(onto, 5)
    seen, address = [], f"{LISTS}{onto.pk}/people/?limit=2"
    while address:
        page = manager.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert seen == [row.pk for row in rows]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": 1, "rows": [1]},
        {"rows": "all"},
        {"rows": [True]},
        {"rows": [2**70]},
        {"rows": [{}]},
        {"number": 101},
        {"number": 1, "owner": 10**30},
    ],
)
def test_what_makes_no_sense_is_told_by_its_field(manager: Client, body: dict[str, Any]) -> None:
    onto = a_list()
    waiting(onto, 1)
    assert refused(send(manager, f"{onto.pk}/start/", body)) == (422, "invalid")
    assert not Prospect.objects.exists()


def test_what_is_not_there_is_not_found_and_what_is_put_away_begins_nothing(
    manager: Client, sam: Any
) -> None:
    onto, other = a_list(), a_list(name="Other")
    row = waiting(onto, 1)[0]
    for address in (
        f"{10**9}/start/",
        f"{other.pk}/people/{row.pk}/aside/",
        f"{onto.pk}/people/{10**9}/back/",
    ):
        assert refused(send(manager, address, {"number": 1} if "start" in address else {"why": "x"}
                            if "aside" in address else {})) == (404, "not_found")  # fmt: skip
    gone = send(manager, f"{onto.pk}/start/", {"rows": [10**9], "owner": sam.pk}).json()["results"]
    assert gone[0]["what"] == "gone"
    archive(of=onto, at=TUESDAY)
    assert refused(send(manager, f"{onto.pk}/start/", {"number": 1})) == (422, "refused")
    assert [one["id"] for one in manager.get(f"{LISTS}?show=archived").json()["results"]] == [onto.pk]
    assert refused(manager.get(f"{LISTS}?show=all")) == (400, "unknown_filter")


def test_somebody_who_became_known_meanwhile_is_refused_and_stops_nobody(manager: Client, sam: Any) -> None:
    onto, known = a_list(), make_person()
    rows = listed(onto, known, make_person())
    make_cold(sam, known)
    told = send(manager, f"{onto.pk}/start/", {"rows": [row.pk for row in rows], "owner": sam.pk}).json()
    assert [line["what"] for line in told["results"]] == ["refused", "done"]
