"""Segments: what a line means, and who is never in one."""

import time
from datetime import timedelta

import pytest

from campaigns.models import Channel, Persona
from leads.models import Lead, LeadScore, Person, SegmentCondition
from leads.segments import count, problem_of
from leads.segments.lines import circle
from leads.tests.builders import NOON, a_campaign, a_lead
from leads.tests.segment_world import a_segment, names
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def anna() -> Lead:
    return a_lead("anna@x.example", country="NL")


@pytest.fixture
def bert() -> Lead:
    return a_lead("bert@x.example", country="DE")


def test_a_status_may_be_one_of_several(anna, bert):
    Lead.objects.filter(pk=bert.pk).update(status="customer")
    assert names(a_segment(("status", "new, nurturing"))) == {"anna"}
    assert names(a_segment(("status", "new", True), name="not")) == {"bert"}


def test_a_grade_means_that_grade_or_better(anna, bert):
    LeadScore.objects.filter(lead=anna).update(grade="A2")
    LeadScore.objects.filter(lead=bert).update(grade="A3")
    assert names(a_segment(("grade", "b2"))) == {"anna"}


def test_a_persona_and_who_has_none(anna, bert):
    Lead.objects.filter(pk=anna.pk).update(persona=Persona.objects.create(name="Planner", slug="planner"))
    assert names(a_segment(("persona", "planner"))) == {"anna"}
    assert names(a_segment(("persona", "planner", True), name="not")) == {"bert"}


def test_first_channel_and_campaign_are_of_the_first_touch(anna, bert):
    email, social = Channel.objects.get(slug="email"), Channel.objects.get(slug="social")
    record_touch(person=anna.person, kind="visit", at=NOON, channel=social, campaign=a_campaign("spring"))
    record_touch(person=anna.person, kind="visit", at=NOON + DAY, channel=email)
    assert names(a_segment(("channel", "social"))) == {"anna"}
    assert names(a_segment(("channel", "email"), name="two")) == set()
    assert names(a_segment(("campaign", "spring"), name="three")) == {"anna"}


def test_all_lines_must_hold(anna, bert):
    assert names(a_segment(("country", "nl,de"), ("country", "DE", True))) == {"anna"}


def test_a_last_touch_lies_so_many_days_back_at_most(anna):
    record_touch(person=anna.person, kind="visit", at=NOON, channel=Channel.objects.get(slug="email"))
    segment = a_segment(("touched", "7"))
    assert names(segment, at=NOON + 6 * DAY) == {"anna"}
    assert names(segment, at=NOON + 8 * DAY) == set()


def test_cold_merged_and_erased_people_are_in_none(anna, bert):
    Person.objects.create(email="cold@x.example", country="NL")
    Person.objects.filter(pk=anna.person_id).update(merged_into=bert.person_id)
    assert names(a_segment(("country", "NL,DE"))) == {"bert"}
    Person.objects.filter(pk=bert.person_id).update(erased_at=NOON)
    assert names(a_segment(("country", "NL,DE"), name="again")) == set()


@pytest.mark.parametrize(
    "line", [("status", "sleeping"), ("grade", "E5"), ("country", "XX"), ("touched", "soon"), ("touched", "0"),
             ("persona", "nobody"), ("campaign", " ")],
)  # fmt: skip
def test_a_value_that_cannot_be_holds_nobody_even_turned_round(anna, line):
    field, value = line
    assert problem_of(SegmentCondition(field=field, value=value)) != ""
    assert names(a_segment((field, value, True))) == set()


def test_without_a_line_nobody_is_in_it(anna):
    assert count(a_segment()) == 0


def test_a_count_of_them():
    for number in range(12):
        a_lead(f"r{number}@x.example", country="NL")
    segment = a_segment(("country", "NL"))
    assert count(segment) == 12


def test_many_segments_that_name_many_are_asked_for_a_circle_at_once():
    """Forty of them, each naming all before it, have more ways between them than seconds since the beginning."""
    made: list[int] = []
    for number in range(40):
        value = ",".join(map(str, made[-20:])) or "0"
        made.append(a_segment(("segment", value), name=f"s{number}").pk)
    line = SegmentCondition(field="segment", value=",".join(map(str, made[-20:])))
    began = time.thread_time()
    assert circle(10**9, [line]) == []
    assert circle(made[0], [line])[-1].pk == made[0]
    assert time.thread_time() - began < 2
