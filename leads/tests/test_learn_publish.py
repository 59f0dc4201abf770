"""Learned points become a draft of the rules that scores like the table; the chances of live ones are watched."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.errors import Refused
from leads.models import ScoringModel
from leads.models.learned import DriftCheck, LearnedModel
from leads.scoring import learn
from leads.scoring.learn import drift
from leads.scoring.learn.chances import points_of, rules_to_count
from leads.scoring.learn.closed import closed_leads
from leads.scoring.learn.examples import Examples
from leads.scoring.learn.fields import known_of
from leads.scoring.learn.leaks import left_out
from leads.scoring.learn.regression import chance
from leads.scoring.learn.table import learn as table_of
from leads.scoring.matching import fit_value
from leads.scoring.rules import rules_of
from leads.scoring.versions import faults, publish
from leads.tests.builders import NOON
from leads.tests.learned_world import DAY, a_live_model, closed_leads_made, learned_here

WEEK = timedelta(days=7)


@pytest.fixture
def learned(db):
    a_live_model()
    closed_leads_made()
    return learned_here()


def test_a_draft_gives_every_lead_the_points_of_the_table(learned):
    draft = learn.make_draft(learned=learned, by=None, at=NOON)
    closed = closed_leads(until=NOON)
    every = known_of(closed).examples
    tells = {one.column.label for one in left_out(every)}
    table = table_of(every.only(lambda column: column.label not in tells))
    fit = rules_of(draft).fit
    by_rules = [sum(rule.points for rule in fit if fit_value(rule, one.facts, one.year)) for one in closed]
    assert by_rules == table.points_of(every)
    assert len(set(by_rules)) > 3
    assert by_rules == [points_of(rules_to_count(learned), one.facts, one.year) for one in closed]


def test_it_takes_over_everything_else_and_can_go_live(learned):
    live = ScoringModel.objects.get(state="live")
    draft = learn.make_draft(learned=learned, by=None, at=NOON)
    assert (draft.state, draft.learned, draft.number) == ("draft", learned, live.number + 1)
    assert [rule.label for rule in draft.rules.filter(group="engagement")] == ["Form"]
    assert not draft.rules.filter(label="Any industry").exists()
    assert "80 closed leads" in draft.note
    assert list(faults(draft)) == []
    publish(model=draft, by=None, at=NOON)
    live.refresh_from_db()
    assert live.state == "retired"


def test_a_usual_chance_is_where_b_begins_and_no_ceiling_cuts(learned):
    draft = learn.make_draft(learned=learned, by=None, at=NOON)
    assert learn.chance_of_points(learned, draft.fit_b) == pytest.approx(
        learned.won / learned.closed, abs=0.03
    )
    assert draft.fit_a > draft.fit_b > draft.fit_c
    rules = rules_to_count(learned)
    assert draft.fit_ceiling >= max(points_of(rules, one.facts, one.year) for one in closed_leads(until=NOON))


def test_asked_twice_it_is_one_draft(learned):
    one, two = (learn.make_draft(learned=learned, by=None, at=NOON) for _ in range(2))
    assert one == two
    assert ScoringModel.objects.filter(state="draft").count() == 1


def test_after_its_draft_went_live_there_may_be_another(learned):
    first = learn.make_draft(learned=learned, by=None, at=NOON)
    publish(model=first, by=None, at=NOON)
    assert learn.make_draft(learned=learned, by=None, at=NOON) != first


def test_points_that_are_not_learned_yet_make_no_draft(db):
    a_live_model()
    row = LearnedModel.objects.create(until=NOON)
    with pytest.raises(Refused, match="not learned yet"):
        learn.make_draft(learned=row, by=None, at=NOON)


def test_without_any_rules_there_is_nothing_to_begin_from(db):
    closed_leads_made()
    row = learned_here()
    ScoringModel.objects.all().delete()
    with pytest.raises(Refused, match="no scoring rules"):
        learn.make_draft(learned=row, by=None, at=NOON)


# The chances of live rules


def went_live(learned, at):
    draft = learn.make_draft(learned=learned, by=None, at=at)
    publish(model=draft, by=None, at=at)


def test_each_full_week_has_one_row_however_often_it_is_looked_at(learned):
    went_live(learned, NOON)
    closed_leads_made(30, begin=1000, first=NOON + DAY)
    for _ in range(2):
        drift.check_due(at=NOON + 2 * WEEK + DAY)
    rows = list(learned.drift.order_by("until"))
    assert [row.until - row.since for row in rows] == [WEEK, WEEK]
    assert sum(row.leads for row in rows) == 27
    assert drift.check_due(at=NOON + 2 * WEEK + DAY) == {}
    assert not any(row.alarm for row in rows)


def test_nothing_is_looked_at_before_a_week_has_passed_or_without_learned_rules(learned):
    assert drift.check_due(at=timezone.now()) == {}
    went_live(learned, NOON)
    assert drift.check_due(at=NOON + 6 * DAY) == {}
    assert not DriftCheck.objects.exists()


def test_a_market_that_turned_round_is_noticed(learned):
    went_live(learned, NOON)
    closed_leads_made(150, begin=1000, first=NOON + DAY, turned=True)
    drift.check_due(at=NOON + 12 * WEEK)
    rows = list(learned.drift.order_by("until"))
    assert sum(row.won for row in rows) == pytest.approx(sum(row.expected for row in rows), rel=0.25)
    assert [row.alarm for row in rows].index(True) < 4


# Simulated: the chances are those of a model learned from 500 leads, off by what learning could not know.

A_WEEK, LEARNED_FROM = 100, 500


def stream(seed, weeks, *, change=0.0, since=0, slope=1.0):
    draw = random.Random(seed)
    off = draw.gauss(0, 1 / (LEARNED_FROM * 0.23) ** 0.5)
    for week in range(weeks):
        logits = [draw.gauss(-0.6, 1.3) for _ in range(A_WEEK)]
        moved, turned = (change, slope) if week >= since else (0.0, 1.0)
        yield [(chance(z), draw.random() < chance(-0.6 + turned * (z + 0.6) + off + moved)) for z in logits]


def alarms(weeks):
    learned = LearnedModel(closed=LEARNED_FROM, won=round(LEARNED_FROM * 0.36))
    return list(drift.alarms(weeks, tolerated=drift.tolerated_by(learned), usual=-0.6))


def test_a_year_without_change_raises_no_alarm_in_nineteen_of_twenty_runs():
    quiet = sum(not any(alarms(stream(seed, 52))) for seed in range(100))
    assert quiet >= 95


@pytest.mark.parametrize("change", [-1.4, 1.4], ids=["odds fall to a quarter", "odds rise fourfold"])
@pytest.mark.parametrize("since", [2, 20])
def test_odds_that_change_fourfold_are_noticed_within_two_weeks(change, since):
    noticed = 0
    for seed in range(40):
        found = alarms(stream(seed, since + 2, change=change, since=since))
        noticed += found[-1] and not any(found[:since])
    assert noticed >= 36


def test_points_that_say_nothing_any_more_are_noticed_though_as_many_become_customers():
    noticed = sum(alarms(stream(seed, 6, slope=0.0, since=2))[-1] for seed in range(40))
    assert noticed >= 36


def test_an_alarm_stays():
    found = alarms(stream(1, 30, change=-2.0, since=3))
    assert found == sorted(found) and found[-1]


def test_no_leads_are_no_evidence():
    assert not any(drift.alarms([[]] * 500, tolerated=0.1))


def test_a_sure_chance_that_fails_does_not_break_the_test():
    assert list(drift.alarms([[(0.0, True), (1.0, False)] * 50], tolerated=0.1)) in ([True], [False])


def test_an_examples_rarer_outcome_is_counted():
    assert Examples((), (True, False, False)).rarer == 1
