"""A verdict and a change of a person at the same moment: neither waits for what the other holds (on PostgreSQL)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from leads.models import Enrolment, Lead, LeadMove, LeadScore
from leads.nurture.waking import wake
from leads.scoring.verdicts import judge_grades
from leads.tests.builders import NOON
from leads.tests.mail_world import walking
from leads.tests.scoring_world import a_good_lead, a_model, keen
from leads.tracking import note_change

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def a_candidate_who_waits() -> Lead:
    """Found over the threshold, not judged yet, in a sequence that waits for something to happen."""
    a_model()
    lead = a_good_lead()
    walking(lead.person)
    keen(lead)
    LeadScore.objects.update(qualifies_at=NOON)
    Enrolment.objects.update(waits_since=NOON, waits_until=NOON + 3 * HOUR, due_at=NOON + 3 * HOUR)
    return lead


def in_a_thread(verb):
    try:
        return verb()
    finally:
        connection.close()


def test_a_verdict_and_a_change_that_wakes_a_walk_do_not_wait_for_each_other():
    lead, woken = a_candidate_who_waits(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            assert wake(person_ids=[lead.person_id], at=NOON) == 1  # the first half of note_change
            woken.set()
            time.sleep(1)  # the verdict comes to where it waits
            note_change(person_ids=[lead.person_id], at=NOON)

    def judge() -> dict:
        assert woken.wait(10)
        return judge_grades(at=NOON)

    with ThreadPoolExecutor(2) as pool:
        changing, judging = pool.submit(in_a_thread, change), pool.submit(in_a_thread, judge)
    changing.result()
    assert judging.result() == {"qualified": 1}
    assert LeadMove.objects.filter(new="marketing_qualified").count() == 1
