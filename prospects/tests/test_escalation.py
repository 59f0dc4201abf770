"""A clock that ran out is told once: to the rep, and to the head of the team, else to every manager."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prospects import pipeline
from prospects.clocks.escalation import LIMIT, NEWS, sweep
from prospects.models import Notice, Prospect, Rep, Stage, Team
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_move, make_person, talk

pytestmark = pytest.mark.django_db
BROKEN = later(minutes=16)


def told(kind: str = "clock") -> list[tuple[str, str]]:
    return sorted(
        Notice.objects.filter(kind=kind).values_list("user__username", "prospect__person__last_name")
    )


def names(prospect: Prospect, *users: Any) -> list[tuple[str, str]]:
    return sorted((user.username, prospect.person.last_name) for user in users)


def test_a_broken_clock_is_told_once_to_the_rep_and_the_managers(
    inbound: Prospect, sam: Any, sara: Any
) -> None:
    assert sweep(at=later(minutes=14)) == {"answers": 0, "stages": 0}
    assert sweep(at=BROKEN) == {"answers": 1, "stages": 0}
    assert told() == names(inbound, sam, sara)
    assert sweep(at=later(minutes=17)) == {"answers": 0, "stages": 0}
    assert len(told()) == 2


def test_the_head_of_the_team_hears_it_in_place_of_all_managers(
    inbound: Prospect, sam: Any, sara: Any, nora: Any
) -> None:
    Rep.objects.create(user=sam, team=Team.objects.create(name="North", head=nora))
    sweep(at=BROKEN)
    assert told() == names(inbound, sam, nora)


def test_a_manager_who_owns_it_hears_it_once(sara: Any) -> None:
    prospect = make_inbound(sara)
    sweep(at=BROKEN)
    assert told() == names(prospect, sara)


def test_what_nobody_owns_is_told_to_the_managers_and_later_to_its_owner(sam: Any, sara: Any) -> None:
    prospect = Prospect.objects.get(lead_move=make_move())
    sweep(at=BROKEN)
    sweep(at=BROKEN)
    assert told() == names(prospect, sara)
    pipeline.assign(prospect=prospect, owner=sam, by=sara, at=BROKEN)
    sweep(at=later(minutes=20))
    assert told() == names(prospect, sam, sara)


def test_without_any_manager_what_nobody_owns_is_not_looked_at(sam: Any) -> None:
    make_move()
    assert sweep(at=BROKEN)["answers"] == 0


@pytest.mark.parametrize("how", ["called", "closed", "long ago"])
def test_an_answer_or_an_end_or_long_ago_is_no_news(how: str, inbound: Prospect, sam: Any, sara: Any) -> None:
    if how == "called":
        talk(inbound, sam, at=later(minutes=2), bant={})
    elif how == "closed":
        Prospect.objects.filter(pk=inbound.pk).update(closed_at=TUESDAY)
    sweep(at=BROKEN + NEWS if how == "long ago" else BROKEN)
    assert told() == []


def test_too_long_in_a_stage_is_told_once_a_stay(accepted: Prospect, sam: Any, sara: Any) -> None:
    Stage.objects.filter(slug="contacting").update(limit_days=3)
    assert sweep(at=later(days=2))["stages"] == 0
    assert sweep(at=later(days=4))["stages"] == 1
    assert sweep(at=later(days=5))["stages"] == 0
    assert told("too_long") == names(accepted, sam, sara)
    Prospect.objects.filter(pk=accepted.pk).update(stage_since=later(days=6))
    assert sweep(at=later(days=10))["stages"] == 1
    assert len(told("too_long")) == 4


def test_a_stage_without_a_limit_and_a_stay_long_over_it_are_no_news(accepted: Prospect, sara: Any) -> None:
    assert sweep(at=later(days=9))["stages"] == 0
    Stage.objects.filter(slug="contacting").update(limit_days=3)
    assert sweep(at=later(days=4) + NEWS)["stages"] == 0


def test_a_sweep_costs_the_same_for_many_and_is_bounded(sam: Any, sara: Any, monkeypatch: Any) -> None:
    make_inbound(sam)
    with CaptureQueriesContext(connection) as one:
        sweep(at=BROKEN)
    for _n in range(4):
        make_inbound(sam, make_person())
    monkeypatch.setattr("prospects.clocks.escalation.LIMIT", 3)
    with CaptureQueriesContext(connection) as many:
        assert sweep(at=BROKEN)["answers"] == 3
    assert len(many) == len(one) and LIMIT < 1000
    assert sweep(at=BROKEN)["answers"] == 1


def test_a_twin_that_told_it_first_does_no_harm(inbound: Prospect, sam: Any, sara: Any) -> None:
    Notice.objects.create(user=sara, kind="clock", text="x", key=f"clock:{inbound.pk}:{sara.pk}", at=TUESDAY)
    sweep(at=BROKEN)
    assert Notice.objects.filter(kind="clock").count() == 2
