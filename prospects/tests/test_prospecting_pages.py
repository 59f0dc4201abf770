"""/staff/lists/: a manager sees all and starts people; a rep sees who waits and their own; nobody else anything."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import ContactBasis, Lead
from prospects.models import ListedPerson, Prospect, ProspectingList
from prospects.prospecting.starting import Asked, start_rows
from prospects.tests.conftest import TUESDAY, make_move, make_person
from prospects.tests.prospecting import a_cadence, a_list, listed, waiting

pytestmark = pytest.mark.django_db
SAID = {"name": "Fair", "source": "Exhibitors", "basis": "interest", "basis_note": "They buy gears."}


@pytest.fixture
def manager(client: Client, sara: Any) -> Client:
    client.force_login(sara)
    return client


def html(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_list_needs_its_source_and_why_we_may_use_it(manager: Client) -> None:
    answer = manager.post(reverse("staff-list-new"), {"name": "Fair"})
    page = answer.content.decode()
    assert (answer.status_code, ProspectingList.objects.count()) == (422, 0)
    assert "Choose on what ground" in page and "Say why this ground holds" in page
    cadence, key = a_cadence(), str(uuid.uuid4())
    for _press in range(2):
        answer = manager.post(reverse("staff-list-new"), {**SAID, "cadence": cadence.pk, "submit_key": key})
    made = ProspectingList.objects.get()
    assert answer.url == reverse("staff-list", args=[made.pk]) and made.cadence == cadence
    page = html(manager, "staff-list", made.pk)
    assert "Bring people in" in page and "They buy gears." in page


def test_changed_words_hold_from_now_on(manager: Client) -> None:
    onto = a_list()
    (row,) = listed(onto, make_person())
    manager.post(reverse("staff-list-change", args=[onto.pk]), {**SAID, "name": "Renamed"})
    onto.refresh_from_db()
    assert onto.name == "Renamed"
    assert ContactBasis.objects.get(person=row.person).source == "Exhibitors of the fair"


def test_the_best_stand_first_and_chips_divide_the_rows(manager: Client) -> None:
    onto = a_list()
    rows = waiting(onto, 3)
    ListedPerson.objects.filter(pk=rows[0].pk).update(like=make_person(last_name="Twinname"))
    lead = make_person()
    make_move(lead)
    listed(onto, lead, fresh=False)
    page = html(manager, "staff-list", onto.pk)
    assert page.index(rows[1].person.name) < page.index(rows[2].person.name)
    assert rows[0].person.name not in page
    assert "Twinname" in html(manager, "staff-list", onto.pk, query="?state=perhaps")
    known = html(manager, "staff-list", onto.pk, query="?state=known")
    assert lead.name in known and "Exists, owned by nobody in sales." in known and "Take back" in known


def test_pages_of_a_long_list_go_by_key(manager: Client) -> None:
    onto = a_list()
    rows = waiting(onto, 60)
    ListedPerson.objects.filter(pk__in=[row.pk for row in rows[40:]]).update(fit=None)
    first = manager.get(reverse("staff-list", args=[onto.pk])).context["page"]
    second = manager.get(reverse("staff-list", args=[onto.pk]), {"at": first.older}).context["page"]
    assert [row.pk for row in first.rows + second.rows] == [row.pk for row in rows[:40]] + sorted(
        row.pk for row in rows[40:]
    )


def test_starting_says_of_each_what_became_of_it(manager: Client, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 3)
    ListedPerson.objects.filter(pk=rows[1].pk).update(like=make_person())
    form = {"do": "rows", "row": [rows[0].pk, rows[1].pk], "owner": sam.pk, "submit_key": str(uuid.uuid4())}
    page = manager.post(reverse("staff-list-start", args=[onto.pk]), form).content.decode()
    assert "1 started" in page and "1 not started" in page and "look at both people" in page
    assert Prospect.objects.get().owner == sam
    again = manager.post(reverse("staff-list-start", args=[onto.pk]), form).content.decode()
    assert "1 begun already" in again and Prospect.objects.count() == 1


def test_the_best_so_many_by_one_press(manager: Client, sam: Any) -> None:
    onto = a_list()
    waiting(onto, 3)
    form = {"do": "best", "number": 2, "owner": sam.pk, "submit_key": str(uuid.uuid4())}
    for _press in range(2):
        assert manager.post(reverse("staff-list-start", args=[onto.pk]), form).status_code == 200
    assert Prospect.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"do": "rows"}, {"do": "best"}, {"do": "best", "number": 101}, {}])
def test_what_cannot_be_meant_says_what_to_do(wrong: dict[str, Any], manager: Client) -> None:
    onto = a_list()
    waiting(onto, 1)
    answer = manager.post(reverse("staff-list-start", args=[onto.pk]), wrong, follow=True)
    assert list(answer.context["messages"]) and not Prospect.objects.exists()


def test_set_aside_and_back(manager: Client) -> None:
    onto = a_list()
    (row,) = waiting(onto, 1)
    manager.post(reverse("staff-list-row", args=[onto.pk, row.pk, "aside"]), {"why": "Left the company"})
    assert "Left the company" in html(manager, "staff-list", onto.pk, query="?state=set_aside")
    manager.post(reverse("staff-list-row", args=[onto.pk, row.pk, "back"]))
    row.refresh_from_db()
    assert row.state == "waiting"
    other = a_list(name="Other")
    for bad in ([other.pk, row.pk, "aside"], [onto.pk, row.pk, "burn"]):
        assert manager.post(reverse("staff-list-row", args=bad), {"why": "x"}).status_code == 404


def test_put_away_and_in_use_again(manager: Client) -> None:
    onto = a_list()
    waiting(onto, 1)
    manager.post(reverse("staff-list-verb", args=[onto.pk, "archive"]))
    assert onto.name not in html(manager, "staff-lists")
    assert onto.name in html(manager, "staff-lists", query="?show=archived")
    assert "Bring people in" not in html(manager, "staff-list", onto.pk)
    manager.post(reverse("staff-list-verb", args=[onto.pk, "restore"]))
    assert onto.name in html(manager, "staff-lists")


def test_a_number_lists_the_people_behind_it(manager: Client, sara: Any, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 2)
    start_rows(Asked(onto, sam, sara, TUESDAY), [rows[0].pk])
    page = html(manager, "staff-list", onto.pk, query="?state=started")
    assert f"?step=started&amp;rep={sam.pk}" in page
    behind = html(manager, "staff-list", onto.pk, query=f"?step=started&rep={sam.pk}")
    assert rows[0].person.name in behind and rows[1].person.name not in behind
    for odd in ("?step=nonsense&rep=x", "?state=nonsense", "?at=!!!", "?rep=99999999999999"):
        html(manager, "staff-list", onto.pk, query=odd)


# Who sees what (DECISIONS 34).


def test_a_rep_sees_who_waits_and_their_own_and_nothing_of_others(
    client: Client, sara: Any, sam: Any
) -> None:
    onto = a_list()
    mine, hers, waits, doubted, known = waiting(onto, 5)
    for number, row in enumerate((mine, hers, waits, doubted, known)):
        type(row.person).objects.filter(pk=row.person_id).update(
            last_name=f"Name{number}x", phone=f"+41 44 000 00 0{number}"
        )
    start_rows(Asked(onto, sam, sara, TUESDAY), [mine.pk])
    start_rows(Asked(onto, sara, sara, TUESDAY), [hers.pk])
    ListedPerson.objects.filter(pk=known.pk).update(state="known", why="Exists, owned by Sara Lindqvist.")
    ListedPerson.objects.filter(pk=doubted.pk).update(like=hers.person)
    client.force_login(sam)
    pages = "".join(
        html(client, "staff-list", onto.pk, query=f"?state={state}")
        for state in ("waiting", "perhaps", "started", "known", "set_aside")
    )
    assert all(f"Name{n}x" in pages for n in (0, 2, 3))
    assert all(f"Name{n}x" not in pages for n in (1, 4))
    assert "+41 44" not in pages and "@works.example" not in pages
    assert 'name="row"' not in pages and "Take back" not in pages
    assert f"rep={sara.pk}" not in pages


def test_marketing_and_whoever_has_no_business_there_see_no_list(
    client: Client, maya: Any, vera: Any, nora: Any
) -> None:
    onto = a_list()
    for user in (maya, vera, nora):
        client.force_login(user)
        for name, args in (("staff-lists", []), ("staff-list", [onto.pk]), ("staff-list-new", [])):
            assert client.get(reverse(name, args=args)).status_code == 403


def test_a_rep_starts_nobody(client: Client, sam: Any) -> None:
    onto = a_list()
    (row,) = waiting(onto, 1)
    client.force_login(sam)
    for name, args in (
        ("staff-list-start", [onto.pk]), ("staff-list-row", [onto.pk, row.pk, "aside"]),
        ("staff-list-verb", [onto.pk, "archive"]), ("staff-list-new", []), ("staff-list-change", [onto.pk]),
    ):  # fmt: skip
        assert client.post(reverse(name, args=args), {"do": "rows", "row": row.pk, **SAID}).status_code == 403
    assert not Prospect.objects.exists()


def test_empty_pages_say_what_will_be_here(manager: Client, sam: Any) -> None:
    assert "Make a list" in html(manager, "staff-lists")
    onto = a_list()
    for state in ("waiting", "perhaps", "started", "known", "set_aside"):
        assert 'class="empty"' in html(manager, "staff-list", onto.pk, query=f"?state={state}")
    manager.force_login(sam)
    assert "Your manager starts them" in html(manager, "staff-list", onto.pk, query="?state=started")


# By hand.


def test_a_contact_entered_on_a_list_has_its_ground_and_counts_as_begun(client: Client, sam: Any) -> None:
    onto, key = a_list(), str(uuid.uuid4())
    form = {"last_name": "Neuer", "email": "n@firma.example", "prospecting_list": onto.pk, "submit_key": key}
    client.force_login(sam)
    for _press in range(2):
        assert client.post(reverse("staff-cold-new"), form).status_code == 302
    row = ListedPerson.objects.get()
    assert (row.state, row.prospect, row.prospect.owner) == ("started", Prospect.objects.get(), sam)
    assert ContactBasis.objects.get().source == onto.source
    assert not Lead.objects.exists()


def test_without_a_list_source_and_ground_are_asked_for(client: Client, sam: Any) -> None:
    client.force_login(sam)
    form = {"last_name": "Neuer", "email": "n@firma.example", "submit_key": str(uuid.uuid4())}
    answer = client.post(reverse("staff-cold-new"), form)
    assert answer.status_code == 422 and "say where the address is from" in answer.content.decode()
    ground = {"source": "Their website", "basis": "interest", "basis_note": "They buy what we make."}
    for _press in range(2):
        assert client.post(reverse("staff-cold-new"), form | ground).status_code == 302
    kept = ContactBasis.objects.get()
    assert (kept.kind, kept.source, kept.why, kept.by) == (
        "interest", "Their website", "They buy what we make.", sam,
    )  # fmt: skip
