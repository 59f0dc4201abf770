"""Lease, claim and result: a row is promised once, tried by one sender, and never lost."""

import fcntl
import os
import uuid
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from campaigns.models import Sequence
from leads.consent import suppress
from leads.models import Message, Pause, Person, SendLease
from leads.nurture.enrolment import exit_enrolments
from leads.sending import ledger, owners
from leads.sending.ledger import Result
from leads.tests.builders import NOON
from leads.tests.mail_world import a_download, a_due_mail, due_mails, fresh, in_hand, the_sequence

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=2)


def result(message, batch, state, **more) -> Result:
    return Result(message=message, lease=batch.lease, state=state, at=LATER, **more)


def claimed(message):
    row, batch = in_hand(message)
    assert ledger.claim(message=row, lease=batch.lease, at=NOON, subject="Hello")
    return row, batch


def test_a_lease_takes_what_is_due_and_nobody_else_gets_it():
    mail = a_due_mail()
    assert ledger.lease(slot="one", at=NOON - timedelta(minutes=1)).messages == []
    assert ledger.lease(slot="one", at=NOON).messages == [mail]
    assert ledger.lease(slot="two", at=NOON).messages == []
    assert fresh(mail).state == "scheduled"


def test_a_lease_is_bounded_and_holds_one_mail_a_person():
    due_mails(3)
    first = Message.objects.first()
    Message.objects.create(
        key="dl:x", message_id="<x@x>", kind="download", person=first.person, due_at=NOON, created_at=NOON
    )
    assert len(ledger.lease(slot="one", at=NOON, limit=2).messages) == 2
    rest = ledger.lease(slot="two", at=NOON)
    assert len(rest.messages) == 1
    assert len({row.person_id for row in Message.objects.filter(lease__isnull=False)}) == 3


def test_what_somebody_asked_for_goes_before_an_older_mailing():
    due_mails(3)
    asked = a_download("asks@maasland.example")
    Message.objects.filter(pk=asked.pk).update(due_at=NOON + timedelta(seconds=30))
    assert ledger.lease(slot="one", at=LATER, limit=2).messages[0] == asked


def test_a_row_that_lost_its_enrolment_holds_up_nobody():
    lost, other = due_mails(2)
    Message.objects.filter(pk=lost.pk).update(enrolment=None)
    assert ledger.lease(slot="one", at=NOON).messages == [other]
    assert fresh(lost).state == "cancelled"


def test_who_may_not_get_the_mail_now_has_the_reason_beside_it():
    mail, other = due_mails(2)
    Pause.objects.create(person=mail.person, until=NOON + timedelta(days=1))
    suppress(email_key=other.person.email_key, reason="complained", at=NOON)
    batch = ledger.lease(slot="one", at=NOON)
    assert (batch.lease, batch.looked) == (None, 2)
    held, ended = fresh(mail), fresh(other)
    assert (held.state, held.reason, held.due_at) == (
        "scheduled",
        "the person asked for a pause",
        NOON + timedelta(days=1),
    )
    assert (ended.state, ended.reason, ended.ended_at) == ("suppressed", "complained", NOON)


def test_a_claim_says_sending_and_keeps_what_was_sent_to_whom():
    row, _ = claimed(a_due_mail())
    kept = fresh(row)
    assert (kept.state, kept.attempts, kept.claimed_at) == ("sending", 1, NOON)
    assert (kept.subject, kept.to_address) == ("Hello", "piet@maasland.example")


def test_a_claim_carries_the_result_of_the_mail_before():
    first, second = due_mails(2)
    row, batch = claimed(first)
    next_row = next(mail for mail in batch.messages if mail.pk == second.pk)
    ledger.claim(message=next_row, lease=batch.lease, at=NOON, before=result(row, batch, "sent", code="250"))
    assert (fresh(first).state, fresh(first).code, fresh(second).state) == ("sent", "250", "sending")


@pytest.mark.parametrize(
    "happens",
    [
        lambda mail: exit_enrolments(person=mail.person, reason="unsubscribed", at=NOON),
        lambda mail: suppress(email_key=mail.person.email_key, reason="unsubscribed", at=NOON),
        lambda mail: Person.objects.filter(pk=mail.person_id).update(erased_at=NOON),
        lambda mail: Sequence.objects.update(state="paused"),
        lambda mail: Pause.objects.create(person=mail.person, until=NOON + timedelta(days=1), at=NOON),
        lambda mail: Message.objects.update(lease=None),
    ],
    ids=["left", "suppressed", "erased", "sequence paused", "person paused", "not mine"],
)
def test_what_happens_between_lease_and_claim_stops_the_mail(happens):
    row, batch = in_hand(a_due_mail())
    happens(row)
    assert not ledger.claim(message=row, lease=batch.lease, at=NOON)
    assert fresh(row).state in ("scheduled", "cancelled")


def test_an_unsubscribe_does_not_stop_a_download_that_was_asked_for():
    row, batch = in_hand(a_download())
    suppress(email_key=row.person.email_key, reason="unsubscribed", at=NOON)
    assert ledger.claim(message=row, lease=batch.lease, at=NOON)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 360), (9, 360)])
def test_come_again_later_waits_longer_each_time_with_the_same_message_id(tries, minutes):
    mail = a_due_mail()
    Message.objects.update(attempts=tries - 1)
    row, batch = claimed(fresh(mail))
    ledger.record(result(row, batch, "scheduled", code="451", words="try later"))
    kept = fresh(mail)
    assert (kept.state, kept.due_at, kept.lease) == ("scheduled", LATER + timedelta(minutes=minutes), None)
    assert (kept.message_id, kept.reason) == (mail.message_id, "try later")


