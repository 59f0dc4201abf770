"""The real advance over sequences of random shape says at every moment what the pure walk says, to the microsecond.

The pure walk is tested by itself (test_nurture_walk.py); here the statements, the batches and their writing are held
against it, with outages, a clock that goes back an hour, mails that end late, and several rounds in no order.
"""

import random
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from leads.models import Enrolment, Message, Person
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.one_by_one import steps_of
from leads.nurture.sums import sequence_steps, sequence_sums
from leads.nurture.walk import mail_ended, mail_refused, started, step_on, walk_of
from leads.tests.builders import a_lead
from leads.tests.mail_world import a_reader
from leads.tests.walk_world import DAY, HOUR, WEDNESDAY, a_path

pytestmark = pytest.mark.django_db
ZONES = ["Europe/Brussels", "America/New_York", "Pacific/Chatham", "Asia/Kolkata"]
ENDS = [
    ("sent", ""),
    ("sent", ""),
    ("sent", ""),
    ("unknown", ""),
    ("cancelled", "too late"),
    ("suppressed", "hard"),
]


def shape(chance: random.Random, length: int = 9) -> list[tuple[str, dict]]:
    """Kinds, delays, days, hours and jumps forward, by chance."""
    said = []
    for position in range(1, length + 1):
        ahead = [None, None, *range(position + 1, length + 1)]
        kind = chance.choice(["mail", "mail", "mail", "wait", "branch", "wait_for", "follow_up", "end"])
        more = {
            "delay_hours": chance.choice([0, 0, 5, 24, 48]),
            "weekdays": chance.choice(["", "", "12345", "6"]),
            "at_time": chance.choice([None, None, time(9), time(2, 30)]),
            "then_position": chance.choice(ahead) if kind != "end" else None,
        }
        if kind in ("branch", "wait_for"):
            more |= {"looks_at": "consent", "limit_hours": 30, "otherwise_position": chance.choice(ahead)}
        said.append((kind if position < length else "mail", more))
    return said


def end_some_mails(chance: random.Random, now) -> dict[int, Message]:
    ended = {}
    for message in Message.objects.filter(state="scheduled").order_by("pk"):
        if chance.random() < 0.7:
            message.state, message.reason = chance.choice(ENDS)
            message.ended_at = now
            message.save()
            ended[message.enrolment_id] = message
    return ended


def told(walk, message, steps, zone) -> None:
    if message.state in ("cancelled", "suppressed"):
        mail_refused(walk, steps, reason=message.reason, at=message.ended_at, zone=zone)
    else:
        mail_ended(walk, steps, ended_at=message.ended_at, zone=zone)


@pytest.mark.parametrize("seed", range(4))
def test_everybody_is_where_the_pure_walk_is(seed):
    chance, now = random.Random(seed), WEDNESDAY
    path = a_path(*shape(chance))
    for number, zone in enumerate(ZONES):
        person = a_lead(f"n{number}@x.example").person if number % 2 else a_reader(f"r{number}@x.example")
        Person.objects.filter(pk=person.pk).update(time_zone=zone)
        enrol(person=Person.objects.get(pk=person.pk), sequence=path, at=now)
    rows = list(Enrolment.objects.select_related("person"))
    steps = steps_of(rows)[path.versions.get().pk]
    zones = {row.pk: ZoneInfo(row.person.time_zone) for row in rows}
    walks = {row.pk: started(steps, at=now, zone=zones[row.pk]) for row in rows}
    consents = {row.pk: row.person.email.startswith("r") for row in rows}
    for _ in range(30):
        advance(at=now, limit=chance.choice([2, 100]))
        while any(advance(at=now).values()):
            pass
        for pk, walk in walks.items():
            step_on(walk, steps, at=now, zone=zones[pk], holds=lambda *_, pk=pk: consents[pk])
        assert {row.pk: walk_of(row) for row in Enrolment.objects.all()} == walks
        assert all(
            sums.balanced for (_v, at), sums in sequence_steps(path).items() if steps[at].kind == "mail"
        )
        assert sequence_sums(path).balanced
        for pk, message in end_some_mails(chance, now).items():
            told(walks[pk], message, steps, zones[pk])
        now += chance.choice([HOUR, 5 * HOUR, DAY, 3 * DAY, -HOUR, timedelta(minutes=7)])
    assert Message.objects.count() == len(set(Message.objects.values_list("enrolment", "step")))
    assert Message.objects.exists()
