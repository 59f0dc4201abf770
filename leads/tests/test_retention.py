"""Addresses of computers are removed after the retention time; the rest of the row stays (RELIABILITY T6)."""

from datetime import timedelta

import pytest

from leads.models import ConsentEvent, Hit, PrivacyRequest, Submission
from leads.retention import remove_addresses
from leads.tests.builders import NOON, a_lead, a_page, submitted

pytestmark = pytest.mark.django_db
TABLES = (Hit, Submission, ConsentEvent, PrivacyRequest)


@pytest.fixture
def rows():
    """One of each table at noon, each with an address."""
    submitted(a_page())
    Hit.objects.create(kind="page", at=NOON, ip="192.0.2.7", agent="x", path="/")
    PrivacyRequest.objects.create(
        person=a_lead("b@x.example").person, kind="export", receipt="R1", asked_at=NOON, ip="2001:db8::1"
    )
    ConsentEvent.objects.update(recorded_at=NOON)


def addresses():
    return [table.objects.filter(ip__isnull=False).count() for table in TABLES]


def test_they_are_kept_until_then(rows, settings):
    remove_addresses(at=NOON + timedelta(days=settings.ADDRESS_DAYS))
    assert addresses() == [1, 1, 1, 1]


def test_they_go_after_that_and_the_job_may_run_twice(rows, settings):
    settings.ADDRESS_DAYS = 30
    after = NOON + timedelta(days=30, seconds=1)
    assert remove_addresses(at=after) == {"hit": 1, "submission": 1, "consentevent": 1, "privacyrequest": 1}
    assert addresses() == [0, 0, 0, 0]
    assert set(remove_addresses(at=after).values()) == {0}
    assert Submission.objects.get().source_url
    assert ConsentEvent.objects.get().text


def test_more_than_one_statement_holds(monkeypatch):
    monkeypatch.setattr("leads.retention.AT_ONCE", 3)
    for number in range(7):
        Hit.objects.create(kind="page", at=NOON + timedelta(seconds=number), ip="192.0.2.7")
    assert remove_addresses(at=NOON + timedelta(days=400))["hit"] == 7


def test_every_table_with_an_address_is_named():
    from django.apps import apps
    from django.db.models import GenericIPAddressField

    holding = {
        model
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, GenericIPAddressField)
    }
    assert holding == set(TABLES)
