"""A full run that ends badly lets go of its lock, also where the connection stays open (on PostgreSQL)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import Error, connection, transaction

from leads.scoring import runs
from leads.scoring.runs import rescore_all
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model

pytestmark = pytest.mark.django_db(transaction=True)


def breaks_its_transaction(*_args, **_named):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def loses_its_connection(*_args, **_named):
    connection.connection.close()
    breaks_its_transaction()


def elsewhere() -> dict[str, int]:
    """A full run of another worker, with a connection of its own."""

    def run() -> dict[str, int]:
        try:
            return rescore_all(at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_while_one_runs_another_worker_leaves_it_alone(monkeypatch):
    a_model()
    a_good_lead()
    score_range, others = runs.score_range, []

    def and_another(*args, **named):
        if not others:
            others.append(elsewhere())
        return score_range(*args, **named)

    monkeypatch.setattr(runs, "score_range", and_another)
    assert rescore_all(at=NOON)["leads"] == 1
    assert others == [{"at_work": 1}]


@pytest.mark.parametrize("fails", [breaks_its_transaction, loses_its_connection])
@pytest.mark.parametrize("in_a_transaction", [False, True])
def test_after_a_run_that_broke_another_worker_may(monkeypatch, fails, in_a_transaction):
    a_model()
    a_good_lead()
    with monkeypatch.context() as patch, pytest.raises(Error):
        patch.setattr(runs, "score_range", fails)
        if in_a_transaction:
            with transaction.atomic():
                rescore_all(at=NOON)
        else:
            rescore_all(at=NOON)
    assert elsewhere()["leads"] == 1
