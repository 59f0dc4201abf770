"""Two workers judge or rescore at the same moment: one qualification, the same rows (RELIABILITY R3)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from leads.models import LeadMove, LeadScore
from leads.scoring.rescore import rescore_all, rescore_dirty
from leads.scoring.verdicts import qualify_due
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.scoring_world import a_good_lead, a_model, keen, stored, undone

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verb, times: int = 4) -> list[dict]:
    def run(_number):
        try:
            return verb(at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_an_inquiry_judged_from_four_threads_qualifies_once():
    a_model()
    page = a_page("demo", inquiry="demo")
    for number in range(5):
        submitted(page, f"p{number}@maasland.example", nonce=f"n{number}")
    results = at_once(qualify_due)
    assert sum(result.get("qualified", 0) for result in results) == 5
    assert LeadMove.objects.filter(new="marketing_qualified").count() == 5


def test_a_threshold_reached_in_four_threads_fires_once_and_the_rows_are_those_of_one():
    a_model()
    for number in range(5):
        keen(a_good_lead(f"p{number}@maasland.example"))
    at_once(rescore_dirty)
    rescore_dirty(at=NOON)
    assert LeadMove.objects.filter(new="marketing_qualified").count() == 5
    rows = stored()
    assert LeadScore.objects.filter(dirty_at=None, qualifies_at=None).count() == 5
    undone()
    rescore_all(at=NOON)
    assert stored() == rows
