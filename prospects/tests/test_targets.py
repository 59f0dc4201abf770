"""Targets: one grid saved in one go, by a manager, and what was reached counted by the day it happened."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from prospects import meetings, pipeline, targets
from prospects.models import Meeting, Rep, Target, Team
from prospects.targets import Whose
from prospects.targets_reached import reached
from prospects.tests.conftest import TUESDAY, later, make_inbound, talk

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
HOUSE = Whose()
pytestmark = pytest.mark.django_db


def save(whose: Whose, cells: dict, by: Any, seen: str | None = None) -> int:
    stamp = targets.stamp(targets.set_in(whose, 2026)) if seen is None else seen
    return targets.save(whose=whose, year=2026, cells=cells, seen=stamp, by=by, at=TUESDAY)


def test_a_cell_is_set_changed_and_emptied(sara: Any) -> None:
    assert save(HOUSE, {(MARCH, "leads"): Decimal(40), (APRIL, "leads"): None}, sara) == 1
    assert save(HOUSE, {(MARCH, "leads"): Decimal(50)}, sara) == 1
    assert save(HOUSE, {(MARCH, "leads"): Decimal(50)}, sara) == 0
    assert targets.set_in(HOUSE, 2026) == {(MARCH, "leads"): Decimal(50)}
    assert save(HOUSE, {(MARCH, "leads"): None}, sara) == 1
    assert not Target.objects.exists()


def test_a_grid_that_a_colleague_saved_meanwhile_is_not_written_over(sara: Any) -> None:
    old = targets.stamp({})
    save(HOUSE, {(MARCH, "leads"): Decimal(40)}, sara)
    with pytest.raises(Conflict):
        save(HOUSE, {(MARCH, "leads"): None, (APRIL, "leads"): Decimal(1)}, sara, seen=old)
    assert (
        save(HOUSE, {(MARCH, "leads"): Decimal(40)}, sara, seen=old) == 0
    )  # the same again is a second press
    assert targets.set_in(HOUSE, 2026) == {(MARCH, "leads"): Decimal(40)}


def test_only_a_manager_sets_them(sam: Any, maya: Any, vera: Any) -> None:
    for user in (sam, maya, vera):
        with pytest.raises(Refused):
            save(HOUSE, {(MARCH, "leads"): Decimal(1)}, user)


def test_whose_targets_each_may_read(sam: Any, sara: Any, vera: Any, maya: Any) -> None:
    team, other = Team.objects.create(name="North"), Team.objects.create(name="South")
    Rep.objects.create(user=sam, team=team)
    keys = {user.username: {one.key for one in targets.whose_of(user)} for user in (sam, sara, vera, maya)}
    assert keys["sam"] == {"house", f"team:{team.pk}", f"rep:{sam.pk}"}
    assert {"house", f"team:{other.pk}", f"rep:{sam.pk}", f"rep:{sara.pk}"} <= keys["sara"]
    for reader in ("vera", "maya"):
        assert {"house", f"team:{team.pk}", f"team:{other.pk}"} <= keys[reader]
        assert not any(key.startswith("rep:") for key in keys[reader])


def test_what_was_reached_of_house_rep_and_team(sam: Any, sara: Any) -> None:
    team = Team.objects.create(name="North")
    Rep.objects.create(user=sam, team=team)
    won = make_inbound(sam)
    talk(won, sam, bant={
        "need": {"state": "confirmed"}, "authority": {"state": "claimed"}, "budget": {"state": "claimed"},
    })  # fmt: skip
    meeting = meetings.book_meeting(prospect=won, starts_at=later(days=1), by=sam, at=TUESDAY)
    Meeting.objects.filter(pk=meeting.pk).update(outcome="held")
    pipeline.win(prospect=won, amount=Decimal(900), by=sam, at=later(days=40))
    make_inbound(sara)
    house, mine = reached(HOUSE, 2026), reached(Whose("rep", sam), 2026)
    assert (house[MARCH, "leads"], house[MARCH, "marketing_qualified"]) == (2, 2)
    assert mine == {
        (MARCH, "marketing_qualified"): 1, (MARCH, "meetings"): 1,
        (APRIL, "sales_qualified"): 1, (APRIL, "revenue"): Decimal(900),
    }  # fmt: skip
    assert reached(Whose("team", team), 2026) == mine
    assert (APRIL, "revenue") not in reached(Whose("rep", sara), 2026)


def test_the_last_hour_of_a_month_belongs_to_it_in_the_zone_of_the_house(sam: Any) -> None:
    start, end = targets.span_of(MARCH)
    assert (start.isoformat(), end.isoformat()) == ("2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00")
