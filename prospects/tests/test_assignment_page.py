"""/staff/assignment/: the rules with what each got, whom nobody took and why, and a try that counts nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prospects.models import AssignmentMember, Prospect, Rep
from prospects.tests.conftest import make_move, make_person

PAGE, AGAIN = "/staff/assignment/", "/staff/assignment/again/"


@pytest.fixture
def manager(client: Client, sara: Any) -> Client:
    client.force_login(sara)
    return client


def test_managers_open_it_and_others_do_not(
    client: Client, sara: Any, sam: Any, maya: Any, nora: Any
) -> None:
    for user, status in ((sara, 200), (sam, 403), (maya, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(PAGE).status_code == status, user
        assert client.post(AGAIN).status_code == (302 if status == 200 else 403), user


def test_each_member_stands_beside_the_ideal(manager: Client, rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, (sara, 2))
    for _n in range(4):
        make_move()
    [(_rule, shares)] = manager.get(PAGE).context["rules"]
    said = {share.member.user: (share.given, round(share.ideal, 2), share.part) for share in shares}
    assert said == {sam: (1, 1.33, 0.25), sara: (3, 2.67, 0.75)}


def test_a_full_member_is_marked(manager: Client, rule: Any, sam: Any) -> None:
    rule(sam)
    Rep.objects.create(user=sam, capacity=0)
    assert "has 0 open, as many as allowed" in manager.get(PAGE).content.decode()


def test_who_waits_stands_with_each_rule_that_failed(manager: Client, rule: Any, sam: Any) -> None:
    rule(sam, name="Abroad", field="country", words="FR", order=1)
    rule(name="Nobody there", order=2)
    prospect = Prospect.objects.get(lead_move=make_move(make_person(country="DE")))
    [one] = manager.get(PAGE).context["waiting"]
    assert one.prospect == prospect
    assert [(step.asked, step.said) for step in one.choice.steps] == [
        ("Abroad", "country DE"),
        ("Nobody there", "no members"),
    ]


def test_asking_again_gives_them_and_says_how_many(manager: Client, rule: Any, sam: Any) -> None:
    make_move()
    rule(sam)
    answer = manager.post(AGAIN, follow=True)
    assert "1 given to a rep, 0 still wait." in answer.content.decode()
    assert Prospect.objects.get().owner == sam


def test_a_try_names_the_rep_and_counts_nothing(manager: Client, rule: Any, sam: Any) -> None:
    rule(sam, name="Abroad", field="country", words="FR")
    person = make_person(country="FR", first_name="Zelda", last_name="Quist")
    found = manager.get(PAGE, {"q": "quist"})
    assert found.context["people"] == [person]
    page = manager.get(PAGE, {"q": "quist", "person": person.pk})
    assert page.context["choice"].owner == sam
    assert "Would go to <b>Sam Okafor</b>." in page.content.decode()
    assert list(AssignmentMember.objects.values_list("given", "owed")) == [(0, 0)]
    assert not Prospect.objects.exists()


@pytest.mark.parametrize("asked", [{"person": "x"}, {"person": "9" * 40}, {"person": "0"}, {"q": "%"}])
def test_a_try_with_nobody_is_an_empty_page(asked: dict, manager: Client) -> None:
    answer = manager.get(PAGE, asked)
    assert answer.status_code == 200 and answer.context["choice"] is None


def test_more_waiting_and_more_members_cost_no_more_statements(
    manager: Client, rule: Any, sam: Any, sara: Any
) -> None:
    rule(sam, field="country", words="FR")
    make_move()
    with CaptureQueriesContext(connection) as few:
        manager.get(PAGE)
    rule(sara, sam, field="country", words="IT", name="Other")
    for _n in range(8):
        make_move()
    with CaptureQueriesContext(connection) as many:
        manager.get(PAGE)
    assert len(many) <= len(few)
