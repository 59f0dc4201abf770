"""What comes next for a person stands on their page: the step, its time, what it waits for, why it is held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns import sequences
from campaigns.models import Sequence, SequenceStep
from leads.models import Message
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.next_step import Next, walks
from leads.tests.builders import NOON, a_sequence
from leads.tests.mail_world import a_reader

pytestmark = pytest.mark.django_db


def coming(person: Any) -> Next:
    found = walks(person)[0][1]
    assert found is not None
    return found


def waiting() -> Sequence:
    """A mail, then a wait until they click."""
    sequence = a_sequence(mails=1)
    SequenceStep.objects.create(sequence=sequence, order=9, kind="wait_for", looks_at="click", limit_hours=72)
    sequences.publish(sequence=sequence, by=None, at=NOON)
    return sequence


def test_a_mail_to_come_is_named_with_its_time_here_and_there() -> None:
    person = a_reader(time_zone="America/New_York")
    enrol(person=person, sequence=a_sequence(), at=NOON)
    found = coming(person)
    assert (found.position, found.what, found.at) == (1, "Mail “One reading moves first”", NOON)
    assert found.there is not None and found.there.hour == 7


def test_a_wait_says_for_what_and_until_when() -> None:
    person = a_reader()
    enrol(person=person, sequence=waiting(), at=NOON)
    advance(at=NOON)
    Message.objects.update(state="sent", ended_at=NOON)
    advance(at=NOON + timedelta(minutes=1))
    advance(at=NOON + timedelta(minutes=2))
    found = coming(person)
    assert (found.position, found.waits_for) == (2, "they clicked in a mail of this sequence")
    assert found.until == NOON + timedelta(hours=72)


def test_a_mail_that_is_held_says_why() -> None:
    person = a_reader()
    sequence = a_sequence()
    enrol(person=person, sequence=sequence, at=NOON)
    advance(at=NOON)
    Message.objects.update(reason="quiet hours")
    assert coming(person).held == "quiet hours"
    Message.objects.update(reason="")
    sequences.pause(sequence=sequence, by=None, at=NOON)
    assert coming(person).held == "the sequence is paused"


def test_it_stands_on_the_persons_page(client: Client, maya: Any) -> None:
    client.force_login(maya)
    person = a_reader()
    enrol(person=person, sequence=a_sequence(), at=NOON)
    assert (
        "step 1, Mail “One reading moves first”" in client.get(f"/staff/leads/{person.pk}/").content.decode()
    )


def test_who_walks_nothing_costs_one_question(django_assert_num_queries: Any) -> None:
    person = a_reader()
    with django_assert_num_queries(1):
        assert walks(person) == []
