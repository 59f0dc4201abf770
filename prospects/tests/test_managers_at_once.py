"""Two managers, or a manager and a handover, at the same moment: nothing is done twice, nobody waits for ever."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import connections, transaction

from conftest import PASSWORD
from leads.models import Person
from prospects import agreement, handover, pipeline, targets, transfer
from prospects.feedback import disagreements, requests
from prospects.models import Agreement, Assignment, Prospect, Target, Transfer
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_move, make_person, reason
from prospects.tests.test_races import at_once, wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


@pytest.fixture
def ben(sam: Any, django_user_model: Any) -> Any:
    user = django_user_model.objects.create_user("ben", "ben@averdahl.example", PASSWORD)
    user.groups.set(sam.groups.all())
    return user


def test_of_two_who_move_a_leavers_work_one_does(sam: Any, ben: Any, sara: Any) -> None:
    for _ in range(4):
        make_cold(sam, make_person())

    def leave(to: Any) -> Transfer:
        return transfer.move_all(leaver=sam, to=to, by=sara, at=later(hours=1))

    results = at_once(lambda: leave(ben), lambda: leave(sara))
    assert kinds(results) == ["Refused", "Transfer"]
    assert Assignment.objects.filter(old_owner=sam).count() == 4
    assert Prospect.objects.values("owner").distinct().count() == 1


def test_handovers_that_come_in_meanwhile_do_not_deadlock(sam: Any, ben: Any, sara: Any, rule: Any) -> None:
    rule(sam, ben, sara)
    for _ in range(6):
        make_inbound(sam)
    moves = [make_move(at=later(minutes=1)) for _ in range(3)]
    type(moves[0]).objects.update(handed_at=None)
    Prospect.objects.filter(lead_move__in=moves).update(lead_move=None, closed_at=later(minutes=2))
    results = at_once(
        lambda: transfer.move_all(leaver=sam, to=None, by=sara, at=later(hours=1)),
        *(lambda move=move: handover.open_from_move(move=move, at=later(hours=1)) for move in moves),
    )
    assert isinstance(results[0], Transfer), results
    assert not any("deadlock" in str(result).lower() or "locked" in str(result).lower() for result in results)
    assert not Prospect.objects.open().filter(owner=sam, opened_at__lt=later(hours=1)).exists()


@pytest.mark.skipif("postgresql" not in connections.databases["default"]["ENGINE"], reason="locks rows")
def test_work_that_went_to_another_person_meanwhile_is_told_and_nothing_moves(
    sam: Any, ben: Any, sara: Any
) -> None:
    """A merge took the cycle along: going on would lock people out of their order, and two might wait for ever."""
    prospect, other, moved = make_cold(sam, make_person()), make_person(), Event()

    def merged() -> None:
        with transaction.atomic():
            Person.objects.select_for_update().get(pk=prospect.person_id)
            Prospect.objects.filter(pk=prospect.pk).update(person=other)
            moved.set()
            wait_until_somebody_waits()

    def leaves() -> Transfer:
        assert moved.wait(5)
        return transfer.move_all(leaver=sam, to=ben, by=sara, at=later(hours=1))

    assert kinds(at_once(merged, leaves)) == ["Conflict", "NoneType"]
    assert Prospect.objects.get(pk=prospect.pk).owner == sam


def test_of_two_answers_one_counts(sam: Any, maya: Any) -> None:
    asked = requests.ask(prospect=make_cold(sam), kind="content", text="A sheet", by=sam, at=TUESDAY)

    def answer(words: str) -> Any:
        return requests.answer(request=asked, state="done", words=words, by=maya, at=TUESDAY)

    assert kinds(at_once(lambda: answer("one"), lambda: answer("two"))) == ["Conflict", "MarketingRequest"]


def test_two_readers_of_changed_rules_make_one_version(sam: Any) -> None:
    results = at_once(*[lambda: agreement.current(at=TUESDAY)] * 4)
    assert {row.number for row in results} == {1}
    assert Agreement.objects.count() == 1


def test_of_two_reviews_one_counts(sam: Any, maya: Any, sara: Any) -> None:
    prospect = make_inbound(sam, way="grade", grade="A1")
    pipeline.reject(prospect=prospect, reason=reason("spam"), by=sam, at=TUESDAY)

    def decide(by: Any, decision: str) -> Any:
        return disagreements.decide(prospect=prospect, decision=decision, note="", by=by, at=TUESDAY)

    assert kinds(at_once(lambda: decide(maya, "sales"), lambda: decide(sara, "marketing"))) == [
        "Conflict", "Review",
    ]  # fmt: skip


def test_of_two_grids_saved_at_once_one_is_kept_whole(sara: Any) -> None:
    def save(value: int) -> Any:
        cells = {(date(2026, month, 1), "leads"): Decimal(value) for month in range(1, 13)}
        whose = targets.Whose()
        return targets.save(whose=whose, year=2026, cells=cells, seen=targets.stamp({}), by=sara, at=TUESDAY)

    assert kinds(at_once(lambda: save(1), lambda: save(2))) == ["Conflict", "int"]
    assert Target.objects.count() == 12
    assert Target.objects.values("value").distinct().count() == 1
