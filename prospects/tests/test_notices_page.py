"""/staff/notices/ and the bell: one's own, told once, seen when one says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prospects import notices, pipeline
from prospects.models import Notice, Prospect
from prospects.tests.conftest import TUESDAY, later

PAGE, BELL, SEEN = "/staff/notices/", "/staff/notices/bell/", "/staff/notices/seen/"


def tell(user: Any, number: int = 1, **more: Any) -> Notice:
    key = f"{user.username}:{number}"
    row = {"kind": "clock", "text": f"Something {number}", "at": TUESDAY, **more}
    notices.tell(user=user, key=key, **row)
    return Notice.objects.get(key=key)


def test_the_bell_counts_what_was_not_seen(client: Client, sam: Any, sara: Any) -> None:
    client.force_login(sam)
    assert "not seen" not in client.get(BELL).content.decode()
    for number in range(3):
        tell(sam, number)
    tell(sara)
    assert "3 not seen" in client.get(BELL).content.decode()


def test_the_bell_asks_once_and_stops_counting(
    client: Client, sam: Any, django_assert_num_queries: Any
) -> None:
    Notice.objects.bulk_create(
        Notice(user=sam, kind="clock", text="x", key=f"many:{n}", at=TUESDAY) for n in range(150)
    )
    with django_assert_num_queries(1):
        assert notices.unseen(sam) == 100
    client.force_login(sam)
    assert "99+" in client.get(BELL).content.decode()


def test_the_same_key_is_told_once(sam: Any) -> None:
    tell(sam)
    tell(sam, text="Other words")
    assert [row.text for row in notices.of(sam)] == ["Something 1"]


def test_each_sees_their_own_and_marks_their_own(client: Client, sam: Any, sara: Any) -> None:
    mine, hers = tell(sam), tell(sara, text="Of Sara")
    client.force_login(sam)
    page = client.get(PAGE).content.decode()
    assert "Something 1" in page and "Of Sara" not in page
    assert client.post(SEEN, {"notice": hers.pk}).status_code == 404
    assert client.post(SEEN, {"notice": mine.pk}).status_code == 302
    assert notices.unseen(sam) == 0 and notices.unseen(sara) == 1
    assert "Something 1" in client.get(PAGE, {"show": "all"}).content.decode()


def test_marking_all_leaves_what_came_since(client: Client, sam: Any) -> None:
    tell(sam, 1)
    client.force_login(sam)
    upto = client.get(PAGE).context["newest"]
    tell(sam, 2)
    client.post(SEEN, {"upto": upto})
    assert [row.text for row in notices.of(sam).filter(seen_at=None)] == ["Something 2"]


@pytest.mark.parametrize("given", [{}, {"notice": "x"}, {"upto": "9" * 30}])
def test_nonsense_marks_nothing(given: dict, client: Client, sam: Any) -> None:
    tell(sam)
    client.force_login(sam)
    assert client.post(SEEN, given).status_code == 302
    assert notices.unseen(sam) == 1


def test_it_leads_to_the_person_only_while_one_may_see_them(
    client: Client, inbound: Prospect, sam: Any, sara: Any
) -> None:
    tell(sam, prospect=inbound)
    client.force_login(sam)
    link = reverse("staff-person", args=[inbound.pk])
    assert link in client.get(PAGE).content.decode()
    pipeline.assign(prospect=inbound, owner=sara, by=sara, at=later(minutes=1))
    assert link not in client.get(PAGE).content.decode()


def test_a_mention_leads_to_its_note(client: Client, sam: Any) -> None:
    notices.tell(user=sam, kind="mention", text="Sara named you", key=f"mention:41:{sam.pk}", at=TUESDAY)
    client.force_login(sam)
    assert reverse("staff-note-read", args=[41]) in client.get(PAGE).content.decode()


def test_the_page_costs_the_same_for_many(
    client: Client, sam: Any, django_assert_max_num_queries: Any
) -> None:
    client.force_login(sam)
    for number in range(30):
        tell(sam, number)
    with django_assert_max_num_queries(12):
        assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("address", [PAGE, BELL])
def test_who_hears_of_something_opens_it_and_others_do_not(
    address: str, client: Client, sam: Any, maya: Any, vera: Any, nora: Any
) -> None:
    for user, status in ((sam, 200), (maya, 200), (vera, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(address).status_code == status, user


def test_the_head_of_a_page_asks_for_the_bell_only_where_it_may_be_read(
    client: Client, sam: Any, vera: Any
) -> None:
    client.force_login(sam)
    assert BELL in client.get("/staff/today/").content.decode()
    client.force_login(vera)
    assert BELL not in client.get("/staff/reports/", follow=True).content.decode()
