"""A bug in the handover never undoes a qualification; the sweep hands over what the signal could not."""

from typing import Any

import pytest
from django.db import IntegrityError

from leads.models import LeadMove
from prospects import handover
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_move

pytestmark = pytest.mark.django_db


def broken(**_: Any) -> None:
    raise RuntimeError("a bug in sales")


def broken_in_the_database(*, move: LeadMove, at: Any) -> None:
    Prospect.objects.create(person=move.lead.person, pipeline_id=None)  # refused by the database itself


@pytest.mark.parametrize("bug", [broken, broken_in_the_database])
def test_a_failing_receiver_leaves_the_lead_qualified_and_the_sweep_does_it(
    monkeypatch: pytest.MonkeyPatch, bug: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(handover, "open_from_move", bug)
        move = make_move()
    move.lead.refresh_from_db()
    assert move.lead.status == "marketing_qualified" and not Prospect.objects.exists()
    assert handover.sweep(at=later(minutes=1))["handed"] == 1
    assert Prospect.objects.get().lead_move == move


def test_the_sweep_finds_nothing_the_second_time() -> None:
    make_move()
    assert handover.sweep(at=TUESDAY) == {"handed": 0, "asked": 0, "failed": 0}
    assert Prospect.objects.count() == 1


def test_one_bad_row_is_counted_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    real = handover.open_from_move
    with monkeypatch.context() as patch:
        patch.setattr(handover, "open_from_move", broken)
        bad, good = make_move(), make_move()

    def picky(*, move: LeadMove, at: Any) -> Prospect:
        if move.pk == bad.pk:
            raise IntegrityError("broken row")
        return real(move=move, at=at)

    monkeypatch.setattr(handover, "open_from_move", picky)
    assert handover.sweep(at=TUESDAY) == {"handed": 1, "asked": 0, "failed": 1}
    assert Prospect.objects.get().lead_move == good


def test_imported_history_is_never_handed_over() -> None:
    move = make_move()
    LeadMove.objects.create(lead=move.lead, new="marketing_qualified", way="imported", at=TUESDAY)
    assert handover.sweep(at=TUESDAY)["handed"] == 0
