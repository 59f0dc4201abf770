"""The ways into a sequence besides forms: a segment, a grade, given back by sales, by hand."""

from datetime import timedelta

import pytest

from campaigns.errors import Refused
from campaigns.models import Sequence
from leads.lifecycle import return_to_nurture
from leads.models import Enrolment, EntryRule, Lead, LeadMove, LeadScore, Person, Segment, SegmentCondition
from leads.nurture.enrolment import exit_enrolments
from leads.nurture.entries import candidates, enrol_by_hand, let_in, problems
from leads.segments import refresh
from leads.tests.builders import NOON, a_lead, a_sequence

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def dutch() -> Segment:
    segment = Segment.objects.create(name="Dutch")
    SegmentCondition.objects.create(segment=segment, field="country", value="NL")
    return segment


@pytest.fixture
def rule(dutch) -> EntryRule:
    return EntryRule.objects.create(sequence=a_sequence(), kind="segment", segment=dutch)


def a_dutch(email: str = "anna@x.example") -> Lead:
    return a_lead(email, country="NL")


def test_members_of_a_segment_enter_once(dutch, rule):
    anna = a_dutch()
    a_lead("bert@x.example", country="DE")
    refresh(segment=dutch, at=NOON)
    assert let_in(at=NOON) == {"rules": 1, "entered": 1}
    row = Enrolment.objects.get()
    assert (row.person_id, row.entry, row.due_at) == (anna.person_id, "segment", NOON)
    exit_enrolments(person=anna.person, reason="unsubscribed", at=NOON)
    assert let_in(at=NOON + 400 * DAY)["entered"] == 0


def test_a_new_lead_is_nurtured_from_then_on(dutch, rule):
    anna = a_dutch()
    refresh(segment=dutch, at=NOON)
    let_in(at=NOON)
    anna.refresh_from_db()
    assert anna.status == "nurturing"
    assert LeadMove.objects.get(new="nurturing").why == "guide-series"


def test_again_after_so_many_days_since_the_last_round_ended(dutch, rule):
    EntryRule.objects.update(again_after_days=30)
    anna = a_dutch()
    refresh(segment=dutch, at=NOON)
    let_in(at=NOON)
    exit_enrolments(person=anna.person, reason="done", at=NOON + DAY)
    assert let_in(at=NOON + 30 * DAY)["entered"] == 0
    assert let_in(at=NOON + 31 * DAY)["entered"] == 1
    assert list(Enrolment.objects.order_by("round").values_list("round", "state")) == [
        (1, "exited"),
        (2, "active"),
    ]


def test_between_two_refreshes_nothing_is_read_again(dutch, rule, django_assert_num_queries):
    a_dutch()
    refresh(segment=dutch, at=NOON)
    let_in(at=NOON + 20 * MINUTE)
    with django_assert_num_queries(2):
        assert let_in(at=NOON + 21 * MINUTE) == {"rules": 0, "entered": 0}


def test_who_came_since_is_taken_and_who_could_not_enter_is_looked_at_within_the_hour(dutch, rule):
    with_sales = a_dutch()
    Person.objects.update(sales_open=True)
    refresh(segment=dutch, at=NOON)
    assert let_in(at=NOON)["entered"] == 0
    Person.objects.update(sales_open=False)
    EntryRule.objects.update(looked_at=NOON + 14 * MINUTE)
    a_dutch("new@x.example")
    refresh(segment=dutch, at=NOON + 15 * MINUTE)
    assert let_in(at=NOON + 15 * MINUTE)["entered"] == 1
    assert let_in(at=NOON + HOUR)["entered"] == 1
    assert Enrolment.objects.filter(person=with_sales.person).exists()


def test_a_grade_or_better_enters(rule):
    EntryRule.objects.update(kind="grade", segment=None, grade="b2")
    good, bad = a_lead("good@x.example"), a_lead("bad@x.example")
    LeadScore.objects.filter(lead=good).update(grade="A1", computed_at=NOON)
    LeadScore.objects.filter(lead=bad).update(grade="B3", computed_at=NOON)
    assert let_in(at=NOON)["entered"] == 1
    assert Enrolment.objects.get().person == good.person
    LeadScore.objects.filter(lead=bad).update(grade="B2", computed_at=NOON + MINUTE)
    assert let_in(at=NOON + 2 * MINUTE)["entered"] == 1
    assert Enrolment.objects.filter(entry="grade").count() == 2


