"""A sender that is stopped in the middle, and mails that gate and claim must judge alike."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPResponseException

import pytest

from leads import consent, requests
from leads.models import Message, PrivacyRequest, SendLease, Suppression
from leads.sending import delivery
from leads.sending.answers import outcome_of
from leads.sending.line import Line
from leads.tests.builders import NOON
from leads.tests.mail_world import a_due_mail, a_reader, fresh

SOON = NOON + timedelta(minutes=1)


@pytest.mark.django_db
def test_a_sender_stopped_at_the_keyboard_leaves_its_mail_in_doubt_and_not_being_sent_for_ever(monkeypatch):
    """Nobody would look at such a row again, and its person would get no other mail (N5)."""
    row = a_due_mail()

    def stop(line, ready):
        raise KeyboardInterrupt

    monkeypatch.setattr(Line, "send", stop)
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver(slot="one", at=NOON)
    assert (fresh(row).state, fresh(row).lease) == (Message.State.UNKNOWN, None)
    assert not SendLease.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "becomes"), [("complained", Message.State.SENT), ("bounced", Message.State.SUPPRESSED)]
)
def test_who_complained_gets_the_answer_to_a_request_of_theirs(reason, becomes):
    """As the gate says; where the claim said otherwise, the row was taken up and given back without end."""
    person = a_reader()
    consent.suppress(email_key=person.email_key, reason=Suppression.Reason(reason), at=NOON, person=person)
    requests.ask(person=person, kind=PrivacyRequest.Kind.EXPORT, at=NOON)
    delivery.deliver(slot="one", at=SOON)
    assert Message.objects.get(kind=Message.Kind.REQUEST).state == becomes


def test_an_answer_to_the_mail_that_cannot_be_read_is_a_doubt():
    """The server may have taken it: sent again, it would arrive twice (N5)."""
    found = outcome_of(SMTPResponseException(500, "Line too long."), data_begun=True)
    assert found.state == Message.State.UNKNOWN
    assert outcome_of(SMTPResponseException(500, "Line too long."), data_begun=False).sender_at_fault


def test_a_servers_words_can_be_kept():
    assert outcome_of(SMTPDataError(451, b"not\0 now"), data_begun=True).words == "not now"
