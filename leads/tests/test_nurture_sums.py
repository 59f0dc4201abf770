"""Every mail of a step and every person of a sequence is accounted for, whatever happened on the way."""

from datetime import timedelta

import pytest

from campaigns.models import PublishedStep
from leads.consent import suppress
from leads.models import Message
from leads.nurture.advance import advance
from leads.nurture.enrolment import exit_enrolments
from leads.nurture.sums import sequence_sums, step_sums
from leads.sending import ledger
from leads.sending.delivery import deliver
from leads.tests.builders import NOON
from leads.tests.mail_world import due_mails, in_hand, the_sequence

pytestmark = pytest.mark.django_db


def balanced() -> bool:
    steps = PublishedStep.objects.all()
    return all(step_sums(step).balanced for step in steps) and sequence_sums(the_sequence()).balanced


def test_the_sums_hold_at_every_moment_of_a_story():
    mails = due_mails(7)
    assert balanced()
    exit_enrolments(person=mails[0].person, reason="with sales", at=NOON)
    suppress(email_key=mails[1].person.email_key, reason="complained", at=NOON)
    row, batch = in_hand(mails[2])
    ledger.claim(message=row, lease=batch.lease, at=NOON)
    assert balanced()
    ledger.record(ledger.Result(row, batch.lease, "unknown", NOON))
    ledger.release(lease=batch.lease, at=NOON)
    deliver(slot="one", at=NOON, limit=2)
    assert balanced()
    for day in range(3):
        advance(at=NOON + timedelta(days=day))
        assert balanced()
        deliver(slot="one", at=NOON + timedelta(days=day))
        assert balanced()
        advance(at=NOON + timedelta(days=day, minutes=1))
    first = step_sums(PublishedStep.objects.get(position=1))
    assert first.parts | {"sent": 4} == first.parts
    assert (first.entered, first.parts["unknown"], first.parts["suppressed"], first.parts["cancelled"]) == (
        7,
        1,
        1,
        1,
    )
    assert sequence_sums(the_sequence()).parts == {
        "active": 0, "finished": 5, "left: with sales": 1, "left: complained": 1,
    }  # fmt: skip


def test_a_mail_that_is_missing_is_noticed():
    due_mails(2)
    Message.objects.first().delete()
    assert not step_sums(PublishedStep.objects.get(position=1)).balanced
