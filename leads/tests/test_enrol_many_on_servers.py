"""Many are enrolled at the moment one of them is enrolled by hand: both end, and nobody walks twice."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from leads.models import Enrolment, Entry, Person
from leads.nurture import enrolment
from leads.tests.builders import NOON
from leads.tests.mail_world import a_reader, the_sequence

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
]


def until_somebody_waits() -> None:
    for _try in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)


def apart(verb, *arguments, **named):
    try:
        return verb(*arguments, **named)
    finally:
        connection.close()


def test_many_and_one_by_hand_at_the_same_moment_do_not_wait_for_each_other_for_ever(monkeypatch):
    sequence, people = the_sequence(), [a_reader(f"r{number}@x.example") for number in range(5)]
    begins, has_locked = enrolment._round, threading.Event()

    def stops_after_the_lock(*given):
        has_locked.set()
        until_somebody_waits()
        return begins(*given)

    monkeypatch.setattr(enrolment, "_round", stops_after_the_lock)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(apart, enrolment.enrol, person=people[2], sequence=sequence, at=NOON)
        assert has_locked.wait(10)
        many = pool.submit(
            apart,
            enrolment.enrol_many,
            people=Person.objects.all(),
            sequence=sequence,
            at=NOON,
            entry=Entry.SEGMENT,
        )
        assert one.result(20) is not None
        assert many.result(20) == 4
    assert Enrolment.objects.filter(state="active").count() == len(people)
    assert Enrolment.objects.filter(state="active").values("person").distinct().count() == len(people)


def test_two_rounds_over_the_same_people_in_other_orders_let_everybody_in_once():
    sequence = the_sequence()
    for number in range(40):
        a_reader(f"r{number}@x.example")

    def let_in(order):
        return apart(
            enrolment.enrol_many,
            people=Person.objects.order_by(order),
            sequence=sequence,
            at=NOON,
            entry=Entry.SEGMENT,
        )

    with ThreadPoolExecutor(4) as pool:
        began = list(pool.map(let_in, ["pk", "-pk", "email", "-email"]))
    assert sum(began) == Enrolment.objects.count() == 40
