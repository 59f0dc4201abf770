"""A small kill storm on Celery, PostgreSQL and a Redis of its own; the whole one is `make storm` (N5, N10)."""

from __future__ import annotations

import os
import shutil

import pytest

from bench.storm import Plan, fresh_database, weather
from crm.tests.storm import TURN


@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server, to kill it")
def test_in_a_storm_nobody_gets_a_sequence_mail_twice_and_none_is_lost(tmp_path):
    plan = Plan(mails=250, downloads=50, kills=8, flushes=1, redis_kills=3)
    with fresh_database(os.environ["DATABASE_URL"], f"headwater_storm_{TURN}") as database:
        outcome = weather(plan, database, tmp_path)
    assert outcome.broken == [], outcome.figures
    assert outcome.figures["state sent"] >= plan.all - outcome.figures["bound"]
    assert outcome.figures["group"] + outcome.figures["child"] > 4
    assert (
        "ended by itself: group" not in outcome.figures
    )  # a killed child and a Redis that came back end no worker
