"""Stored membership: who comes and goes, what is looked at again, and which segments are kept up to date."""

from datetime import timedelta

import pytest

from campaigns.models import Channel, Sequence
from leads.models import EntryRule, Lead, LeadScore, Person, Segment, SegmentCondition, SegmentMember
from leads.segments import keep_up, refresh, refresh_all, refresh_due
from leads.tests.builders import NOON, a_campaign, a_lead
from leads.tests.segment_world import a_line, a_segment
from leads.tracking import make_dirty, record_touch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def anna() -> Lead:
    return a_lead("anna@x.example", country="NL")


@pytest.fixture
def bert() -> Lead:
    return a_lead("bert@x.example", country="DE")


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
    with django_assert_max_num_queries(11):
        assert refresh(segment=segment, at=NOON)["added"] == 40


def test_segments_that_let_people_in_are_refreshed_every_minute(anna):
    watched, idle = a_segment(("country", "NL")), a_segment(("country", "NL"), name="idle")
    sequence = Sequence.objects.create(name="s", slug="s")
    EntryRule.objects.create(sequence=sequence, kind="segment", segment=watched)
    assert refresh_due(at=NOON) == {"segments": 1, "added": 1, "removed": 0}
    assert refresh_due(at=NOON + timedelta(seconds=30))["segments"] == 0
    assert refresh_due(at=NOON + timedelta(seconds=60))["segments"] == 1
    assert not SegmentMember.objects.filter(segment=idle).exists()


def settled(at=NOON) -> None:
    """As if the sweep had been there: nobody is dirty."""
    LeadScore.objects.update(dirty_at=None, computed_at=at - DAY)


def members(segment: Segment) -> set[str]:
    people = SegmentMember.objects.filter(segment=segment).values_list("person__email", flat=True)
    return {email.partition("@")[0] for email in people}


def test_only_who_changed_is_looked_at_again(anna, bert):
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOON)
    settled()
    Person.objects.update(country="NL")  # past every verb: nobody said so
    assert refresh(segment=segment, at=NOON + DAY) == {"added": 0, "removed": 0}
    make_dirty(lead_ids=[bert.pk], at=NOON + DAY)
    assert refresh(segment=segment, at=NOON + DAY) == {"added": 1, "removed": 0}


def test_a_change_that_the_sweep_has_dealt_with_is_still_news(anna, bert):
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOON)
    settled()
    Person.objects.filter(pk=bert.person_id).update(country="NL")
    LeadScore.objects.filter(lead=bert).update(computed_at=NOON - timedelta(minutes=5))  # committed late
    assert refresh(segment=segment, at=NOON + DAY)["added"] == 1


def test_a_clock_that_is_a_little_behind_does_not_look_at_everybody(anna, bert):
    segment = a_segment(("touched", "1"))
    record_touch(person=anna.person, kind="visit", at=NOON - DAY, channel=Channel.objects.get(slug="email"))
    late = NOON + timedelta(seconds=30)
    refresh(segment=segment, at=late)
    settled()
    assert members(segment) == set()  # her day ended half a minute before
    assert refresh(segment=segment, at=NOON) == {"added": 1, "removed": 0}
    assert refresh(segment=segment, at=late) == {"added": 0, "removed": 1}


def test_the_night_looks_at_everybody_and_counts_what_was_missed(anna, bert):
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOON)
    settled()
    Segment.objects.update(wanted_at=NOON + DAY)
    assert refresh_all(at=NOON + DAY) == {"segments": 1, "added": 0, "removed": 0}
    Person.objects.update(country="NL")
    assert refresh_all(at=NOON + DAY + DAY / 100) == {"segments": 1, "added": 1, "removed": 0}


def test_other_lines_look_at_everybody_again(anna, bert):
    segment = a_segment(("country", "NL"))
    refresh(segment=segment, at=NOON)
    settled()
    segment.conditions.update(value="DE")
    assert refresh(segment=segment, at=NOON + DAY) == {"added": 1, "removed": 1}
    Segment.objects.update(match="any")
    SegmentCondition.objects.create(segment=segment, field="country", value="NL")
    refresh(segment=segment, at=NOON + 2 * DAY)
    assert members(segment) == {"anna", "bert"}


def test_a_short_name_that_now_means_another_row_looks_at_everybody_again(anna):
    campaign = a_campaign("spring")
    segment = a_segment(a_line("campaign", "spring", negate=True))
    refresh(segment=segment, at=NOON)
    settled()
    assert members(segment) == {"anna"}
    campaign.__class__.objects.update(slug="summer")
    refresh(segment=segment, at=NOON + DAY)
    assert members(segment) == set()


def test_who_came_into_a_segment_or_left_it_is_seen_by_those_that_name_it(anna, bert):
    dutch = a_segment(("country", "NL"), name="dutch")
    others = a_segment(a_line("segment", str(dutch.pk), negate=True), name="others")
    refresh(segment=others, at=NOON)
    settled()
    assert (members(dutch), members(others)) == ({"anna"}, {"bert"})
    Person.objects.filter(pk=anna.person_id).update(country="DE")
    make_dirty(lead_ids=[anna.pk], at=NOON + DAY)
    refresh(segment=dutch, at=NOON + DAY)
    assert members(others) == {"anna", "bert"}
    others.refresh_from_db()
    assert others.size == 2


def test_segments_in_a_circle_hold_nobody_and_end(anna):
    one, other = a_segment(name="one"), a_segment(name="other")
    for owner, named in ((one, other), (other, one)):
        line = a_line("segment", str(named.pk), negate=True)
        line.segment = owner
        line.save()
    refresh(segment=one, at=NOON)
    refresh(segment=other, at=NOON)
    assert (members(one), members(other)) == (set(), set())


def test_a_segment_somebody_looked_at_is_kept_up_for_half_an_hour(anna):
    segment = a_segment(("country", "NL"))
    assert keep_up(segment, at=NOON)
    assert (segment.size, segment.evaluated_at) == (1, NOON)
    assert refresh_due(at=NOON + timedelta(minutes=5))["segments"] == 1
    assert refresh_due(at=NOON + timedelta(minutes=45))["segments"] == 0


def test_an_expensive_segment_is_refreshed_less_often(anna):
    segment = a_segment(("country", "NL"))
    keep_up(segment, at=NOON)
    Segment.objects.update(took_ms=10_000)
    assert refresh_due(at=NOON + timedelta(seconds=150))["segments"] == 0
    assert refresh_due(at=NOON + timedelta(seconds=200))["segments"] == 1


def test_an_archived_segment_is_left_alone(anna):
    segment = a_segment(("country", "NL"))
    keep_up(segment, at=NOON)
    Segment.objects.update(archived_at=NOON)
    assert refresh_due(at=NOON + timedelta(minutes=5))["segments"] == 0
