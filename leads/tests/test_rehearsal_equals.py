"""What a rehearsal says of a sequence without choices is what the real advance writes, to the minute, for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from campaigns.models import Sequence, StepKind
from leads.consent import suppress
from leads.models import Enrolment, Message, Pause, Person
from leads.nurture.rehearsal.cast import Bound, Versions
from leads.nurture.rehearsal.draft import draft_of
from leads.nurture.rehearsal.play import Event, Flow, Play, What
from leads.nurture.rehearsal.run import Scene, performances
from leads.sending import gate
from leads.tests.rehearsal_world import (
    AUTUMN,
    HALF_PAST_TWO,
    NINE,
    SPRING,
    ZONES,
    a_draft,
    a_reader_in,
    publish_and_enrol,
    real_clock,
)

pytestmark = pytest.mark.django_db
EACH = 8  # people a zone
Due = dict[tuple[int, int], datetime]  # (person, position) → when


def a_long_draft() -> Sequence:
    """Delays, days, hours, a wait, a follow-up, an hour that one night has twice or not at all."""
    return a_draft(
        {},
        {"delay_hours": 24, "at_time": HALF_PAST_TWO},
        {"delay_hours": 30, "weekdays": "12345"},
        {"kind": StepKind.WAIT, "delay_hours": 36},
        {"delay_hours": 1, "weekdays": "24", "at_time": NINE},
        {"delay_hours": 5},
        {"kind": StepKind.FOLLOW_UP, "delay_hours": 30, "note": "call them"},
        quiet_from=time(22, 0),
        quiet_until=time(1, 30),
    )


def the_people(at: datetime) -> list[Person]:
    """Eight in each zone; of every eight one gave no consent, and one asked for a pause of six days."""
    people = []
    for number, zone in enumerate(ZONES * EACH):
        person = a_reader_in(number, zone, at, consent=number % 8 != 3)
        if number % 8 == 5:
            Pause.objects.create(person=person, until=at + timedelta(days=6), at=at)
        people.append(person)
    suppress(email_key=people[0].email_key or "", reason="unsubscribed", at=at, person=people[0])
    return people


def unequal(said: Due, real: Due) -> list[tuple[object, ...]]:
    """Where the two differ by a minute or more, or only one of them has it."""
    nowhere = datetime.min.replace(tzinfo=UTC)
    return [
        (key, said.get(key), real.get(key))
        for key in said.keys() | real.keys()
        if abs(said.get(key, nowhere) - real.get(key, nowhere)) >= timedelta(minutes=1)
    ]


class Noting(Play):
    """Notes when each step of each walk is due, as the walk has it."""

    due: Due

    def _step_on(self, flow: Flow, at: datetime) -> None:
        assert flow.walk.due_at is not None
        self.due[flow.message.person_id, flow.walk.next_position] = flow.walk.due_at
        super()._step_on(flow, at)


def rehearsed(sequence: Sequence, people: list[Person], at: datetime) -> tuple[Due, Due]:
    """When each step is due, and when each mail goes out, as the rehearsal has it."""
    due: Due = {}
    sent: Due = {}
    scene = Scene(draft_of(sequence), at)

    def tell(event: Event) -> None:
        if event.what == What.SENT:
            sent[event.flow.message.person_id, event.step.position] = event.at

    for played in performances(scene, people, Bound.NOBODY, Versions()):
        play = Noting([played.ours], played.known, gate.zone_of(played.person), tell)
        play.due = due
        play.run(begins_at=at, until=scene.until)
    return due, sent


def really(sequence: Sequence, people: list[Person], at: datetime) -> tuple[Due, Due]:
    """The same as the rows have it, while the real advance and the real delivery work under a moved clock."""
    publish_and_enrol(sequence, people, at)
    due: Due = {}
    walking = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, due_at__isnull=False)
    columns = ("person_id", "next_position", "due_at")

    def note() -> None:
        due.update({(person, place): when for person, place, when in walking.values_list(*columns) if when})

    note()
    for _moment in real_clock(begins_at=at, until=at + timedelta(days=60)):
        note()
    mails = Message.objects.filter(state=Message.State.SENT).values_list(
        "person_id", "step__position", "ended_at"
    )
    return due, {(person, position): when for person, position, when in mails if position and when}


@pytest.mark.parametrize(
    "at", [AUTUMN, pytest.param(SPRING, marks=pytest.mark.any_database)], ids=["autumn", "spring"]
)
def test_a_rehearsal_equals_the_real_times_to_the_minute_for_everybody(at: datetime, settings) -> None:
    settings.KEEP_SECONDS = 0
    settings.NURTURE_GAP_HOURS = 20
    sequence, people = a_long_draft(), the_people(at)
    due, sent = rehearsed(sequence, people, at)
    assert Enrolment.objects.count() == Message.objects.count() == 0
    real_due, real_sent = really(sequence, people, at)
    assert len(people) > 200
    assert len(real_sent) > 600
    assert unequal(sent, real_sent) == []
    assert unequal(due, real_due) == []
    assert not Enrolment.objects.filter(state=Enrolment.State.ACTIVE).exists()
