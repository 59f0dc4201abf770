"""Two stacks' worth of Celery on one ledger: two beats, two workers, the same job asked for fifty times (N10)."""

from __future__ import annotations

import subprocess
import time
from collections import Counter

import pytest

from crm.tests.storm import ROOT, kill, mail_sink, seeded

MAILS = 80
ASK_FIFTY_TIMES = """
import django; django.setup()
from crm.tasks import run_job, tick
for _ in range(50):
    for name, queue in (("advance", "jobs"), ("deliver", "mail")):
        run_job.apply_async([name], queue=queue, expires=60)
    tick.apply_async(queue="jobs", expires=60)
"""


@pytest.fixture
def sink():
    with mail_sink() as made:
        yield made


def test_two_beats_two_workers_and_fifty_ticks_make_one_mail_each(sink, tmp_path):
    stack = seeded(tmp_path, sink, MAILS)
    stack.environment["DJANGO_SETTINGS_MODULE"] = "crm.settings"
    stack.run("-c", ASK_FIFTY_TIMES)
    running = []
    for name in ("one", "two"):
        command = [*stack.command, "-n", f"{name}@%h"]
        with open(stack.log, "ab") as log:
            running.append(
                subprocess.Popen(
                    command, cwd=ROOT, env=stack.environment, start_new_session=True, stdout=log, stderr=log
                )
            )
    try:
        stack.run("-c", ASK_FIFTY_TIMES)
        sink.wait_for(MAILS, 90)
        time.sleep(3)  # for what would come twice
    finally:
        for process in running:
            kill(process)
    assert Counter(state for state, _ in stack.states().values()) == {"sent": MAILS}
    assert (len(sink.arrived), set(sink.arrived.values())) == (MAILS, {1})
