"""Two workers at the same moment: browsers and referrals are settled once (run on PostgreSQL)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from leads.consent import TRACKING, record_consent
from leads.judging.sweep import VERSION
from leads.models import Hit, ShareLink, Submission, Touch, Verdict, Visitor, VisitorLink
from leads.sharing import refer_due
from leads.tests.builders import NOON, a_lead, a_page, an_asset, submitted
from leads.visitors import link_due

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOON + timedelta(days=1)


def together(verb, times=6):
    """Run the verb in so many threads at the same moment; raises what one of them raised."""
    gate = threading.Barrier(times)

    def run(_number):
        gate.wait()
        try:
            verb(at=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(run, range(times)))


def a_visit(minutes, **columns):
    hit = Hit.objects.create(
        kind="read", at=NOON + timedelta(minutes=minutes), agent="x", judged=True, asset=an_asset("a", gated=False),
        **columns,
    )  # fmt: skip
    Verdict.objects.create(hit=hit, version=VERSION, verdict="human")


def test_six_workers_give_each_visit_once():
    browser = Visitor.objects.create(first_seen_at=NOON, due_at=NOON)
    form = submitted(a_page())
    Submission.objects.filter(pk=form.submission.pk).update(visitor=browser)
    record_consent(person=form.person, purpose=TRACKING, given=True, at=NOON)
    for minutes in range(20):
        a_visit(minutes, visitor=browser, visitor_key="k")
    together(link_due)
    assert VisitorLink.objects.count() == 1
    assert Touch.objects.filter(kind="read").count() == 20


def test_six_workers_refer_each_newcomer_once():
    link = ShareLink.objects.create(code="abcd2345", person=a_lead().person, asset=an_asset("a", gated=False))
    for number in range(5):
        a_visit(number, share=link, visitor_key=f"k{number}")
    form = submitted(a_page(), email="ben@other.example")
    Submission.objects.filter(pk=form.submission.pk).update(share=link)
    together(refer_due)
    assert Touch.objects.filter(kind="referral", person=link.person).count() == 5
    assert Touch.objects.filter(kind="referral", person=form.person).count() == 1
