"""Human or machine, with reasons; only human acts become touches (RELIABILITY T3)."""

from datetime import timedelta

import pytest

from campaigns.models import MailLink
from leads.judging import judge_due
from leads.models import Hit, Message, Touch, Verdict
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_lead, a_page, a_sequence, an_asset

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
LATER = NOON + timedelta(minutes=5)


def a_hit(**columns):
    columns.setdefault("agent", BROWSER)
    return Hit.objects.create(**{"kind": Hit.Kind.PAGE, "at": NOON, **columns})


@pytest.fixture
def message():
    lead = a_lead()
    sequence = a_sequence()
    enrolment = enrol(person=lead.person, sequence=sequence, at=NOON)
    step = enrolment.version.steps.first()
    for position in (2, 3):
        MailLink.objects.create(step=step, position=position, target=f"https://averdahl.example/{position}")
    return Message.objects.create(
        key="k", message_id="<k@x>", kind="sequence", person=lead.person, enrolment=enrolment, step=step, due_at=NOON,
        state="sent", ended_at=NOON - timedelta(minutes=1),
    )  # fmt: skip


def a_click(message, at=NOON, position=1, **columns):
    link = MailLink.objects.get(step=message.step, position=position)
    return a_hit(kind="click", message=message, person=message.person, mail_link=link, at=at, **columns)


def test_a_person_who_clicks_leaves_a_touch_with_the_target(message):
    a_click(message)
    assert judge_due(at=LATER) == {"human": 1, "machine": 0, "touches": 1}
    touch = Touch.objects.get()
    assert (touch.kind, touch.channel.slug, touch.label) == ("click", "email", "https://averdahl.example/a")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"method": "HEAD"}, "HEAD request"),
        ({"agent": ""}, "no agent"),
        ({"agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, "known agent"),
        ({"agent": "Barracuda Sentinel (EE)"}, "known agent"),
    ],
)
def test_a_machine_is_told_with_its_reason_and_leaves_no_touch(message, columns, reason):
    a_click(message, **columns)
    judge_due(at=LATER)
    assert (Verdict.objects.get().verdict, Verdict.objects.get().reasons) == ("machine", reason)
    assert not Touch.objects.exists()


def test_all_links_at_once_is_a_scanner(message):
    for position in (1, 2, 3):
        a_click(message, position=position, at=NOON + timedelta(seconds=position))
    assert judge_due(at=LATER)["machine"] == 3


def test_a_click_a_second_after_sending_is_a_scanner(message):
    a_click(message, at=message.ended_at + timedelta(seconds=1))
    assert judge_due(at=LATER)["machine"] == 1


def test_a_click_waits_until_its_neighbours_can_be_seen(message):
    a_click(message)
    assert judge_due(at=NOON + timedelta(seconds=3)) == {"human": 0, "machine": 0, "touches": 0}
    assert judge_due(at=NOON + timedelta(seconds=11))["human"] == 1


def test_judging_twice_adds_nothing(message):
    a_click(message)
    judge_due(at=LATER)
    assert judge_due(at=LATER) == {"human": 0, "machine": 0, "touches": 0}
    assert Touch.objects.count() == Verdict.objects.count() == 1


def test_a_download_counts_once_a_day_however_many_ranges_it_takes():
    person, asset = a_lead().person, an_asset()
    for minute in (0, 1, 600):
        a_hit(
            kind="download",
            person=person,
            asset=asset,
            page=a_page(f"p{minute}"),
            at=NOON + timedelta(minutes=minute),
        )
    judge_due(at=NOON + timedelta(days=1))
    assert Touch.objects.count() == 1


def test_an_anonymous_visit_gets_a_verdict_and_no_touch():
    a_hit()
    assert judge_due(at=LATER) == {"human": 1, "machine": 0, "touches": 0}