@pytest.mark.parametrize(
    "columns", [{"is_on": False}, {"sequence__state": "paused"}, {"sequence__state": "draft"}]
)
def test_a_way_that_is_off_or_leads_nowhere_takes_nobody(dutch, rule, columns):
    a_dutch()
    refresh(segment=dutch, at=NOON)
    if "is_on" in columns:
        EntryRule.objects.update(is_on=False)
    else:
        Sequence.objects.update(state=columns["sequence__state"])
    assert let_in(at=NOON) == {"rules": 0, "entered": 0}
    assert candidates(rule, at=NOON).count() == 1  # a rehearsal asks who would


def test_a_person_given_back_enters_once(rule):
    EntryRule.objects.update(kind="returned", segment=None)
    anna = a_dutch()
    return_to_nurture(person=anna.person, at=NOON)
    assert Enrolment.objects.get().entry == "returned"
    exit_enrolments(person=anna.person, reason="with sales", at=NOON + DAY)
    return_to_nurture(person=anna.person, at=NOON + 2 * DAY)
    assert Enrolment.objects.count() == 1


def test_by_hand_everybody_gets_a_result(maya):
    sequence = a_sequence()
    anna, bert, with_sales = (a_lead(f"{name}@x.example").person for name in ("anna", "bert", "carl"))
    Person.objects.filter(pk=with_sales.pk).update(sales_open=True)
    enrol_by_hand(people=[bert], sequence=sequence, by=maya, at=NOON - DAY)
    results = enrol_by_hand(people=Person.objects.all(), sequence=sequence, by=maya, at=NOON)
    assert [(one.person, one.entered, one.words) for one in results] == [
        (anna, True, "begins now"),
        (bert, False, "is on it already"),
        (with_sales, False, "with sales"),
    ]
    row = Enrolment.objects.get(person=anna)
    assert (row.by, row.entry, Lead.objects.get(person=anna).status) == (maya, "staff", "nurturing")


def test_by_hand_a_sequence_must_be_live(maya):
    draft = Sequence.objects.create(name="d", slug="d")
    with pytest.raises(Refused):
        enrol_by_hand(people=[], sequence=draft, by=maya, at=NOON)


def test_a_way_in_needs_its_segment_or_grade():
    assert problems(EntryRule(kind="segment")) != [] != problems(EntryRule(kind="grade", grade="Z"))
    assert problems(EntryRule(kind="grade", grade="b2")) == [] == problems(EntryRule(kind="returned"))


def test_a_way_in_goes_by_who_is_in_the_segment_now_not_by_what_was_stored_long_ago(dutch, rule):
    """Nobody refreshes a segment while no way in is open."""
    moved, stayed = a_dutch(), a_dutch("bert@x.example")
    refresh(segment=dutch, at=NOON - 100 * DAY)
    Person.objects.filter(pk=moved.person_id).update(country="DE")
    assert let_in(at=NOON)["entered"] == 1
    assert Enrolment.objects.get().person_id == stayed.person_id


def test_new_lines_of_a_segment_count_at_once(dutch, rule):
    a_dutch()
    refresh(segment=dutch, at=NOON)
    SegmentCondition.objects.update(value="DE")
    Segment.objects.update(evaluated_at=None)  # as saving it in the admin does
    assert let_in(at=NOON + MINUTE)["entered"] == 0


def test_nobody_comes_in_by_a_segment_that_was_archived(dutch, rule):
    a_dutch()
    refresh(segment=dutch, at=NOON)
    Segment.objects.update(archived_at=NOON)
    assert let_in(at=NOON)["entered"] == 0


def test_again_is_a_day_later_at_the_earliest(dutch):
    """With none a sequence would begin anew for everybody as soon as it ends."""
    at_once = EntryRule(kind="segment", segment=dutch, again_after_days=0)
    assert problems(at_once) and not problems(EntryRule(kind="segment", segment=dutch, again_after_days=1))
