"""Handovers at the same moment, on PostgreSQL: no turn is lost or given twice, and no limit is overrun."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections, transaction

from prospects.assignment.choosing import choose
from prospects.assignment.waiting import ask_again
from prospects.cycles import open_cycle
from prospects.defaults import install
from prospects.models import Assignment, AssignmentMember, AssignmentRule, Prospect, Rep
from prospects.stages import default_pipeline
from prospects.tests.conftest import TUESDAY, make_person
from prospects.transitions import lock_person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("postgresql" not in connections.databases["default"]["ENGINE"], reason="locks rows"),
]
AT_ONCE, EACH = 6, 10


def hand_over(number: int) -> None:
    """As a handover does it: lock, choose, open."""
    try:
        for _n in range(EACH):
            person = make_person()
            with transaction.atomic():
                lock_person(person.pk)
                choice = choose(pipeline=default_pipeline(), person=person, at=TUESDAY)
                open_cycle(
                    person=person, pipeline=default_pipeline(), origin="inbound", at=TUESDAY, by=None, why="x",
                    owner=choice.owner, assigned_why=choice.why, rule=choice.rule,
                )  # fmt: skip
    finally:
        connections.close_all()


def at_once(work: Any) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, range(AT_ONCE)))


@pytest.fixture
def team() -> list[Any]:
    install()
    users = [get_user_model().objects.create_user(f"rep{n}") for n in range(4)]
    rule = AssignmentRule.objects.create(name="Everybody")
    for user, weight in zip(users, (1, 2, 2, 1), strict=True):
        AssignmentMember.objects.create(rule=rule, user=user, weight=weight)
    return users


def test_each_turn_is_counted_once_and_fair(team: list[Any]) -> None:
    at_once(hand_over)
    given = Counter(Assignment.objects.values_list("owner", flat=True))
    assert sum(given.values()) == AT_ONCE * EACH
    for member in AssignmentMember.objects.all():
        assert member.given == given[member.user_id]
        assert abs(member.given - AT_ONCE * EACH * member.weight / 6) <= 1


def test_nobody_gets_more_than_they_may_have_open(team: list[Any]) -> None:
    for user in team:
        Rep.objects.create(user=user, capacity=5)
    at_once(hand_over)
    held = Counter(Prospect.objects.values_list("owner", flat=True))
    assert [held[user.pk] for user in team] == [5] * 4
    assert held[None] == AT_ONCE * EACH - 20


def test_asking_the_rules_again_from_two_screens_gives_each_once(team: list[Any]) -> None:
    rule = AssignmentRule.objects.get()
    AssignmentRule.objects.update(field="country", words="FR")
    hand_over(0)
    assert Prospect.objects.filter(owner=None).count() == EACH
    AssignmentRule.objects.update(field="any")

    def again(_number: int) -> None:
        try:
            ask_again(by=None, at=TUESDAY)
        finally:
            connections.close_all()

    at_once(again)
    assert not Prospect.objects.filter(owner=None).exists()
    assert Assignment.objects.filter(rule=rule).count() == EACH
    assert sum(AssignmentMember.objects.values_list("given", flat=True)) == EACH
