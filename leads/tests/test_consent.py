"""Consent and suppression: the latest row counts, and an unsubscribe outlives everything (RELIABILITY E1, E2, G4)."""

import pytest

from leads.consent import (
    MARKETING,
    has_consent,
    is_suppressed,
    lift_unsubscribe,
    record_consent,
    suppress,
    withdraw,
)
from leads.keyrings import _read
from leads.models import ConsentEvent, Suppression
from leads.tests.builders import NOON, a_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return a_lead().person


def test_nobody_consents_by_silence(person):
    assert not has_consent(person=person, purpose=MARKETING)


def test_the_latest_word_counts(person):
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON)
    assert has_consent(person=person, purpose=MARKETING)
    withdraw(person=person, purpose=MARKETING, at=NOON)
    assert not has_consent(person=person, purpose=MARKETING)


def test_withdrawing_twice_writes_once(person):
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON)
    for _ in range(2):
        withdraw(person=person, purpose=MARKETING, at=NOON)
    assert ConsentEvent.objects.count() == 2


def test_a_tick_that_waits_for_its_mail_counts_for_nothing(person):
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON, pending=True)
    assert not has_consent(person=person, purpose=MARKETING)


def test_an_unsubscribe_holds_against_a_new_tick_and_yields_to_a_confirmed_one(person):
    suppress(email_key=person.email_key, reason=Suppression.Reason.UNSUBSCRIBED, at=NOON)
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON)
    assert is_suppressed(person.email_key)
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON, confirmed=True)
    assert not is_suppressed(person.email_key)


def test_a_bounce_is_not_lifted_by_a_consent_or_an_undo(person):
    suppress(email_key=person.email_key, reason=Suppression.Reason.BOUNCED, at=NOON)
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON, confirmed=True)
    lift_unsubscribe(person=person, at=NOON)
    assert is_suppressed(person.email_key)


def test_suppressing_twice_keeps_one_row(person):
    for _ in range(2):
        suppress(email_key=person.email_key, reason=Suppression.Reason.UNSUBSCRIBED, at=NOON)
    assert Suppression.objects.count() == 1


def test_a_new_key_on_the_ring_forgets_nobody(person, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    suppress(email_key=person.email_key, reason=Suppression.Reason.UNSUBSCRIBED, at=NOON)
    ring = tmp_path / "keys" / "suppression"
    ring.write_text("a-new-key\n" + ring.read_text())
    _read.cache_clear()
    assert is_suppressed(person.email_key)
