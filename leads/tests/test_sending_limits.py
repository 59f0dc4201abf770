"""Limits a minute, a mail domain and a day: counted from the ledger, shared by all senders (RELIABILITY N12)."""

from datetime import timedelta

import pytest

from campaigns.models import SendingPolicy
from leads.models import Message
from leads.sending import delivery, ledger, limits
from leads.sending.limits import Limit
from leads.tests.builders import NOON
from leads.tests.mail_world import a_download, a_due_mail, due_mails, fresh
from leads.tests.smtp_sink import mail_server

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def rules(**columns) -> None:
    SendingPolicy.objects.update(**columns)


def leased(at=NOON, slot="one") -> ledger.Batch:
    return ledger.lease(slot=slot, at=at)


def gone_out(message: Message, at=NOON) -> None:
    Message.objects.filter(pk=message.pk).update(state="sent", claimed_at=at, lease=None)


def test_without_limits_nothing_is_counted(django_assert_num_queries):
    with django_assert_num_queries(1):  # the rules, which are kept outside of tests
        assert limits.room(at=NOON).reached == ""


def test_so_many_a_minute_over_all_senders():
    mails = due_mails(5)
    rules(per_minute=3)
    first, second = leased(slot="one"), leased(slot="two")
    assert (len(first.messages), second.messages, second.limit) == (3, [], "minute")
    for mail in first.messages:
        gone_out(mail)
    assert leased(NOON + 59 * SECOND).messages == []
    assert len(leased(NOON + 61 * SECOND).messages) == 2
    assert len(mails) == 5


def test_a_run_that_meets_a_limit_stops_and_says_so(settings):
    due_mails(3)
    rules(per_minute=2)
    with mail_server(settings) as server:
        counts = delivery.deliver(slot="one", at=NOON)
    assert (counts["sent"], counts["limit_minute"], len(server.kept)) == (2, 1, 2)


def test_a_full_domain_holds_up_nobody_behind_it():
    for one in range(4):
        a_due_mail(f"a{one}@gmail.example")
    behind = a_due_mail("z@maasland.example", at=NOON + SECOND)
    rules(per_domain_minute=1)
    first = ledger.lease(slot="one", at=NOON + 2 * SECOND, limit=2)
    assert ([mail.to_domain for mail in first.messages], first.limit) == (["gmail.example"], "domain")
    again = [ledger.lease(slot="one", at=NOON + 2 * SECOND, limit=2).messages for _ in range(3)]
    assert [mail for batch in again for mail in batch] == [behind]
    rest = Message.objects.filter(lease=None)
    assert {(row.state, row.to_domain, row.reason) for row in rest} == {("scheduled", "gmail.example", "")}


def test_a_new_domain_sends_little_on_its_first_day():
    due_mails(4)
    rules(ramp_from=NOON.date(), ramp_first_day=2, ramp_percent=50)
    batch = leased()
    assert len(batch.messages) == 2
    for mail in batch.messages:
        gone_out(mail)
    assert (leased(NOON + timedelta(hours=1)).limit, leased().looked) == ("day", 0)
    assert len(leased(NOON + timedelta(days=1)).messages) == 2


def test_what_people_ask_for_goes_when_the_ramp_is_used_up():
    gone_out(a_due_mail())
    waiting = a_due_mail("b@maasland.example")
    asked = a_download("c@maasland.example")
    rules(ramp_from=NOON.date(), ramp_first_day=1)
    assert leased().messages == [asked]
    assert fresh(waiting).state == "scheduled"


def test_a_tenth_of_a_minute_is_kept_for_what_people_ask_for():
    used = Limit("minute", most=100, asked=0, marketing=90)
    assert (used.left_for_marketing, used.left_for_asked) == (0, 10)
    asked_for = Limit("minute", most=100, asked=30, marketing=60)
    assert (asked_for.left_for_marketing, asked_for.left_for_asked) == (10, 10)
    small = Limit("minute", most=5, asked=0, marketing=4)
    assert (small.left_for_marketing, small.left_for_asked) == (1, 1)


def test_what_people_ask_for_counts_in_the_ramp():
    gone_out(a_download("c@maasland.example"))
    a_due_mail()
    rules(ramp_from=NOON.date(), ramp_first_day=1)
    assert leased().messages == []


def test_a_clock_that_was_set_back_does_not_stop_the_sending_for_an_hour():
    gone_out(a_due_mail("b@maasland.example"), at=NOON + timedelta(hours=1))
    waiting = a_due_mail()
    rules(per_minute=1)
    assert leased().messages == [waiting]
