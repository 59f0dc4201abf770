"""Turns are fair by weight: within one of the ideal, no batch to anybody, nobody catches up on days away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given
from hypothesis import strategies as st

from prospects.assignment.choosing import choose
from prospects.assignment.fairness import next_in_turn, share_out
from prospects.models import Absence, AssignmentMember, Holiday, Rep
from prospects.stages import default_pipeline
from prospects.tests.conftest import TUESDAY, make_person

weights = st.lists(st.integers(1, 9), min_size=2, max_size=6)
spans = st.tuples(st.integers(0, 300), st.integers(5, 120))


def members_of(weights: list[int]) -> list[AssignmentMember]:
    return [AssignmentMember(pk=n, user_id=n, weight=weight) for n, weight in enumerate(weights, 1)]


def turn(able: list[AssignmentMember]) -> int:
    chosen = next_in_turn(able)
    assert chosen is not None
    share_out(able, chosen.user_id)
    return chosen.user_id


@given(weights, st.lists(spans, max_size=6))
def test_whoever_is_away_and_whenever_nobody_is_far_from_their_share(
    weights: list[int], away: list[tuple[int, int]]
) -> None:
    """The shares are added up here once more, by themselves."""
    members = members_of(weights)
    ideal = dict.fromkeys(range(1, len(members) + 1), 0.0)
    for number in range(300):
        off = {1 + n % len(members) for n, (first, days) in enumerate(away) if first <= number < first + days}
        able = [one for one in members if one.pk not in off] or members
        for one in able:
            ideal[one.pk] += one.weight / sum(member.weight for member in able)
        turn(able)
        assert all(abs(one.given - ideal[one.pk]) < 2 for one in members)
    assert sum(one.given for one in members) == 300
    assert all(abs(one.given + one.owed - ideal[one.pk]) < 1e-4 for one in members)


@given(weights)
def test_when_all_are_there_each_is_within_one_at_every_moment(weights: list[int]) -> None:
    members = members_of(weights)
    for number in range(1, 201):
        turn(members)
        for one in members:
            assert abs(one.given - number * one.weight / sum(weights)) <= 1 + 1e-6


def test_a_newcomer_and_a_returner_get_no_batch() -> None:
    members = members_of([1, 1, 1])
    for _n in range(100):
        turn(members[:2])  # the third is away, then new
    after = [turn(members) for _n in range(9)]
    assert sorted(after) == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert all(one != other for one, other in pairwise(after))


@pytest.mark.django_db
def test_a_thousand_leads_over_five_reps_end_within_one_of_the_ideal(rule: Any) -> None:
    """Twelve weeks with weights, a part-timer, two absences and a holiday; the ideal is worked out apart."""
    users = [get_user_model().objects.create_user(f"rep{n}", first_name=f"Rep {n}") for n in range(5)]
    weight = dict(zip(users, (1, 2, 2, 3, 1), strict=True))
    rule(*weight.items())
    Rep.objects.create(user=users[1], working_days="123")
    gone = {users[3]: (date(2026, 3, 16), date(2026, 3, 27)), users[4]: (date(2026, 3, 1), date(2026, 4, 12))}
    for user, (first, last) in gone.items():
        Absence.objects.create(user=user, first_on=first, last_on=last)
    Holiday.objects.create(on=date(2026, 4, 6), name="Easter Monday")
    got, person, pipeline = [], make_person(), default_pipeline()
    for number in range(1000):
        at = TUESDAY + timedelta(days=number // 12, minutes=number % 12 * 20)
        got.append((choose(pipeline=pipeline, person=person, at=at).owner, _could(users, gone, at)))
    for user in users:
        ideal = sum(weight[user] / sum(weight[one] for one in able) for _owner, able in got if user in able)
        assert abs(sum(owner == user for owner, _able in got) - ideal) <= 1, user
    assert all(owner in able for owner, able in got)
    runs = [len(list(run)) for _owner, run in groupby(owner for owner, able in got if len(able) > 1)]
    assert max(runs) <= 3


def _could(users: list[Any], gone: dict[Any, tuple[date, date]], at: datetime) -> list[Any]:
    """Who is there on the next working day; and, on Thursdays and Fridays, not the part-timer."""
    day = at.date()
    while day.isoweekday() > 5 or day == date(2026, 4, 6):
        day += timedelta(days=1)
    there = [user for user in users if user not in gone or not gone[user][0] <= day <= gone[user][1]]
    return [user for user in there if user != users[1] or at.isoweekday() not in (4, 5)]
