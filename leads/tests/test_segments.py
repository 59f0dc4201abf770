"""Segments: what a line means, who is never in one, and stored membership."""

from datetime import timedelta

import pytest

from campaigns.models import Channel, Persona, Sequence
from leads.models import EntryRule, Lead, LeadScore, Person, Segment, SegmentCondition, SegmentMember
from leads.segments import count, people, problem_of, refresh, refresh_due, sample
from leads.tests.builders import NOON, a_campaign, a_lead
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def a_segment(*lines: tuple[str, str] | tuple[str, str, bool], name: str = "some") -> Segment:
    segment = Segment.objects.create(name=name)
    for field, value, *negate in lines:
        SegmentCondition.objects.create(segment=segment, field=field, value=value, negate=bool(negate))
    return segment


def names(segment: Segment, at=NOON) -> set[str]:
    return {person.email.partition("@")[0] for person in people(segment, at=at)}


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


def test_a_count_and_ten_of_them():
    for number in range(12):
        a_lead(f"r{number}@x.example", country="NL")
    segment = a_segment(("country", "NL"))
    assert (count(segment), len(sample(segment))) == (12, 10)


def test_refreshing_adds_the_new_and_lets_the_others_go(anna, bert):
    segment = a_segment(("country", "NL"))
    assert refresh(segment=segment, at=NOON) == {"added": 1, "removed": 0}
    Person.objects.filter(pk=anna.person_id).update(country="BE")
    Person.objects.filter(pk=bert.person_id).update(country="NL")
    assert refresh(segment=segment, at=NOON + DAY) == {"added": 1, "removed": 1}
    member = SegmentMember.objects.get()
    assert (member.person_id, member.since) == (bert.person_id, NOON + DAY)
    segment.refresh_from_db()
    assert segment.evaluated_at == NOON + DAY


def test_who_stays_keeps_the_day_they_came(anna):
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOON)
    assert refresh(segment=segment, at=NOON + DAY) == {"added": 0, "removed": 0}
    assert SegmentMember.objects.get().since == NOON


def test_a_segment_that_cannot_hold_anybody_is_emptied(anna):
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOON)
    segment.conditions.update(value="XX")
    assert refresh(segment=segment, at=NOON) == {"added": 0, "removed": 1}


def test_refreshing_costs_the_same_whatever_its_size(django_assert_max_num_queries):
    for number in range(40):
        a_lead(f"r{number}@x.example", country="NL")
    segment = a_segment(("country", "NL"))
    with django_assert_max_num_queries(8):
        assert refresh(segment=segment, at=NOON)["added"] == 40


def test_segments_that_let_people_in_are_refreshed_every_five_minutes(anna):
    watched, idle = a_segment(("country", "NL")), a_segment(("country", "NL"), name="idle")
    sequence = Sequence.objects.create(name="s", slug="s")
    EntryRule.objects.create(sequence=sequence, kind="segment", segment=watched)
    assert refresh_due(at=NOON) == {"segments": 1, "added": 1, "removed": 0}
    assert refresh_due(at=NOON + timedelta(minutes=4))["segments"] == 0
    assert refresh_due(at=NOON + timedelta(minutes=5))["segments"] == 1
    assert not SegmentMember.objects.filter(segment=idle).exists()
