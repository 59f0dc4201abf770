"""What a step may say, and how values compare: refused at publishing what nobody could judge later."""

import pytest
from django.utils.translation import override

from campaigns.comparing import grade_at_least, holds, number_in, read_grade
from campaigns.models import SequenceStep
from campaigns.step_rules import problems


def branch(**rule) -> list[str]:
    with override("en"):
        return problems(SequenceStep(kind="branch", **rule))


def change(**rule) -> list[str]:
    return problems(SequenceStep(kind="change", **rule))


@pytest.mark.parametrize(
    "rule",
    [
        {"looks_at": ""},
        {"looks_at": "opened"},
        {"looks_at": "click", "compares": "at_least"},
        {"looks_at": "grade", "value": "E9"},
        {"looks_at": "grade", "value": "B2", "compares": "at_most"},
        {"looks_at": "field", "field": "shoe_size", "value": "44"},
        {"looks_at": "field", "field": "country", "value": ""},
        {"looks_at": "field", "field": "company_size", "compares": "at_least", "value": "many"},
        {"looks_at": "consent", "value": "everything"},
        {"looks_at": "topic"},
        {"looks_at": "status", "value": "new, sleeping"},
        {"looks_at": "status", "value": ""},
        {"looks_at": "stage", "value": "not a stage!"},
    ],
)
def test_a_condition_that_cannot_be_judged_is_refused(rule):
    assert len(branch(**rule)) == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"looks_at": "click"},
        {"looks_at": "download", "compares": "is_not"},
        {"looks_at": "grade", "value": "b2"},
        {"looks_at": "grade", "compares": "unknown"},
        {"looks_at": "field", "field": "custom_renewal", "compares": "at_most", "value": "2026-12-31"},
        {"looks_at": "field", "field": "company_size", "compares": "known"},
        {"looks_at": "consent"},
        {"looks_at": "topic", "topic_id": 4},
        {"looks_at": "status", "value": "new, nurturing"},
        {"looks_at": "stage", "value": "returned"},
    ],
)
def test_a_condition_that_can_be_judged_passes(rule):
    assert branch(**rule) == []


def test_a_wait_for_something_needs_a_limit():
    waits = SequenceStep(kind="wait_for", looks_at="click")
    assert problems(waits) != []
    waits.limit_hours = 72
    assert problems(waits) == []


@pytest.mark.parametrize("days", ["0", "18", "mon"])
def test_days_are_numbers_of_a_week(days):
    assert problems(SequenceStep(kind="mail", weekdays=days)) != []
    assert problems(SequenceStep(kind="mail", weekdays="12345")) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"field": "email", "value": "a@b.example"},
        {"field": "country", "value": "Netherlands"},
        {"field": "time_zone", "value": "Moon/Base"},
        {"field": "custom_tier", "value": " "},
        {"topic_id": 1, "value": "perhaps"},
        {"topic_id": 1, "field": "country", "value": "yes"},
    ],
)
def test_a_change_that_must_not_be_is_refused(rule):
    assert change(**rule) != []


def test_a_change_of_ours_passes():
    assert change(field="custom_tier", value="gold") == change(topic_id=1, value="no") == []
    assert change(field="country", value="NL") == []


@pytest.mark.parametrize(
    ("said", "compares", "wanted", "answer"),
    [
        ("Plant  manager", "is", "plant MANAGER", True),
        ("", "is_not", "DE", True),
        ("", "is", "", False),
        ("Head of maintenance", "contains", "maintenance", True),
        ("51–200", "at_least", "50", True),
        ("1,000+", "at_least", "900", True),
        ("9", "at_least", "10", False),  # as words "9" would be more
        ("10", "at_most", "9", False),
        ("12.50", "is", "12.5", True),
        ("2026-12-01", "at_most", "2026-12-31", True),
        ("2027-01-01", "at_most", "2026-12-31", False),
        ("soon", "at_most", "2026-12-31", False),
        ("many", "at_least", "10", False),
        ("", "unknown", "", True),
        ("x", "known", "", True),
    ],
)
def test_values_compare_as_what_they_are(said, compares, wanted, answer):
    assert holds(said, compares, wanted) is answer


def test_a_number_in_the_middle_of_words_is_no_number():
    assert number_in("Head of 3 plants") is None
    assert number_in("9" * 400) is None


def test_a_grade_is_reached_by_letter_and_digit():
    assert [grade_at_least(grade, "B2") for grade in ("A1", "B2", "B3", "C1", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert (read_grade(" b2 "), read_grade("22")) == ("B2", "")
