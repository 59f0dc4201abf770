"""Rows of the outbox: one a cause, whatever is pressed twice; and what a person decides of a mail in doubt."""

from datetime import timedelta

import pytest

from campaigns.errors import Conflict
from leads.models import Message, SenderPause, Submission
from leads.sending.delivery import deliver
from leads.sending.outbox import queue_download, queue_optin, resume_sending, send_again, settle_as_sent
from leads.tests.builders import NOON
from leads.tests.mail_world import a_download, a_due_mail, fresh

pytestmark = pytest.mark.django_db


def test_the_download_of_a_form_is_queued_once():
    row = a_download()
    assert queue_download(submission=row.submission, at=NOON) == row
    assert row.key == f"dl:{row.submission_id}"


def test_asked_for_again_it_is_another_mail_but_not_while_one_waits():
    row = a_download()
    assert queue_download(submission=row.submission, at=NOON, again=True) is None
    Message.objects.update(state="sent")
    again = queue_download(submission=row.submission, at=NOON, again=True)
    assert again.key == f"dl:{row.submission_id}:2"
    assert again.message_id != row.message_id


def test_a_form_without_a_person_causes_no_mail():
    row = a_download()
    Submission.objects.update(person=None)
    alone = Submission.objects.get(pk=row.submission_id)
    assert queue_download(submission=alone, at=NOON) is None
    assert queue_optin(submission=alone, at=NOON) is None


def test_the_question_for_consent_is_queued_once():
    submission = a_download().submission
    assert queue_optin(submission=submission, at=NOON) == queue_optin(submission=submission, at=NOON)


def in_doubt() -> Message:
    row = a_due_mail()
    Message.objects.update(state="unknown", ended_at=NOON)
    return fresh(row)


def test_a_mail_in_doubt_can_be_called_sent_by_a_person_once(maya):
    row = in_doubt()
    assert settle_as_sent(message=row, by=maya, at=NOON).state == "sent"
    with pytest.raises(Conflict, match="sent"):
        send_again(message=row, by=maya, at=NOON)


def test_a_mail_in_doubt_can_be_sent_again_by_a_person_with_the_same_message_id(maya):
    row = in_doubt()
    send_again(message=row, by=maya, at=NOON)
    assert deliver(slot="one", at=NOON) == {"sent": 1}
    kept = fresh(row)
    assert (kept.state, kept.resends, kept.message_id) == ("sent", 1, row.message_id)


def test_a_pause_of_sending_is_lifted_by_a_person(maya):
    a_due_mail()
    SenderPause.objects.create(reason="535", at=NOON, until=NOON + timedelta(minutes=10))
    assert deliver(slot="one", at=NOON) == {"paused": 1}
    assert resume_sending(by=maya, at=NOON) == 1
    assert deliver(slot="one", at=NOON) == {"sent": 1}
