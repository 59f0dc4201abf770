"""S1: two people at once, one wins and the other gets Conflict with the new state. On whatever database runs."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from campaigns.errors import Conflict
from prospects import handover, pipeline, returns
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_move, reason

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """Run each verb in a thread of its own, begun together; what each returned or raised, in order."""
    results: list[Any] = [None] * len(verbs)
    barrier = Barrier(len(verbs))

    def run(number: int, verb: Callable[[], Any]) -> None:
        try:
            barrier.wait(5)
            results[number] = verb()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def as_seen(prospect: Prospect) -> Prospect:
    return Prospect.objects.get(pk=prospect.pk)


def test_of_two_accepts_one_wins(sam: Any, sara: Any) -> None:
    prospect = make_inbound(sam)
    one, two = as_seen(prospect), as_seen(prospect)
    results = at_once(
        lambda: pipeline.accept(prospect=one, by=sam, at=TUESDAY),
        lambda: pipeline.accept(prospect=two, by=sara, at=TUESDAY),
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Prospect"]
    assert prospect.moves.count() == 2


def test_of_an_accept_and_a_reject_one_wins(sam: Any, sara: Any) -> None:
    prospect = make_inbound(sam)
    one, two, why = as_seen(prospect), as_seen(prospect), reason("student")
    results = at_once(
        lambda: pipeline.accept(prospect=one, by=sam, at=TUESDAY),
        lambda: pipeline.reject(prospect=two, reason=why, by=sara, at=TUESDAY),
    )
    lost = next(result for result in results if isinstance(result, Conflict))
    assert as_seen(prospect).stage.name in lost.now
    assert prospect.moves.count() == 2


def test_of_two_who_take_one_gets_it(sam: Any, sara: Any) -> None:
    prospect = make_inbound(None)
    one, two = as_seen(prospect), as_seen(prospect)
    results = at_once(
        lambda: pipeline.take(prospect=one, by=sam, at=TUESDAY),
        lambda: pipeline.take(prospect=two, by=sara, at=TUESDAY),
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Prospect"]


def test_two_sweeps_hand_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("prospects.receivers.handover.open_from_move", lambda **_: None)
        make_move()
    results = at_once(lambda: handover.sweep(at=TUESDAY), lambda: handover.sweep(at=TUESDAY))
    assert [result["failed"] for result in results] == [0, 0]
    assert Prospect.objects.count() == 1


def test_two_clocks_bring_a_person_back_once(sam: Any) -> None:
    prospect = make_inbound(sam)
    day = later(days=30)
    pipeline.reject(prospect=prospect, reason=reason("not-now"), return_on=day.date(), by=sam, at=TUESDAY)
    results = at_once(*[lambda: returns.return_one(pk=prospect.pk, at=day)] * 2)
    assert sum(isinstance(result, Prospect) for result in results) == 1
    assert Prospect.objects.count() == 2
