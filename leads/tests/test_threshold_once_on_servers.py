"""The threshold fires once: runs doubled, at the same moment, and killed in the middle (RELIABILITY R3)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from leads.models import LeadMove, LeadScore
from leads.scoring.rescore import rescore_all, rescore_dirty
from leads.scoring.verdicts import qualify_due
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, keen

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
LEADS = 60
WORKER = """
import django; django.setup()
from datetime import datetime
from leads.scoring.rescore import rescore_all
print("ready", flush=True)
while True:
    rescore_all(at=datetime.fromisoformat({at!r}))
"""


@pytest.fixture
def keen_leads() -> None:
    a_model()
    for number in range(LEADS):
        keen(a_good_lead(f"p{number}@maasland.example"))


def qualified() -> list[int]:
    return list(LeadMove.objects.filter(new="marketing_qualified").values_list("lead", flat=True))


def one_each() -> bool:
    found = qualified()
    return len(found) == len(set(found)) == LEADS


def test_doubled_runs_and_verdicts_at_the_same_moment_fire_once(keen_leads):
    verbs = [rescore_dirty, rescore_all, qualify_due] * 3

    def run(verb):
        try:
            verb(at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        list(pool.map(run, verbs))
    rescore_all(at=NOON)
    qualify_due(at=NOON)
    assert one_each()
    assert not LeadScore.objects.filter(qualifies_at__isnull=False).exists()


def a_worker() -> subprocess.Popen[str]:
    """A process of its own that runs and judges until it is killed."""
    told = connection.settings_dict
    where = f"{told['USER']}:{told['PASSWORD'] or ''}@{told['HOST'] or '127.0.0.1'}:{told['PORT'] or 5432}"
    environment = os.environ | {"DATABASE_URL": f"postgres://{where}/{told['NAME']}"}
    code = WORKER.format(at=NOON.isoformat())
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def test_a_run_that_is_killed_again_and_again_fires_once(keen_leads):
    """Each is killed once some are judged; the next goes on with the rest, and none of them twice."""
    for share in (0, LEADS // 3, 2 * LEADS // 3):
        worker = a_worker()
        try:
            assert worker.stdout and worker.stdout.readline().strip() == "ready"
            until = time.monotonic() + 60
            while len(qualified()) <= share and time.monotonic() < until:
                time.sleep(0.01)
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
            if worker.stdout:
                worker.stdout.close()
        found = qualified()
        assert share < len(found) == len(set(found))
    rescore_all(at=NOON)
    qualify_due(at=NOON)
    assert one_each()
