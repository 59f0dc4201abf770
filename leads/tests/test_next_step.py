"""What comes next for a person stands on their page: the step, its time, what it waits for, why it is held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns import sequences
from campaigns.models import EmailTemplate, Sequence, SequenceStep
from leads.models import Message
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.next_step import Next, walks
from leads.sending.subject_line import subject_for
from leads.tests.builders import NOON, a_sequence
from leads.tests.mail_world import a_reader
from leads.timeline import lead_timeline

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


def called(subject: str) -> Sequence:
    """A sequence of one mail with this subject, and with the next piece where it names one."""
    sequence = a_sequence(mails=1)
    template = sequence.steps.get().template
    assert template is not None
    template.subject = subject
    template.save()
    sequence.steps.update(next_piece="piece" in subject)
    sequences.publish(sequence=sequence, by=None, at=NOON)
    return sequence


@pytest.mark.parametrize(
    ("subject", "seen"),
    [
        ("A question about {{ person.company | default: 'your machines' }}", "A question about Maasland"),
        ("{{ person.job_title | default: 'Colleague' }}, a question", "Colleague, a question"),
        ("Read next: {{ piece.title | default: 'a guide' }}", "Read next: a guide"),
    ],
)
def test_a_subject_stands_there_as_this_person_will_read_it(subject: str, seen: str) -> None:
    person = a_reader(company_name="Maasland")
    enrol(person=person, sequence=called(subject), at=NOON)
    assert coming(person).what.startswith(f"Mail “{seen}”")


def test_the_mails_sent_stand_on_the_timeline_with_the_subject_the_person_got() -> None:
    person = a_reader(company_name="Maasland")
    enrol(person=person, sequence=called("A question about {{ person.company | default: 'you' }}"), at=NOON)
    advance(at=NOON)
    Message.objects.update(state="sent", ended_at=NOON)
    assert "“A question about Maasland”" in [line.about for line in lead_timeline(person, 20)]


def test_dots_stand_where_only_the_mail_itself_knew_the_words() -> None:
    assert subject_for(a_reader(), EmailTemplate(subject="{{ piece.title }}, and more")) == "…, and more"
