"""Days of outage, clocks that jump, the nights they change: nobody is skipped, nobody gets a mail twice (N8, N9).

The command that an operator would run does here what the schedule does, under a moved clock, through the gate and the
ledger to a mail back end.
"""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command

from campaigns.models import SendingPolicy
from leads.models import Enrolment, Message
from leads.nurture.enrolment import enrol
from leads.tests.mail_world import a_reader
from leads.tests.walk_world import DAY, HOUR, MINUTE, WEDNESDAY, a_path

pytestmark = pytest.mark.django_db
NOON = WEDNESDAY
BRUSSELS = ZoneInfo("Europe/Brussels")
DAILY = {"delay_hours": 24}


@pytest.fixture(autouse=True)
def no_weekly_cap():
    SendingPolicy.objects.update_or_create(pk=1, defaults={"most_a_week": 50})


def work(at: datetime) -> list[str]:
    """What is due at that time goes out; whom it went to."""
    before = len(mail.outbox)
    with time_machine.travel(at, tick=False):
        call_command("nurture", "--once", stdout=StringIO())
    return [one.to[0] for one in mail.outbox[before:]]


def on(path, number: int = 1, at: datetime = NOON, **said) -> None:
    for one in range(number):
        enrol(person=a_reader(f"r{one}@maasland.example", **said), sequence=path, at=at)


def local_times() -> list[str]:
    sent = Message.objects.order_by("ended_at").values_list("ended_at", flat=True)
    return [at.astimezone(BRUSSELS).strftime("%d %b %H:%M %z") for at in sent]


def each_mail_once(people: int, steps: int) -> bool:
    got = Counter(Message.objects.filter(state="sent").values_list("enrolment_id", "step__position"))
    return len(got) == people * steps and set(got.values()) == {1} and len(mail.outbox) == people * steps


def test_after_three_days_of_outage_nobody_gets_three_steps_in_a_minute():
    on(
        a_path(
            "mail",
            ("mail", DAILY),
            "follow_up",
            ("wait", {"delay_hours": 6}),
            ("mail", DAILY),
            ("mail", DAILY),
        ),
        4,
    )
    assert len(work(NOON)) == 4
    back = NOON + 4 * DAY  # the second mail, the follow-up, the wait and the third would all have been due
    got = Counter(address for minute in range(10) for address in work(back + minute * MINUTE))
    assert set(got.values()) == {1}
    assert len(got) == 4
    due = Enrolment.objects.values_list("due_at", flat=True)  # the usual distance begins from the late mail
    assert all(back + 6 * HOUR <= at < back + 6 * HOUR + MINUTE for at in due)
    for hours in range(6, 80, 8):
        work(back + hours * HOUR + MINUTE)
    assert each_mail_once(4, 4)
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"finished"}


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 25 * HOUR, -25 * HOUR])
def test_a_clock_that_jumps_skips_nobody_and_doubles_nothing(jump):
    on(a_path("mail", ("mail", DAILY), ("mail", {"delay_hours": 30})), 3)
    work(NOON)
    for hours in range(0, 24 * 6, 5):
        shifted = jump if 20 <= hours < 62 else timedelta()
        work(NOON + hours * HOUR + shifted)
    assert each_mail_once(3, 3)


def nightly(begin: datetime, steps: int, hours: int, at_time: time) -> list[str]:
    """A mail a night, the schedule looking every hour; when each went out, in Brussels."""
    said = {"at_time": at_time}
    on(a_path(("mail", said), *[("mail", said | DAILY)] * (steps - 1)), at=begin, time_zone="Europe/Brussels")
    for hour in range(hours):
        work(begin + hour * HOUR)
    assert each_mail_once(1, steps)
    return local_times()


def test_half_past_two_comes_once_in_the_night_that_has_none():
    assert nightly(datetime(2027, 3, 26, 12, 30, tzinfo=UTC), 4, 96, time(2, 30)) == [
        "27 Mar 02:30 +0100", "28 Mar 03:30 +0200", "29 Mar 02:30 +0200", "30 Mar 02:30 +0200",
    ]  # fmt: skip


def test_half_past_two_comes_once_in_the_night_that_has_two():
    assert nightly(datetime(2027, 10, 29, 12, 30, tzinfo=UTC), 4, 96, time(2, 30)) == [
        "30 Oct 02:30 +0200", "31 Oct 02:30 +0200", "01 Nov 02:30 +0100", "02 Nov 02:30 +0100",
    ]  # fmt: skip


def test_a_leap_day_is_a_day_like_others():
    assert nightly(datetime(2028, 2, 27, 12, tzinfo=UTC), 3, 72, time(9)) == [
        "28 Feb 09:00 +0100", "29 Feb 09:00 +0100", "01 Mar 09:00 +0100",
    ]  # fmt: skip


def test_the_turn_of_the_year_is_a_night_like_others():
    assert nightly(datetime(2026, 12, 30, 12, 30, tzinfo=UTC), 3, 72, time(0, 30)) == [
        "31 Dec 00:30 +0100", "01 Jan 00:30 +0100", "02 Jan 00:30 +0100",
    ]  # fmt: skip
