"""A backtest: rules tried on the past, week by week, with only what was known then."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from leads.models import Company, Submission
from leads.scoring.backtest.span import span_until
from leads.tests.backtest_world import ago, did, fact, given_back, handed_in, lead, moved, rules, tried, won
from leads.tests.builders import NOON

pytestmark = pytest.mark.django_db


def week_of(result: dict, version: str = "draft") -> int | None:
    """The only week that hands somebody over."""
    weeks = [number for number, handed in enumerate(handed_in(result, version)) if handed]
    assert len(weeks) <= 1
    return weeks[0] if weeks else None


def test_a_lead_is_handed_over_in_the_week_in_which_it_first_is_over_the_threshold():
    ada = lead("ada")
    did(ada, "form", 30, times=2)
    did(ada, "form", 10, times=2)
    assert week_of(tried(rules(1, form=10))) == 7  # the last week ends on the midnight before NOON
    assert week_of(tried(rules(2, form=20))) == 4


def test_who_is_over_when_the_period_begins_is_counted_there():
    did(lead("ada"), "form", 70, times=4)
    assert week_of(tried(rules(1, form=10))) == 0


def test_a_touch_counts_from_the_week_it_was_recorded_not_from_the_day_it_happened():
    did(lead("ada"), "form", 50, recorded=9, times=4)
    assert week_of(tried(rules(1, form=10))) == 7


def test_opens_never_hand_anybody_over():
    did(lead("ada"), "open", 30, times=50)
    assert week_of(tried(rules(1, form=10, visit=1))) is None


def test_points_fade_from_week_to_week():
    model = rules(1, form=10)
    model.half_life_2 = 7
    model.save()
    ada = lead("ada")
    did(ada, "form", 30, times=3)
    did(ada, "form", 15, times=3)  # 30 and what is left of 30 after two weeks: 37
    bob = lead("bob")
    did(bob, "form", 50, times=3)
    did(bob, "form", 15, times=3)  # and after five weeks: 31
    result = tried(model)
    assert sum(handed_in(result)) == 1
    assert week_of(result) == 6


def test_a_fact_counts_from_the_week_it_was_learnt():
    ada = lead("ada")
    did(ada, "form", 50, times=4)
    fact(ada, "industry", "steel", 25, recorded=18)
    assert week_of(tried(rules(1, form=10, fit={"field": "industry", "words": "steel"}))) == 6


def test_a_column_counts_from_the_form_or_fact_that_gave_it_else_from_the_day_the_person_was_made():
    model = rules(1, form=10, fit={"field": "job_title", "words": "head"})
    said = lead("ada", job_title="Head of Maintenance")
    Submission.objects.create(
        person=said.person,
        at=ago(24),
        state="accepted",
        nonce="1",
        answers={"job_title": " head of maintenance"},
    )
    did(said, "form", 50, times=4)
    assert week_of(tried(model)) == 5
    Submission.objects.all().delete()
    assert week_of(tried(model)) == 1


def test_a_form_in_quarantine_says_nothing_before_it_is_let_in():
    model = rules(1, form=10, fit={"field": "job_title", "words": "head"})
    ada = lead("ada", job_title="Head of Maintenance")
    form = Submission.objects.create(
        person=ada.person, at=ago(40), released_at=ago(10), state="accepted", nonce="1",
        answers={"job_title": "Head of Maintenance"},
    )  # fmt: skip
    did(ada, "form", 50, times=4)
    assert week_of(tried(model)) == 7
    Submission.objects.filter(pk=form.pk).update(released_at=None)
    assert week_of(tried(model)) == 3


def test_what_is_kept_of_the_company_counts_from_the_fact_that_gave_it():
    model = rules(1, form=10, fit={"field": "company_size", "minimum": 100})
    firm = Company.objects.create(name="Firm", domain="firm.example", size=180)
    ada = lead("ada", company=firm)
    did(ada, "form", 50, times=4)
    assert week_of(tried(model)) == 1
    fact(ada, "company_size", "180", 20)
    assert week_of(tried(model)) == 6


def test_a_company_comes_of_age_at_new_year():
    model = rules(1, form=10, fit={"field": "company_age", "minimum": 10})
    ada = lead("ada", days=400)
    did(ada, "form", 390, times=4)
    fact(ada, "founded_year", "2016", 390)
    result = tried(model, weeks=52)
    first = result["weeks"][week_of(result)]
    assert "2026-01-01" <= first <= "2026-01-07"


def test_an_exclusion_and_a_missing_fact_stop_the_grade_but_no_inquiry():
    from leads.tests.scoring_world import excluding

    excluding(words="rival.example")
    model = rules(1, form=10)
    model.required_facts = "company"
    model.save()
    for name in ("ada", "bob"):
        did(lead(name), "form", 20, times=4)
    bob = lead("ben", company_name="Rival")
    bob.person.email_key = "ben@rival.example"
    bob.person.save()
    did(bob, "form", 20, times=4)
    assert week_of(tried(model)) is None
    moved(bob, "marketing_qualified", "inquiry", 20)
    result = tried(model)
    assert (week_of(result), result["draft"]["by_inquiry"]) == (6, 1)


def test_an_inquiry_hands_over_under_both_versions():
    ada = lead("ada")
    did(ada, "inquiry", 20)
    moved(ada, "marketing_qualified", "inquiry", 20)
    result = tried(rules(1, form=10), rules(2, "live", form=1))
    assert week_of(result, "draft") == week_of(result, "live") == 6
    assert result["in"]["all"] == result["out"]["all"] == 0


def test_who_was_with_sales_before_the_period_is_in_it_only_after_they_gave_the_lead_back():
    ada = lead("ada", days=200)
    did(ada, "form", 190, times=6)
    moved(ada, "marketing_qualified", "grade", 150)
    assert week_of(tried(rules(1, form=10))) is None
    given_back(ada, 30)
    did(ada, "form", 16)
    assert week_of(tried(rules(2, form=10))) == 6


def test_a_lead_given_back_needs_a_new_touch_and_more_points():
    ada = lead("ada", days=200)
    did(ada, "form", 190, times=4)  # 40, digit 2 from 35
    moved(ada, "marketing_qualified", "grade", 150)
    given_back(ada, 70)
    model = rules(1, form=10)
    assert week_of(tried(model)) is None
    did(ada, "visit", 40)
    assert week_of(tried(model)) is None
    did(ada, "form", 24)  # 50: ten more than 35
    assert week_of(tried(model)) == 5


def test_a_verdict_of_the_same_day_answers_the_handover_and_does_not_undo_it():
    ada = lead("ada")
    did(ada, "form", 12.2, times=4)
    moved(ada, "marketing_qualified", "grade", 12.1)
    given_back(ada, 12.05)
    result = tried(rules(1, form=10))
    assert (week_of(result), result["draft"]["rejected"]) == (7, 1)


def test_a_customer_and_a_disqualified_lead_are_not_handed_over_by_points():
    ada, bob = lead("ada"), lead("bob")
    won(ada, 40)
    moved(bob, "disqualified", "sales", 40)
    for one in (ada, bob):
        did(one, "form", 20, times=9)
    assert week_of(tried(rules(1, form=10))) is None


def test_who_objected_to_being_scored_is_handed_over_by_an_inquiry_only():
    ada = lead("ada", no_profiling=True)
    did(ada, "form", 30, times=9)
    assert week_of(tried(rules(1, form=10))) is None
    moved(ada, "marketing_qualified", "inquiry", 20)
    assert week_of(tried(rules(2, form=10))) == 6


def test_erased_and_merged_people_are_left_out():
    ada, bob = lead("ada"), lead("bob")
    for one in (ada, bob):
        did(one, "form", 30, times=4)
    ada.person.erased_at = NOON
    ada.person.save()
    bob.person.merged_into = lead("bea").person
    bob.person.save()
    result = tried(rules(1, form=10))
    assert (result["leads"], sum(handed_in(result))) == (1, 0)


def test_outcomes_are_won_rejected_and_still_open_which_is_counted_apart():
    names = ["ada", "bob", "cyd", "dan", "eve"]
    people = {name: lead(name) for name in names}
    for one in people.values():
        did(one, "form", 40, times=4)
    won(people["ada"], 5)
    given_back(people["bob"], 10)
    moved(people["cyd"], "disqualified", "sales", 10)
    given_back(people["dan"], 10)
    won(people["dan"], 2)  # recovered: in the end a customer
    draft = tried(rules(1, form=10))["draft"]
    assert (draft["won"], draft["rejected"], draft["open"]) == (2, 2, 1)
    assert draft["precision"] == 0.5


def test_lift_is_precision_over_the_share_won_among_all_leads_with_an_outcome():
    for number in range(8):
        one = lead(f"form{number}")
        did(one, "form", 40, times=4)
        (won if number < 6 else given_back)(one, 5)
    for number in range(8):
        one = lead(f"visit{number}")
        did(one, "visit", 40, times=4)
        (won if number < 2 else given_back)(one, 5)
    result = tried(rules(1, form=10))
    assert result["base"]["precision"] == 0.5
    assert (result["draft"]["precision"], result["draft"]["lift"]) == (0.75, 1.5)


def test_at_capacity_the_best_of_each_week_count():
    for number in range(6):
        one = lead(f"ada{number}")
        did(one, "form", 40, times=4 + number)
        (won if number > 3 else given_back)(one, 5)
    draft = tried(rules(1, form=10), capacity=2)["draft"]
    assert (draft["handed"], draft["precision"]) == (6, 0.3333)
    assert (draft["at_capacity"]["handed"], draft["at_capacity"]["precision"]) == (2, 1.0)
    assert draft["over_capacity"] == 1


def test_it_says_who_moves_in_and_out_and_how_many_weeks_earlier():
    kept, stopped, cost, fresh = (lead(name) for name in ("ada", "bob", "cyd", "dan"))
    did(kept, "form", 50, times=4)
    did(kept, "visit", 8, times=40)
    for one in (stopped, cost):
        did(one, "visit", 40, times=40)
    did(fresh, "form", 30, times=4)
    given_back(stopped, 20)
    won(cost, 20)
    result = tried(rules(1, form=10), rules(2, "live", visit=1))
    assert result["in"]["leads"] == [[fresh.pk, 4, "D2", "open"]]
    assert result["out"]["leads"] == [[cost.pk, 3, "D2", "won"], [stopped.pk, 3, "D2", "rejected"]]
    assert (result["out"]["won"], result["out"]["rejected"]) == (1, 1)
    assert result["when"] == {"same": 0, "earlier": 1, "weeks_earlier": 6.0, "later": 0, "weeks_later": None}


def test_nothing_that_comes_later_changes_a_result():
    model, live = rules(1, form=10, fit={"field": "industry", "words": "steel"}), rules(2, "live", form=9)
    people = [lead(f"ada{number}") for number in range(4)]
    for one in people:
        did(one, "form", 30, times=4)
        fact(one, "industry", "steel", 40)
    given_back(people[0], 10)
    before = json.dumps(tried(model, live), sort_keys=True)
    for one in people:
        did(one, "form", -3, times=9)  # happens later
        did(one, "form", 30, recorded=-1, times=9)  # learnt later
        fact(one, "industry", "coal", 39, recorded=-2)
        fact(one, "industry", "coal", -2)
        moved(one, "disqualified", "sales", -1)
        won(one, -5)
    did(lead("late", days=-1), "form", -2, times=9)
    assert json.dumps(tried(model, live), sort_keys=True) == before


def test_a_week_does_not_see_what_a_later_week_learns():
    model, people = rules(1, form=10), [lead(f"ada{number}") for number in range(3)]
    for place, one in enumerate(people):
        did(one, "form", 50 - 7 * place, times=4)
    before = handed_in(tried(model))
    for one in people:
        did(one, "form", 52, recorded=6, times=5)
        did(one, "visit", 51, recorded=5)
    bob = lead("bob")
    did(bob, "form", 52, recorded=6, times=5)
    after = handed_in(tried(model))
    assert after[:8] == before[:8]
    assert after[8] == before[8] + 1


def test_weeks_are_of_seven_local_days_over_the_change_of_clocks():
    span = span_until(NOON, weeks=8, zone=ZoneInfo("Europe/Zurich"))
    assert span.until == datetime(2026, 11, 17, 23, tzinfo=UTC)
    assert span.ends[0] == datetime(2026, 9, 22, 22, tzinfo=UTC).timestamp()
    assert (span.last, span.weeks, len(span.week_ends())) == (56, 8, 9)
    assert {round(end - begin) for begin, end in zip(span.begins, span.ends, strict=True)} == {86400, 90000}
    ends = tried(rules(1, form=10))["weeks"]
    assert (ends[0], ends[1], ends[-1]) == ("2026-09-22", "2026-09-29", "2026-11-17")


def test_who_is_over_on_one_day_of_a_week_is_handed_over_though_faded_at_its_end():
    model = rules(1, form=10)
    model.half_life_2 = 3
    model.save()
    did(lead("ada"), "form", 12.5, times=4)
    result = tried(model)
    assert week_of(result) == 7
    assert result["draft"]["weeks"][8] == [0, 0, 0]
