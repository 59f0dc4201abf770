"""The organisation's own closed leads: who counts as closed, what was known before, and when there is too little."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.errors import Refused
from leads.lifecycle import become_customer, disqualify, return_to_nurture
from leads.models import Fact, LeadMove, Person
from leads.models.learned import LearnedModel
from leads.scoring.learn import ask, chance, chance_of_points, work_due
from leads.scoring.learn.chances import points_of, rules_to_count
from leads.scoring.learn.closed import closed_leads
from leads.scoring.learn.enough import counted
from leads.scoring.learn.fields import known_of
from leads.tests.builders import NOON, a_lead
from leads.tests.learned_world import DAY, a_closed_lead, a_fact, closed_leads_made, learned_here
from leads.transitions import move

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def outcomes(until=NOON):
    return {one.lead: one.won for one in closed_leads(until=until)}


def qualified(lead, at):
    lead.refresh_from_db()
    move(lead=lead, new="marketing_qualified", way=LeadMove.Way.GRADE, at=at)


def given_back(lead, at):
    qualified(lead, at)
    return_to_nurture(person=lead.person, at=at + HOUR)


def test_customers_are_won_and_the_disqualified_and_those_given_back_are_not():
    customer, out, back, open_one = (a_lead(f"{n}@maasland.example", NOON - 9 * DAY) for n in range(4))
    become_customer(person=customer.person, at=NOON - DAY)
    disqualify(person=out.person, at=NOON - DAY)
    given_back(back, NOON - 2 * DAY)
    assert outcomes() == {customer.pk: True, out.pk: False, back.pk: False}
    assert counted().closed == 3 and counted().won == 1
    assert open_one.pk not in outcomes()


def test_who_was_given_back_and_qualified_again_is_open():
    lead = a_lead(at=NOON - 9 * DAY)
    given_back(lead, NOON - 5 * DAY)
    qualified(lead, NOON - DAY)
    assert outcomes() == {}
    assert counted().closed == 0


def test_who_was_given_back_and_became_a_customer_after_all_is_won_once():
    lead = a_lead(at=NOON - 9 * DAY)
    given_back(lead, NOON - 5 * DAY)
    become_customer(person=lead.person, at=NOON - DAY)
    [one] = closed_leads(until=NOON)
    assert (one.won, one.at) == (True, NOON - DAY)


def test_what_happens_later_is_not_read():
    lead = a_closed_lead(1, won=True, at=NOON)
    assert outcomes(until=NOON - HOUR) == {}
    assert outcomes(until=NOON) == {lead.pk: True}


@pytest.mark.parametrize(
    ("at", "recorded_at", "known"),
    [(-HOUR, -HOUR, True), (-HOUR, HOUR, False), (HOUR, HOUR, False), (HOUR, -HOUR, False)],
)
def test_a_fact_counts_if_it_was_so_and_was_written_down_before_the_outcome(at, recorded_at, known):
    lead = a_closed_lead(1, won=True, at=NOON - DAY)
    a_fact(lead.person, "budget", "40000", NOON - DAY + at, NOON - DAY + recorded_at)
    [one] = closed_leads(until=NOON)
    assert ("budget" in one.facts.named) == known
    assert ("budget" in one.later) == (not known)


def test_a_job_title_first_said_after_the_outcome_was_not_known_before():
    lead = a_closed_lead(1, won=True, at=NOON - DAY)
    Person.objects.filter(pk=lead.person_id).update(job_title="Head of Maintenance")
    [one] = closed_leads(until=NOON)
    assert one.facts.job_title == "Head of Maintenance"
    a_fact(lead.person, "job_title", "Head of Maintenance", NOON)
    [one] = closed_leads(until=NOON)
    assert one.facts.job_title == ""


def test_imported_history_was_written_down_at_once_and_still_counts():
    lead = a_closed_lead(1, won=True, at=NOON - 9 * DAY)
    LeadMove.objects.filter(lead=lead, new="customer").update(way="imported", recorded_at=NOON - DAY)
    a_fact(lead.person, "occupation", "student", NOON - 10 * DAY, NOON - DAY, source="imported")
    a_fact(lead.person, "remark", "signed", NOON - 10 * DAY, NOON - HOUR, source="sales")
    [one] = closed_leads(until=NOON)
    assert one.facts.named == {"occupation": "student"}


def test_people_erased_or_not_to_be_scored_are_left_out():
    for number, columns in enumerate([{"erased_at": NOON}, {"no_profiling": True}]):
        lead = a_closed_lead(number, won=True, at=NOON - DAY)
        Person.objects.filter(pk=lead.person_id).update(**columns)
    assert outcomes() == {}
    assert counted().closed == 0


def test_reading_more_leads_takes_no_more_queries(django_assert_max_num_queries):
    for number in range(12):
        a_closed_lead(number, won=bool(number % 2), at=NOON - DAY)
    with django_assert_max_num_queries(6):
        assert len(closed_leads(until=NOON)) == 12


def test_below_fifty_closed_leads_it_says_so_and_nothing_is_asked():
    closed_leads_made(49)
    with pytest.raises(Refused, match="needs 50 closed leads; there are 49"):
        ask(by=None, at=NOON)
    assert not LearnedModel.objects.exists()


@pytest.mark.parametrize(
    ("won", "words"), [(True, "All 50 closed leads"), (False, "None of the 50 closed leads")]
)
def test_with_one_outcome_missing_it_says_so(won, words):
    for number in range(50):
        a_closed_lead(number, won=won, at=NOON - DAY)
    with pytest.raises(Refused, match=words):
        ask(by=None, at=NOON)


def test_a_handful_of_customers_is_too_few():
    for number in range(50):
        a_closed_lead(number, won=number < 3, at=NOON - DAY)
    with pytest.raises(Refused, match="3 became customers"):
        ask(by=None, at=NOON)


def test_asked_twice_is_asked_once_and_done_once():
    closed_leads_made()
    one, two = ask(by=None, at=NOON), ask(by=None, at=NOON)
    assert one == two
    assert work_due(at=NOON) == {"learned": 1}
    assert work_due(at=NOON) == {}
    one.refresh_from_db()
    assert (one.state, one.closed) == ("done", 80)


def test_a_worker_that_died_is_followed_by_another_and_its_lines_are_there_once():
    closed_leads_made()
    row = ask(by=None, at=NOON)
    LearnedModel.objects.update(state="running", beat_at=NOON - timedelta(minutes=6), progress=40)
    assert work_due(at=NOON) == {"learned": 1}
    row.refresh_from_db()
    assert row.state == "done"
    keys = list(row.points.values_list("field", "fact_name", "label", "words", "minimum", "is_missing"))
    assert len(keys) == len(set(keys)) > 2


def test_it_learns_what_was_planted_and_names_what_gives_the_outcome_away():
    closed_leads_made()
    row = learned_here()
    industry = {one.words: one for one in row.points.filter(field="industry")}
    assert industry["machinery"].points - industry["print"].points > 15
    assert (industry["machinery"].leads, industry["print"].leads) == (40, 40)
    tells = row.left_out.get(why="tells")
    assert (tells.fact_name, tells.label) == ("remark", "Remark")
    assert tells.auc > 0.95
    assert not row.points.filter(fact_name="remark").exists()
    assert sum(one.leads for one in row.reliability.all()) == 80
    assert row.auc > 0.7 and row.auc_in_time > 0.6


def test_a_fact_that_came_only_after_the_outcomes_is_named_as_late():
    closed_leads_made()
    for person in Person.objects.all():
        a_fact(person, "invoice", "paid", NOON)
    row = learned_here()
    assert row.left_out.get(fact_name="invoice").why == "late"
    assert not row.points.filter(fact_name="invoice").exists()


def test_too_little_at_the_time_of_the_work_is_a_failure_in_plain_words():
    closed_leads_made()
    row = ask(by=None, at=NOON)
    Fact.objects.all().delete()
    LeadMove.objects.filter(new="customer").delete()
    assert work_due(at=NOON) == {"learned": 0}
    row.refresh_from_db()
    assert row.state == "failed"
    assert "closed leads" in row.error


def test_the_chance_of_a_lead_is_that_of_its_points():
    closed_leads_made()
    row = learned_here()
    rules = rules_to_count(row)
    by_won = {True: [], False: []}
    for one in closed_leads(until=NOON):
        found = chance(row, one.facts, one.year)
        assert found == chance_of_points(row, points_of(rules, one.facts, one.year))
        by_won[one.won].append(found)
    mean = {won: sum(found) / len(found) for won, found in by_won.items()}
    assert mean[True] > mean[False] + 0.15
    assert sum(map(sum, by_won.values())) == pytest.approx(row.won, rel=0.1)


def test_before_it_is_done_there_is_no_chance():
    assert chance_of_points(LearnedModel(state="asked", points_per_logit=10), 5) is None


def test_title_words_are_fields_of_their_own():
    for number in range(60):
        lead = a_closed_lead(number, won=number % 2 == 0, at=NOON - DAY)
        title = "Head of Maintenance" if number % 2 == 0 else "Purchasing Manager"
        Person.objects.filter(pk=lead.person_id).update(job_title=title)
    labels = {
        one.label for one in known_of(closed_leads(until=NOON)).examples.columns if one.field == "job_title"
    }
    assert labels == {"head", "maintenance", "purchasing", "manager"}
