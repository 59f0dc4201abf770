"""Who waits for something is looked at as soon as something happens to them, and only then."""

from datetime import datetime, timedelta

import pytest
import time_machine

from campaigns.models import Channel, Topic
from leads.consent import record_consent
from leads.judging import judge_due
from leads.lifecycle import note_sales_stage, start_nurture
from leads.models import Enrolment, Fact, Hit, LeadScore, Person
from leads.nurture.waking import wake
from leads.preferences import choose
from leads.scoring.rescore import rescore_dirty
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.mail_world import a_reader, walking
from leads.tracking import make_dirty, record_touch

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = NOON + HOUR


@pytest.fixture
def waits() -> Enrolment:
    """Waits since noon for two hours; the next look is an hour and a half away."""
    row = walking(a_reader())
    Enrolment.objects.update(waits_since=NOON, waits_until=NOON + 2 * HOUR, due_at=NOON + 1.5 * HOUR)
    return row


@pytest.fixture
def clock_at_one():
    with time_machine.travel(NOW, tick=False):
        yield


def next_look(row: Enrolment) -> datetime | None:
    return Enrolment.objects.get(pk=row.pk).due_at


def test_a_wait_is_woken_once_and_never_put_off(waits):
    assert wake(person_ids=[waits.person_id], at=NOW) == 1
    assert next_look(waits) == NOW
    assert wake(person_ids=[waits.person_id], at=NOW + HOUR) == 0
    assert next_look(waits) == NOW


def test_a_walk_is_never_sent_back_before_its_wait_began(waits):
    wake(person_ids=[waits.person_id], at=NOON - timedelta(days=900))
    assert next_look(waits) == NOON


def test_who_does_not_wait_for_anything_is_left_alone(waits):
    Enrolment.objects.update(waits_since=None, waits_until=None)
    assert wake(person_ids=[waits.person_id], at=NOW) == 0
    assert next_look(waits) == NOON + 1.5 * HOUR


def test_waking_is_one_statement(waits, django_assert_num_queries):
    with django_assert_num_queries(1):
        wake(person_ids=range(500), at=NOW)


def test_a_judged_click_wakes(waits, settings):
    hit = Hit.objects.create(
        kind="click", at=NOW, person=waits.person, message=waits.messages.get(), ip="192.0.2.7",
        agent="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    )  # fmt: skip
    judge_due(at=NOW + HOUR / 4)
    assert hit.verdicts.get().verdict == "human"
    assert next_look(waits) == NOW + HOUR / 4


def test_a_touch_of_somebody_without_a_lead_wakes_too(waits, clock_at_one):
    LeadScore.objects.all().delete()
    waits.person.lead.moves.all().delete()
    waits.person.lead.delete()
    record_touch(person=waits.person, kind="reply", at=NOW, channel=Channel.objects.get(slug="email"))
    assert next_look(waits) == NOW


def test_a_fact_wakes_by_way_of_the_score(waits):
    Fact.objects.create(person=waits.person, field="industry", value="food", source="staff", at=NOW)
    make_dirty(lead_ids=[waits.person.lead.pk], at=NOW)
    assert next_look(waits) == NOW


def test_a_form_wakes_when_its_score_is_worked_out(waits):
    rescore_dirty(at=NOON)
    Enrolment.objects.update(due_at=NOON + 1.5 * HOUR)
    submitted(a_page("pricing", asset=None), at=NOW)
    rescore_dirty(at=NOW)
    assert next_look(waits) == NOW


def test_consent_wakes(waits):
    record_consent(person=waits.person, purpose="tracking", given=True, at=NOW)
    assert next_look(waits) == NOW


def test_a_topic_wakes(waits):
    Topic.objects.create(name="Bearings", slug="bearings")
    choose(person=waits.person, topics=[], pause_days=None, language="", at=NOW)
    assert next_look(waits) == NOW


def test_a_status_wakes(waits):
    start_nurture(lead=waits.person.lead, at=NOW)
    assert next_look(waits) == NOW


def test_a_sales_stage_wakes(waits):
    note_sales_stage(person=waits.person, stage="returned", open=False, at=NOW)
    assert next_look(waits) == NOW
    assert Person.objects.get(pk=waits.person_id).sales_stage == "returned"
