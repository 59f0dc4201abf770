"""The post office's forecast against what really goes out, and the cap over any schedule."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import PublishedStep, Sequence, StepKind
from leads.models import Enrolment, Message, Person
from leads.nurture.planner import forecast
from leads.nurture.rehearsal.play import Event, Flow, Play, What
from leads.nurture.walk import started
from leads.sending import gate
from leads.tests.builders import NOON
from leads.tests.rehearsal_world import NINE, ZONES, a_draft, a_reader_in, publish_and_enrol, real_clock

UTC_ZONE = ZoneInfo("UTC")
WEEK = timedelta(days=7)


# No person over the cap in any schedule.


def a_flow(number: int, delays: list[int], priority: int, at: datetime, person: Person) -> Flow:
    """A walk of `delays` mails, without a database."""
    steps = {
        position: PublishedStep(position=position, kind=StepKind.MAIL, delay_hours=delay)
        for position, delay in enumerate(delays, start=1)
    }
    sequence = Sequence(pk=number, priority=priority, state=Sequence.State.LIVE)
    row = Enrolment(pk=number, person=person, sequence=sequence, state=Enrolment.State.ACTIVE)
    message = Message(pk=number, kind=Message.Kind.SEQUENCE, person=person, enrolment=row)
    return Flow(message, steps, started(steps, at=at, zone=UTC_ZONE), holds=lambda *asked: False)


flows = st.lists(
    st.tuples(
        st.lists(st.integers(0, 200), min_size=1, max_size=8),  # hours before each mail
        st.integers(1, 100),  # priority
        st.integers(0, 24 * 20),  # begins so many hours later
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(flows=flows, most=st.integers(1, 5), gap=st.integers(0, 40))
def test_nobody_gets_more_than_the_cap_in_any_schedule(flows, most, gap):
    sent = played(flows, most, gap)
    times = sorted(event.at for event in sent)
    assert all(later - first >= WEEK for first, later in zip(times, times[most:], strict=False))
    assert all(later - first >= timedelta(hours=gap) for first, later in pairwise(times))


@settings(deadline=None)
@given(flows=flows, most=st.integers(1, 5))
def test_of_two_mails_due_at_once_the_higher_priority_goes_first(flows, most):
    told: list[Event] = []
    played(flows, most, 20, told)
    for event in told:
        if event.reason == gate.Why.RIVAL and event.rival is not None:
            loses, wins = (flow.message.enrolment.sequence.priority for flow in (event.flow, event.rival))
            assert wins >= loses


def played(flows, most: int, gap: int, told: list[Event] | None = None) -> list[Event]:
    from django.test import override_settings

    person = Person(pk=1, email="piet@maasland.example", email_key="piet@maasland.example", time_zone="UTC")
    every = [
        a_flow(number, delays, priority, NOON + timedelta(hours=later), person)
        for number, (delays, priority, later) in enumerate(flows, start=1)
    ]
    known = gate.Known(consented={1: "consent"}, leads={1: "nurturing"}, most_a_week=most)
    events: list[Event] = []
    with override_settings(NURTURE_GAP_HOURS=gap):
        Play(every, known, UTC_ZONE, events.append).run(begins_at=NOON, until=NOON + timedelta(days=90))
    if told is not None:
        told += events
    return [event for event in events if event.what == What.SENT]


# The forecast and the real thing.


@pytest.fixture
def on_the_way(db, settings) -> list[Person]:
    """People on three sequences at once, in many zones, some of whom may get nothing."""
    settings.KEEP_SECONDS = 0
    people = [a_reader_in(n, ZONES[n % 9], consent=n % 10 != 7) for n in range(90)]
    one = a_draft({"delay_hours": 20}, {"delay_hours": 24, "at_time": NINE}, slug="one", priority=80)
    two = a_draft({"delay_hours": 3}, {"delay_hours": 10}, {"delay_hours": 48}, slug="two")
    publish_and_enrol(one, people[:50], NOON)
    publish_and_enrol(two, people[30:], NOON)
    return people


def really_sent(begins_at: datetime, until: datetime) -> list[datetime]:
    for _moment in real_clock(begins_at=begins_at, until=until):
        pass
    rows = Message.objects.filter(state=Message.State.SENT, ended_at__gte=begins_at)
    return [when for when in rows.values_list("ended_at", flat=True) if when]


def test_the_next_day_is_forecast_within_five_percent_of_what_goes_out(on_the_way):
    ahead = forecast(at=NOON)
    before = Message.objects.count(), Enrolment.objects.count()
    said = sum(slot.mails for slot in ahead.hours[:24])
    assert before == (0, 110)
    real = [
        when for when in really_sent(NOON, NOON + timedelta(hours=30)) if when < NOON + timedelta(hours=24)
    ]
    assert len(real) > 50
    assert abs(said - len(real)) <= 0.05 * len(real)


def test_the_days_and_hours_of_the_forecast_are_those_of_the_real_mails(on_the_way):
    ahead = forecast(at=NOON)
    said = {slot.when: slot.mails for slot in ahead.days if slot.mails}
    real: dict[str, int] = defaultdict(int)
    for when in really_sent(NOON, NOON + timedelta(days=12)):
        real[when.astimezone(ZoneInfo("Europe/Zurich")).date().isoformat()] += 1
    assert said == real


def test_a_draw_of_a_fifth_says_nearly_the_same_of_the_next_day(db, settings):
    settings.KEEP_SECONDS = 0
    people = [a_reader_in(n) for n in range(400)]
    soon, later = a_draft({"delay_hours": 5}, slug="soon"), a_draft({"delay_hours": 72}, slug="later")
    publish_and_enrol(soon, people[:150], NOON)
    publish_and_enrol(later, people[150:], NOON)
    whole, draw = forecast(at=NOON), forecast(at=NOON, most=80)
    assert draw.is_sample
    assert draw.walked < 130
    assert whole.next_day == 150
    assert abs(draw.next_day - 150) <= 0.05 * 150


def test_what_meets_in_the_next_days_is_told_with_who_wins(on_the_way):
    ahead = forecast(at=NOON)
    names = ahead.collisions["names"]
    pairs = {(names[str(p["wins"])], names[str(p["loses"])]) for p in ahead.collisions["pairs"] if p["wins"]}
    assert ("one", "two") in pairs or ("two", "one") in pairs
    assert ahead.collisions["people"] > 0


def test_a_paused_sequence_sends_nothing_and_is_not_in_it(on_the_way):
    Sequence.objects.update(state=Sequence.State.PAUSED)
    ahead = forecast(at=NOON)
    assert (ahead.people, sum(slot.mails for slot in ahead.days)) == (0, 0)
