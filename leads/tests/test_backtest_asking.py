"""Asking for a backtest: the row is the queue, one worker does it, and a dead worker's row is taken again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.errors import Refused
from leads.models import Backtest, ScoringModel
from leads.scoring import backtest
from leads.scoring.claim import Claim, next_waiting
from leads.tests.backtest_world import did, lead, rules
from leads.tests.builders import NOON

pytestmark = pytest.mark.django_db


def asked(at=NOON, **more) -> Backtest:
    model = ScoringModel.objects.filter(state="draft").first() or rules(1, form=10)
    return backtest.ask(model=model, by=None, at=at, **{"weeks": 4, "capacity": 20, **more})


def test_asked_twice_is_asked_once():
    row = asked()
    assert asked(NOON + timedelta(seconds=3)) == row
    assert asked(NOON + timedelta(hours=3)) == row  # it still waits
    assert asked(capacity=5) != row


def test_when_it_is_done_it_can_be_asked_again():
    row = asked()
    assert backtest.work_due(at=NOON) == {"tried": 1}
    assert asked(NOON + timedelta(seconds=3)) == row
    assert asked(NOON + timedelta(minutes=1)) != row


def test_the_worker_keeps_the_result_beside_the_version_that_is_live():
    live = ScoringModel.objects.get(state="live")
    did(lead("ada"), "form", 10, times=4)
    row = asked()
    assert row.beside == live
    assert backtest.work_due(at=NOON) == {"tried": 1}
    row.refresh_from_db()
    assert (row.state, row.progress, row.error) == ("done", 100, "")
    assert row.result["draft"]["handed"] == 1
    assert row.result["leads"] == 1
    assert backtest.work_due(at=NOON) == {}


def test_the_live_version_is_tried_alone():
    live = ScoringModel.objects.get(state="live")
    row = backtest.ask(model=live, by=None, at=NOON, weeks=4, capacity=5)
    backtest.work_due(at=NOON)
    row.refresh_from_db()
    assert row.beside is None
    assert "live" not in row.result


@pytest.mark.parametrize("numbers", [{"weeks": 0}, {"weeks": 105}, {"capacity": 0}, {"capacity": 10_001}])
def test_numbers_that_make_no_sense_are_refused(numbers):
    with pytest.raises(Refused):
        asked(**numbers)
    assert not Backtest.objects.exists()


def test_broken_rules_are_refused_by_name():
    model = rules(1, form=10)
    model.rules.update(touch_kind="open")
    with pytest.raises(Refused, match="opens never score"):
        asked()


def test_only_one_of_two_workers_takes_a_row():
    asked()
    one, two = (next_waiting(Backtest, at=NOON) for _ in range(2))
    assert one is not None and two is not None
    assert Claim(one).take()
    assert not Claim(two).take()
    assert next_waiting(Backtest, at=NOON) is None


def test_a_dead_workers_row_is_taken_again_and_the_dead_one_writes_nothing_more():
    row = asked()
    dead = Claim(row)
    assert dead.take()
    assert backtest.work_due(at=row_beat(row) + timedelta(minutes=4)) == {}
    assert backtest.work_due(at=row_beat(row) + timedelta(minutes=6)) == {"tried": 1}
    row.refresh_from_db()
    kept = row.result
    assert not dead.keep(result={})
    assert not dead.fail("too late")
    row.refresh_from_db()
    assert (row.state, row.result) == ("done", kept)


def row_beat(row: Backtest):
    row.refresh_from_db()
    assert row.beat_at is not None
    return row.beat_at


def test_progress_is_a_sign_of_life(monkeypatch):
    row = asked()
    claim = Claim(row)
    claim.take()
    first = row_beat(row)
    monkeypatch.setattr("leads.scoring.claim.EVERY", timedelta(0))
    assert claim.beat(40.7)
    assert row_beat(row) > first
    assert row.progress == 40


def test_who_lost_the_row_in_the_middle_stops_and_leaves_it_to_the_other(monkeypatch):
    row = asked()
    did(lead("ada"), "form", 10, times=4)
    monkeypatch.setattr("leads.scoring.claim.EVERY", timedelta(0))

    def taken_meanwhile(self, percent):
        Backtest.objects.filter(pk=row.pk).update(beat_at=NOON + timedelta(days=900))
        return real(self, percent)

    real = Claim.beat
    monkeypatch.setattr(Claim, "beat", taken_meanwhile)
    assert backtest.work_due(at=NOON) == {"tried": 0}
    row.refresh_from_db()
    assert (row.state, row.result) == ("running", {})


def test_what_breaks_off_says_so_and_stops_nobody_else(monkeypatch):
    first, second = asked(), asked(capacity=5)
    with monkeypatch.context() as broken:
        broken.setattr("leads.scoring.backtest.asking.replay", lambda **_: 1 / 0)
        assert backtest.work_due(at=NOON) == {"tried": 0}
    assert backtest.work_due(at=NOON) == {"tried": 1}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.error) == ("failed", "It broke off: ZeroDivisionError")
    assert second.state == "done"
