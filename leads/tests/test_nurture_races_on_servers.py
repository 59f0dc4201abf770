"""Two at the same row at the same moment, on a server that lets them (RELIABILITY N3, N10)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from leads.models import Enrolment, Message, WorkRequest
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.sums import sequence_steps
from leads.preferences import stop_all
from leads.sending import ledger
from leads.tests.builders import NOON
from leads.tests.mail_world import a_due_mail, a_reader, due_mails, fresh, in_hand, the_sequence
from leads.tests.walk_world import a_path, mails, sent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def meanwhile(verb):
    """`verb` has been called in a transaction of another thread that is not committed yet; it is 0.3 s later."""
    begun, go = threading.Event(), threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                verb()
                begun.set()
                go.wait(10)
        finally:
            begun.set()
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(10)
    threading.Timer(0.3, go.set).start()
    try:
        yield go
    finally:
        go.set()
        thread.join(10)


def test_an_unsubscribe_that_was_first_stops_the_claim():
    row, batch = in_hand(a_due_mail())
    with meanwhile(lambda: stop_all(person=row.person, at=NOON)):
        assert not ledger.claim(message=row, lease=batch.lease, at=NOON)
    assert fresh(row).state == "cancelled"
    ledger.release(lease=batch.lease, at=NOON)


def test_an_unsubscribe_that_came_second_finds_the_mail_on_its_way():
    row, batch = in_hand(a_due_mail())
    with meanwhile(lambda: ledger.claim(message=row, lease=batch.lease, at=NOON)):
        stop_all(person=row.person, at=NOON)
    assert (fresh(row).state, fresh(row).enrolment.state) == ("sending", "exited")
    ledger.release(lease=batch.lease, at=NOON)


def test_two_senders_take_different_mails_and_neither_waits():
    due_mails(4)
    taken = []
    with meanwhile(lambda: taken.append(ledger.lease(slot="one", at=NOON, limit=2))) as go:
        mine = ledger.lease(slot="two", at=NOON)
        assert not go.is_set()
    ours = {row.pk for batch in (*taken, mine) for row in batch.messages}
    assert (len(mine.messages), len(ours)) == (2, 4)
    ledger.release(lease=mine.lease, at=NOON)


def test_two_rounds_of_advance_make_one_mail_a_person():
    for one in range(3):
        enrol(person=a_reader(f"r{one}@maasland.example"), sequence=the_sequence(), at=NOON)
    with meanwhile(lambda: advance(at=NOON)) as go:
        advance(at=NOON)
        assert not go.is_set()
    assert Message.objects.count() == 3


def test_a_capture_of_the_same_person_waits_for_nobody_for_long():
    person = a_due_mail().person
    batch = ledger.lease(slot="one", at=NOON)
    with meanwhile(lambda: ledger.claim(message=batch.messages[0], lease=batch.lease, at=NOON)):
        assert enrol(person=person, sequence=the_sequence(), at=NOON + timedelta(seconds=1)).round == 1
    ledger.release(lease=batch.lease, at=NOON)


def test_fifty_ticks_at_once_make_one_mail_a_step_of_every_walk():
    steps = [
        "mail",
        ("branch", {"looks_at": "consent", "otherwise_position": 5}),
        "mail",
        "follow_up",
        "mail",
    ]
    path = a_path(*steps)
    walks = [
        enrol(person=a_reader(f"r{one}@maasland.example"), sequence=path, at=NOON).pk for one in range(12)
    ]

    def tick(_number: int) -> None:
        try:
            advance(at=NOON, limit=5)
            sent(NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(tick, range(50)))
    while any(advance(at=NOON).values()) or sent(NOON):
        pass
    assert sorted(mails()) == [(walk, position) for walk in walks for position in (1, 3, 5)]
    assert WorkRequest.objects.count() == len(walks)
    assert all(sums.balanced for place, sums in sequence_steps(path).items() if place[1] in (1, 3, 5))
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"finished"}
