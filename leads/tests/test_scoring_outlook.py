"""When a grade changes by itself, and what would lift it: found by the fold itself, so it comes true."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.scoring.days import next_midnight
from leads.scoring.fold import score
from leads.scoring.matching import FactsSeen, FitRule
from leads.scoring.outlook import Change, Step, is_better, next_change, steps_up
from leads.scoring.points import Rules, TouchRule, TouchSeen
from leads.tests.test_scoring_three_ways import AUTUMN, LINES, TIMES, TOUCHES, ZURICH, rules, seen

AT = datetime(2026, 11, 18, 14, 0, tzinfo=ZURICH)
DEMO = TouchRule(id=1, label="Demo request", points=40, kind="inquiry")
VISIT = TouchRule(id=2, label="Visited", points=3, kind="visit", half_life=0, cool_down_hours=24)
FORM = TouchRule(id=3, label="Sent a form", points=20, kind="form")
SIZE = FitRule(id=4, label="50 people or more", points=60, field="company_size", minimum=50)
USUAL = {("visit", None): 900, ("form", 3): 60, ("form", None): 40, ("inquiry", None): 5}


def of(*lines: TouchRule, fit: tuple[FitRule, ...] = (), **limits) -> Rules:
    return Rules(id=1, reference_at=AUTUMN, zone=ZURICH, engagement=lines, fit=fit, **limits)


def did(*kinds: str, at: datetime = AT) -> list[TouchSeen]:
    return [TouchSeen(number, kind, at) for number, kind in enumerate(kinds, 1)]


def by_waiting(touches: list[TouchSeen], facts: FactsSeen, model: Rules, at: datetime, days: int):
    """The same, the slow way: the whole fold at every midnight."""
    before, moment = score(touches, facts, model, at).grade, at
    coming = [touch.at for touch in touches if touch.at > at]
    for _day in range(days):
        midnight = next_midnight(moment, model.zone)
        moment = min([when for when in coming if moment < when < midnight], default=midnight)
        if (mark := score(touches, facts, model, moment).grade) != before:
            return Change(mark, moment, falls=mark > before)
    return None


@settings(deadline=None, max_examples=60)  # a shared machine stalls
@given(TOUCHES, LINES, TIMES, st.integers(5, 100), st.sampled_from([None, 2012, 2016, 2021]))
def test_it_changes_on_the_day_it_says_and_not_before(touches, lines, at, ceiling, founded):
    young = FitRule(id=9, label="Five years", points=60, field="company_age", minimum=5, maximum=10)
    model = replace(rules(lines, engagement_ceiling=ceiling), fit=(young,))
    facts, days = FactsSeen(founded_year=founded), 500
    said, waited = (
        next_change(seen(touches), facts, model, at),
        by_waiting(seen(touches), facts, model, at, days),
    )
    if waited is None:
        assert said is None or said.at > at + timedelta(days=days - 2)
    else:
        assert said == waited


def test_a_quiet_lead_at_the_lowest_digit_stays():
    assert next_change(did("visit"), FactsSeen(), of(VISIT), AT) is None


def test_a_grade_falls_at_a_midnight():
    change = next_change(did("inquiry"), FactsSeen(), of(DEMO), AT)
    assert change == Change("D3", datetime(2026, 11, 25, tzinfo=ZURICH), falls=True)


def test_a_loss_that_fades_lets_the_grade_rise():
    spam = TouchRule(id=7, label="Complained", points=-30, kind="reply", half_life=0)
    change = next_change(did("inquiry", "reply"), FactsSeen(), of(DEMO, spam), AT)
    assert change is not None
    assert (change.grade, change.falls) == ("D3", False)


def test_a_year_more_in_business_changes_the_letter_on_new_year():
    grown = FitRule(id=9, label="Ten years", points=80, field="company_age", minimum=10)
    change = next_change([], FactsSeen(founded_year=2018), of(fit=(grown,)), AT)
    assert change == Change("A4", datetime(2028, 1, 1, tzinfo=ZURICH), falls=False)


def test_one_touch_that_lifts_the_grade_is_named_by_its_rule():
    assert steps_up(did("visit"), FactsSeen(), of(VISIT, DEMO), AT, USUAL) == [
        Step("D2", touches=("Demo request",))
    ]


def test_of_several_touches_the_most_usual_is_named():
    assert steps_up([], FactsSeen(), of(DEMO, FORM), AT, USUAL)[0].touches == ("Sent a form",)
    assert steps_up([], FactsSeen(), of(DEMO, FORM), AT, {})[0].touches == ("Sent a form",)
    assert steps_up([], FactsSeen(), of(DEMO, FORM), AT, {("inquiry", 1): 2})[0].touches == ("Demo request",)


def test_where_one_is_not_enough_two_are_named():
    assert steps_up(did("form"), FactsSeen(), of(FORM, VISIT, engagement_from=(60, 55, 5)), AT, USUAL) == [
        Step("D1", touches=("Sent a form", "Sent a form"))
    ]


def test_a_touch_that_would_come_too_soon_is_not_offered():
    keen = replace(VISIT, points=30)
    assert steps_up([], FactsSeen(), of(keen), AT, USUAL) == [Step("D3", touches=("Visited",))]
    assert steps_up(did("visit"), FactsSeen(), of(keen), AT, USUAL) == []


def test_a_missing_fact_is_offered_and_a_known_one_is_not():
    assert steps_up([], FactsSeen(), of(fit=(SIZE,)), AT, {}) == [Step("B4", fact="50 people or more")]
    assert steps_up([], FactsSeen(company_size=12.0), of(fit=(SIZE,)), AT, {}) == []


def test_of_what_a_fact_could_turn_out_to_be_the_most_modest_is_offered():
    some = FitRule(id=5, label="10 people or more", points=30, field="company_size", minimum=10, maximum=49)
    assert steps_up([], FactsSeen(), of(fit=(SIZE, some)), AT, {}) == [Step("C4", fact="10 people or more")]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ({"field": "industry", "words": ("gears",)}, {"industry": "Chemicals"}),
        ({"field": "country", "words": ("*",)}, {"country": "DE"}),
        ({"field": "job_title", "words": ("head",)}, {"job_title": "Buyer"}),
        ({"field": "seniority", "words": ("director",)}, {"job_title": "Buyer"}),
        ({"field": "company_age", "minimum": 5.0}, {"founded_year": 2025}),
        ({"field": "fact", "fact_name": "sites", "minimum": 3.0}, {"named": {"sites": "1"}}),
        ({"field": "fact", "fact_name": "erp", "words": ("sap",)}, {"custom": {"erp": "none"}}),
    ],
)
def test_every_fact_that_can_be_asked_for_is_offered_while_it_is_missing(line, known):
    rule = FitRule(id=5, label="It fits", points=30, **line)
    assert steps_up([], FactsSeen(), of(fit=(rule,)), AT, {}) == [Step("C4", fact="It fits")]
    assert steps_up([], FactsSeen(**known), of(fit=(rule,)), AT, {}) == []


def test_the_best_grade_has_no_step():
    model = of(DEMO, fit=(replace(SIZE, points=90),), engagement_from=(30, 20, 10))
    assert steps_up(did("inquiry"), FactsSeen(company_size=80.0), model, AT, USUAL) == []


@settings(deadline=None, max_examples=60)  # a shared machine stalls
@given(TOUCHES, LINES, TIMES)
def test_what_is_offered_comes_true(touches, lines, at):
    past = [touch for touch in seen(touches) if touch.at <= at]
    model = rules(lines)
    for step in steps_up(past, FactsSeen(), model, at, USUAL):
        coming = [
            TouchSeen(10_000 + n, label, at) for n, label in enumerate(step.touches)
        ]  # labels are kinds here
        now, then = (score(all_of, FactsSeen(), model, at).grade for all_of in (past, past + coming))
        assert then == step.grade
        assert is_better(then, now)
