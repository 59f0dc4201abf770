"""The rows worker, SMTP, clock and operator of the fault matrix (RELIABILITY), as far as one process shows them."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from campaigns.models import SequenceStep
from leads.models import Enrolment, MailEvent, Message, Person
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.restored import park
from leads.sending import delivery, ledger, outbox, owners
from leads.sending.ledger import Result
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.mail_world import (
    a_download,
    a_due_mail,
    a_reader,
    due_mails,
    fresh,
    in_hand,
    the_sequence,
    walking,
)
from leads.tests.smtp_sink import mail_server

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 3 * DAY, -3 * DAY])
def test_a_clock_that_jumps_reaps_no_living_sender(jump):
    mail = a_due_mail()
    row, batch = in_hand(mail)
    assert ledger.claim(message=row, lease=batch.lease, at=NOON)
    assert ledger.free_dead_leases(at=NOON + jump)["leases"] == 0
    assert fresh(mail).state == "sending"
    assert ledger.lease(slot="two", at=NOON + jump).messages == []
    ledger.record(Result(message=row, lease=batch.lease, state="sent", at=NOON))
    ledger.release(lease=batch.lease, at=NOON)
    assert fresh(mail).state == "sent"


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_sends_nothing_twice(settings, jump):
    due_mails(2)
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON)
        for when in (NOON + jump, NOON, NOON + jump):
            advance(at=when)
            delivery.deliver(slot="one", at=when)
    assert len(server.kept) == len(set(server.rcpts)) == 2


def test_the_job_asked_for_fifty_times_sends_each_mail_once(settings):
    due_mails(3)
    with mail_server(settings) as server:
        for _ in range(50):
            delivery.deliver_due(at=NOON)
    assert len(server.kept) == 3


@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_server_holds_up_no_form_and_no_lease_is_taken_away(settings):
    """No lock and no transaction is held while the server thinks (N2): the form is in before the server answers."""
    due_mails(2)
    page = a_page("slow")
    with mail_server(settings) as server:
        server.answers.clear()
        sender = threading.Thread(target=_deliver_in_a_thread)
        sender.start()
        server.heard.wait(5)
        captured = submitted(page, email="reader0@maasland.example", nonce="during")
        freed = ledger.free_dead_leases(at=NOON + 10 * DAY) if connection.vendor == "postgresql" else {}
        assert Message.objects.filter(state="sending").exists()
        server.answers.set()
        sender.join(15)
    assert captured.submission
    assert not freed.get("leases")
    assert Message.objects.filter(kind="sequence", state="sent").count() == 2


def _deliver_in_a_thread() -> None:
    try:
        delivery.deliver(slot="slow", at=NOON)
    finally:
        connection.close()


def test_a_server_that_refuses_connections_costs_nobody_anything(settings):
    mails = due_mails(2)
    with mail_server(settings):
        pass  # and it is gone
    for _ in range(delivery.FAILURES):
        delivery.deliver(slot="one", at=NOON)
    assert {(fresh(mail).state, fresh(mail).attempts) for mail in mails} == {("scheduled", 0)}
    assert {walk.state for walk in Enrolment.objects.all()} == {"active"}
    assert not any(mail.person.suppressions.exists() for mail in mails)
    assert delivery.deliver(slot="one", at=NOON) == {"paused": 1}


def test_what_may_have_gone_out_since_the_backup_is_parked():
    """O4: the ledger of the backup says due, the mail may be in the mailbox."""
    mail = a_due_mail()
    held = a_due_mail("b@maasland.example")
    Message.objects.filter(pk=held.pk).update(due_at=NOON + 5 * DAY)
    asked = a_download("c@maasland.example")
    counts = park(at=NOON + HOUR)
    assert counts["parked"] == 1
    assert (fresh(mail).state, fresh(mail).reason[:22]) == ("unknown", "parked after a restore")
    assert (fresh(held).state, fresh(asked).state) == ("scheduled", "scheduled")


def test_steps_that_came_due_between_backup_and_restore_are_parked_one_after_the_other():
    walking(a_reader())
    counts = park(at=NOON + 3 * DAY)
    assert counts["parked"] == SequenceStep.objects.count() == 2
    assert {row.state for row in Message.objects.all()} == {"unknown"}
    assert Enrolment.objects.get().state == "finished"


def test_a_sender_that_the_backup_held_is_gone():
    first, second = due_mails(2)
    row, batch = in_hand(first)
    ledger.claim(message=row, lease=batch.lease, at=NOON)
    owners.let_go(batch.lease)
    counts = park(at=NOON)
    assert (counts["leases"], fresh(first).state, fresh(second).state) == (1, "unknown", "unknown")


def test_the_command_after_a_restore_sends_nothing(settings, capsys):
    a_due_mail(at=timezone.now() - HOUR)
    with mail_server(settings) as server:
        call_command("nurture", "--restored")
        call_command("nurture", "--once")
    assert server.kept == []
    assert "1 parked" in capsys.readouterr().out


def test_a_provider_that_tells_what_became_of_it_ends_the_doubt():
    mail = a_due_mail()
    event = MailEvent.objects.create(kind="delivered", message=mail, person=mail.person, key="k1")
    assert not outbox.resolve(message=mail, state="sent", by_event=event, at=NOON)
    Message.objects.update(state="unknown", attempts=1)
    assert outbox.resolve(message=mail, state="sent", by_event=event, at=NOON)
    assert (fresh(mail).state, fresh(mail).reason) == ("sent", "told by what came back: delivered")
    assert not outbox.resolve(message=mail, state="failed", by_event=event, at=NOON)


def test_a_download_that_waits_to_be_sent_again_is_not_when_it_has_arrived(settings):
    mail = a_download()
    row, batch = in_hand(mail)
    ledger.claim(message=row, lease=batch.lease, at=NOON)
    ledger.record(Result(message=row, lease=batch.lease, state="unknown", at=NOON))
    ledger.release(lease=batch.lease, at=NOON)
    assert (fresh(mail).state, fresh(mail).resends) == ("scheduled", 1)
    event = MailEvent.objects.create(kind="delivered", message=mail, person=mail.person, key="k1")
    assert outbox.resolve(message=mail, state="sent", by_event=event, at=NOON)
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON + HOUR)
    assert server.kept == []


def test_after_three_days_of_outage_nobody_gets_three_mails_in_a_minute(settings):
    """N8: one mail, and the usual distance from it."""
    person = a_reader()
    enrol(person=person, sequence=the_sequence(), at=NOON)
    with mail_server(settings) as server:
        for minute in range(5):
            at = NOON + 3 * DAY + timedelta(minutes=minute)
            advance(at=at)
            delivery.deliver(slot="one", at=at)
    assert len(server.kept) == 1
    assert Person.objects.count() == 1
