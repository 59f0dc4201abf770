"""History goes in as it was, once, without rules, clocks, promises or signals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.errors import Refused
from prospects.models import Deal, DealMove, FollowUp, Prospect, StageMove
from prospects.past import PastCycle, import_history
from prospects.signals import deal_closed, stage_changed
from prospects.tests.conftest import TUESDAY, later, make_person

pytestmark = pytest.mark.django_db

LAST_YEAR = TUESDAY - timedelta(days=400)


def won(person: Any, **more: Any) -> PastCycle:
    given = {
        "opened_at": LAST_YEAR,
        "steps": [("contacting", LAST_YEAR + timedelta(days=1)), ("won", LAST_YEAR + timedelta(days=30))],
        "amount": Decimal(900), "currency": "BRL", "rate": Decimal("0.2"), "source": "olist",
        "external_id": f"deal-{person.pk}",
    }  # fmt: skip
    return PastCycle(person_id=person.pk, **(given | more))


def test_a_won_cycle_enters_with_its_dates_and_its_deal() -> None:
    made = import_history(cycles=[won(make_person())], by=None, at=TUESDAY).made[0]
    prospect = Prospect.objects.get(pk=made.pk)
    assert (prospect.stage.slug, prospect.verdict) == ("won", "accepted")
    assert prospect.accepted_at == LAST_YEAR + timedelta(days=1)
    assert prospect.closed_at == LAST_YEAR + timedelta(days=30)
    assert prospect.sales_qualified_at is None  # the file does not say when
    assert prospect.deals.get().base_amount == Decimal(180)
    assert prospect.person.sales_stage == "won"


def test_every_history_row_says_imported_and_explains_the_stage() -> None:
    prospect = import_history(cycles=[won(make_person())], by=None, at=TUESDAY).made[0]
    moves = list(prospect.moves.order_by("pk"))
    assert [move.new.slug for move in moves] == ["to_contact", "contacting", "won"]
    assert all(move.imported for move in moves) and all(move.imported for move in DealMove.objects.all())


def test_nothing_else_stirs() -> None:
    heard: list[Any] = []

    def listen(**told: Any) -> None:
        heard.append(told)

    stage_changed.connect(listen)
    deal_closed.connect(listen)
    try:
        made = import_history(
            cycles=[won(make_person()), won(make_person(), steps=())], by=None, at=TUESDAY
        ).made
    finally:
        stage_changed.disconnect(listen)
        deal_closed.disconnect(listen)
    assert heard == [] and not FollowUp.objects.exists()
    assert {(row.answer_by, row.first_acted_at) for row in made} == {(None, None)}


def test_the_same_rows_again_add_nothing() -> None:
    person, other = make_person(), make_person()
    rows = [won(person), won(other, amount=None, external_id=None)]
    import_history(cycles=rows, by=None, at=TUESDAY)
    again = import_history(cycles=rows, by=None, at=TUESDAY)
    assert (len(again.made), again.known) == (0, rows)
    assert (Prospect.objects.count(), Deal.objects.count(), StageMove.objects.count()) == (2, 1, 6)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"steps": [("won", later(days=1))]}, "a date of history must lie in the past"),
        ({"steps": [("sold", LAST_YEAR)]}, "no stage sold"),
    ],
)
def test_a_row_that_cannot_be_is_refused_alone(more: dict, why: str) -> None:
    bad, good = won(make_person(), **more), won(make_person())
    result = import_history(cycles=[bad, good], by=None, at=TUESDAY)
    assert result.refused == [(bad, why)] and len(result.made) == 1


def test_a_second_cycle_of_a_person_is_the_next_round() -> None:
    person = make_person()
    rows = [won(person), won(person, external_id="two", opened_at=LAST_YEAR + timedelta(days=60))]
    first, second = import_history(cycles=rows, by=None, at=TUESDAY).made
    assert (second.round, second.previous) == (2, first)


def test_a_second_open_cycle_of_a_person_is_refused() -> None:
    person = make_person()
    rows = [
        won(person, external_id=str(n), steps=(), opened_at=LAST_YEAR + timedelta(days=n)) for n in range(2)
    ]
    result = import_history(cycles=rows, by=None, at=TUESDAY)
    assert [why for _row, why in result.refused] == ["this person has an open cycle"]


def test_a_loss_is_a_loss_with_its_reason() -> None:
    made = import_history(
        cycles=[won(make_person(), steps=[("lost", LAST_YEAR)])], by=None, at=TUESDAY
    ).made[0]  # fmt: skip
    assert (made.verdict, made.sales_qualified_at, made.deals.get().status) == ("accepted", None, "lost")


def test_it_takes_a_right_of_its_own(omar: Any, sam: Any, maya: Any, nora: Any) -> None:
    for stranger in (sam, maya, nora):
        with pytest.raises(Refused):
            import_history(cycles=[], by=stranger, at=TUESDAY)
    assert import_history(cycles=[won(make_person())], by=omar, at=TUESDAY).made[0].moves.first().by == omar


def test_hundreds_of_rows_cost_few_queries() -> None:
    rows = [won(make_person()) for _ in range(200)]
    with CaptureQueriesContext(connection) as seen:
        import_history(cycles=rows, by=None, at=TUESDAY)
    assert len(seen) < 40