def test_after_three_days_of_later_it_fails():
    mail = a_due_mail()
    Message.objects.update(attempts=ledger.MOST_ATTEMPTS - 1)
    row, batch = claimed(fresh(mail))
    ledger.record(result(row, batch, "scheduled", code="451"))
    assert fresh(mail).state == "failed"


def test_all_waits_together_are_less_than_three_days():
    last = ledger.MOST_ATTEMPTS - 1 - len(ledger.BACKOFF)
    assert sum(ledger.BACKOFF, last * ledger.LAST_BACKOFF) < timedelta(days=3)


def test_a_try_the_server_never_heard_of_does_not_count():
    row, batch = claimed(a_due_mail())
    ledger.record(result(row, batch, "scheduled", words="hung up", tried=False))
    assert (fresh(row).attempts, fresh(row).due_at) == (0, row.due_at)


def test_release_gives_back_what_was_not_tried():
    first, second = due_mails(2)
    row, batch = claimed(first)
    ledger.record(result(row, batch, "sent"))
    assert ledger.release(lease=batch.lease, at=LATER) == 1
    assert (fresh(second).state, fresh(second).lease) == ("scheduled", None)
    assert not SendLease.objects.filter(released_at=None).exists()


def test_a_bounce_suppresses_the_address_for_everything():
    row, batch = claimed(a_due_mail())
    ledger.record(result(row, batch, "failed", code="550", words="no such user", bounced=True))
    assert row.person.suppressions.get().reason == "bounced"


def test_of_a_dead_lease_the_mail_being_sent_is_unknown_and_the_rest_due():
    first, second = due_mails(2)
    _, batch = claimed(first)
    owners.let_go(batch.lease)  # as the end of the process does
    counts = ledger.free_dead_leases(at=LATER)
    assert counts == {"leases": 1, "unknown": 1, "again": 0, "returned": 1}
    assert (fresh(first).state, fresh(second).lease) == ("unknown", None)
    assert ledger.lease(slot="two", at=LATER).messages == [second]
    assert ledger.free_dead_leases(at=LATER)["leases"] == 0


def test_a_living_lease_is_left_alone():
    _, batch = claimed(a_due_mail())
    assert ledger.free_dead_leases(at=LATER)["leases"] == 0
    owners.let_go(batch.lease)


@contextmanager
def held_elsewhere(lease: SendLease):
    """As another process holds it: by another connection, or by another opening of the file."""
    if connection.vendor == "postgresql":
        given = connection.get_connection_params() | {"autocommit": True}
        given = {
            name: value
            for name, value in given.items()
            if name in ("dbname", "host", "port", "user", "password", "autocommit")
        }
        with psycopg.connect(**given) as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", [0x4E55, lease.pk])
            yield
            # A server notices a closed connection a moment later; the test does not wait for that.
            other.execute("SELECT pg_advisory_unlock(%s, %s)", [0x4E55, lease.pk])
        return
    path = settings.DATA_DIR / "senders" / f"{lease.boot_id.hex}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    yield
    os.close(file)


def test_another_process_is_dead_when_it_lets_go_and_not_before():
    lease = SendLease.objects.create(
        slot="x", boot_id=uuid.uuid4(), until=NOON, database_started_at=owners.database_started_at()
    )
    with held_elsewhere(lease):
        assert ledger.free_dead_leases(at=LATER)["leases"] == 0
    assert ledger.free_dead_leases(at=LATER)["leases"] == 1


def test_after_a_restart_of_the_database_itself_the_whole_lease_is_unknown():
    due_mails(2)
    _, batch = claimed(Message.objects.last())
    SendLease.objects.update(database_started_at=NOON - timedelta(days=1))
    owners.let_go(batch.lease)
    assert ledger.free_dead_leases(at=LATER)["unknown"] == 2


def test_a_download_in_doubt_is_sent_once_more_with_the_same_message_id_and_then_never():
    mail = a_download()
    for state in ("scheduled", "unknown"):
        row, batch = in_hand(fresh(mail), NOON + timedelta(minutes=10))
        assert ledger.claim(message=row, lease=batch.lease, at=NOON)
        ledger.record(result(row, batch, "unknown", words="no answer"))
        assert fresh(mail).state == state
    assert fresh(mail).message_id == mail.message_id


def test_the_owner_who_comes_back_with_the_answer_ends_the_doubt():
    row, batch = claimed(a_due_mail())
    owners.let_go(batch.lease)
    ledger.free_dead_leases(at=LATER)
    ledger.record(result(row, batch, "sent", code="250"))
    assert fresh(row).state == "sent"


def test_old_leases_are_cleared_away_and_their_mails_stay():
    row, batch = claimed(a_due_mail())
    owners.let_go(batch.lease)
    ledger.free_dead_leases(at=LATER)
    ledger.free_dead_leases(at=LATER + timedelta(days=2))
    assert (SendLease.objects.count(), fresh(row).state) == (0, "unknown")


def test_a_second_round_of_the_sequence_has_keys_of_its_own():
    mail = a_due_mail()
    assert mail.key == f"seq:{mail.enrolment_id}:{mail.step_id}"
    assert mail.enrolment.sequence == the_sequence()
    assert mail.message_id.endswith("@averdahl.example>")
