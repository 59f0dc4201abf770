"""What came back, as numbers: of the last seven days, and of each step."""

from datetime import timedelta

import pytest
from django.utils import timezone

from leads import preferences
from leads.feedback import counts
from leads.models import MailEvent
from leads.tests.answers_world import a_complaint, a_reply, a_report, a_sent_mail, comes_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def mails(now):
    """Five mails of one step: a bad address, a full mailbox told twice, a complaint, a reply, an unsubscribe."""
    sent = [a_sent_mail(f"reader{n}@maasland.example", at=now - timedelta(hours=1)) for n in range(5)]
    full = {"status": "5.2.2", "words": "552 5.2.2 Mailbox full"}
    raws = [a_report(sent[0]), a_report(sent[1], number=2, **full), a_report(sent[1], number=3, **full)]
    for raw in (*raws, a_complaint(sent[2]), a_reply(sent[3])):
        comes_in(raw, at=now)
    preferences.stop_all(person=sent[4].person, at=now, message=sent[4])
    return sent


def test_the_rates_of_seven_days_count_mails_and_not_notices(mails, now):
    found = counts.rates(at=timezone.now())
    assert (found.sent, found.hard, found.soft, found.complaints, found.replies) == (5, 1, 1, 1, 1)
    assert (found.unsubscribed, found.unread, found.not_read) == (1, 0, 0)
    assert found.share(found.hard) == 0.2
    assert found.good  # of five mails nothing follows


def test_what_is_older_is_not_counted(mails, now):
    MailEvent.objects.update(recorded_at=now - timedelta(days=8))
    assert counts.rates(at=timezone.now()).hard == 0


def test_too_many_complaints_are_said_when_there_is_ground_for_it():
    few = counts.Rates(1000, 10, 0, 0, 3, 0, 0, 0, 0)
    many = counts.Rates(1000, 10, 0, 0, 4, 0, 0, 0, 0)
    assert (few.too_many_complaints, many.too_many_complaints) == (False, True)
    assert not many.good


def test_a_step_knows_what_came_back_to_its_mails(mails, django_assert_num_queries):
    step = mails[0].step
    with django_assert_num_queries(2):
        found = counts.by_step([step])
    assert found == {step.pk: {"hard": 1, "soft": 1, "complaint": 1, "reply": 1, "unsubscribed": 1}}
