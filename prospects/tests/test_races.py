"""S1: two people at once, one wins and the other gets Conflict with the new state. On whatever database runs."""

from collections.abc import Callable
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, connections, transaction

from campaigns.errors import Conflict
from prospects import handover, pipeline, returns
from prospects.models import Prospect, Stage
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


@pytest.mark.skipif("postgresql" not in connections.databases["default"]["ENGINE"], reason="locks rows")
def test_who_waited_for_a_cycle_that_was_moved_meanwhile_is_told_so(sam: Any) -> None:
    """Moved under another lock than ours, as where the person on the screen was merged and parted again."""
    prospect = make_inbound(sam)
    seen, moved = as_seen(prospect), Event()

    def moves_it() -> None:
        with transaction.atomic():
            elsewhere = Stage.objects.get(pipeline=prospect.pipeline, slug="proposal")
            Prospect.objects.filter(pk=prospect.pk).update(stage=elsewhere)
            moved.set()
            wait_until_somebody_waits()

    def comes_late() -> Any:
        assert moved.wait(5)
        return pipeline.accept(prospect=seen, by=sam, at=TUESDAY)

    _nothing, late = at_once(moves_it, comes_late)
    assert isinstance(late, Conflict) and "Proposal" in str(late.now)


def wait_until_somebody_waits() -> None:
    """For a lock that this connection holds."""
    for _n in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
        sleep(0.01)
    raise AssertionError("nobody waited")


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
