"""Learned points on 6,508 real leads of a course seller, read from where REAL_DATA points; each prints its figures.

Never learned from: what sales or the vendor's score wrote afterwards. Three more columns are doubtful, so that there is
a figure without them.
"""

from __future__ import annotations

import csv
import os
import random
import sys
from functools import cache
from pathlib import Path

import pytest

from leads.scoring.learn.examples import Column, Examples
from leads.scoring.learn.figures import auc
from leads.scoring.learn.leaks import left_out
from leads.scoring.learn.table import learn
from leads.scoring.learn.trial import try_out

DATA = Path(os.environ.get("REAL_DATA", "/nowhere")) / "x-education" / "leads_train.csv"
pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="REAL_DATA names no folder with x-education")

IDS = {"Prospect ID", "Lead Number", "Converted"}
VENDORS = {f"Asymmetrique {what} {kind}" for what in ("Activity", "Profile") for kind in ("Index", "Score")}
AFTERWARDS = {"Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"} | VENDORS
OCCUPATION = "What is your current occupation"
DOUBTFUL = {"Last Activity", OCCUPATION, "What matters most to you in choosing a course"}

# What somebody who sells courses would write down without counting anything.
BY_HAND = {
    "Lead Origin": {"Lead Add Form": 20, "Landing Page Submission": 5},
    "Lead Source": {"Reference": 30, "Welingak Website": 20, "Organic Search": 10, "Google": 5, "Direct Traffic": 5},
    "Last Activity": {"SMS Sent": 10, "Email Link Clicked": 15, "Email Opened": 5, "Email Bounced": -15},
    OCCUPATION: {"Working Professional": 20, "Unemployed": 5},
    "Do Not Email": {"Yes": -15},
}  # fmt: skip
MINUTES = [(1200, 25), (600, 15), (180, 5)]  # seconds on the site


@cache
def rows():
    with DATA.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def students(without=frozenset(IDS | AFTERWARDS)):
    """ "Select" is a drop-down that nobody touched."""
    names = [name for name in rows()[0] if name not in without]
    columns = (
        Column("fact", name, name, ["" if row[name] == "Select" else row[name] for row in rows()])
        for name in names
    )
    return Examples(tuple(columns), tuple(row["Converted"] == "1" for row in rows()))


def said(figures):
    sys.stdout.write(f"\n{figures}\n")


def by_hand(row):
    minutes = next(
        (points for least, points in MINUTES if float(row["Total Time Spent on Website"]) >= least), 0
    )
    return minutes + sum(points.get(row[name], 0) for name, points in BY_HAND.items())


@cache
def trial_without(*names):
    return try_out(students(IDS | AFTERWARDS | set(names)))


def test_learned_points_tell_who_becomes_a_student_on_leads_they_were_not_learned_from():
    trial = trial_without()
    hand = auc([by_hand(row) for row in rows()], students().won)
    said(f"AUC in five parts: points {trial.auc:.4f}, weights {trial.auc_of_weights:.4f}, by hand {hand:.4f}")
    said(f"AUC of the newer by the older: points {trial.auc_in_time:.4f}")
    assert trial.auc >= 0.885
    assert trial.auc_of_weights >= 0.885
    assert trial.auc > hand


def test_they_do_so_without_the_three_doubtful_columns():
    trial = trial_without(*sorted(DOUBTFUL))
    said(f"AUC without the doubtful three: points {trial.auc:.4f}, weights {trial.auc_of_weights:.4f}")
    assert trial.auc >= 0.83
    assert trial.auc_of_weights >= 0.83


def test_whole_points_lose_next_to_nothing():
    for trial in (trial_without(), trial_without(*sorted(DOUBTFUL))):
        assert abs(trial.auc - trial.auc_of_weights) < 0.003


def test_the_chances_come_true():
    for names in ((), tuple(sorted(DOUBTFUL))):
        trial = trial_without(*names)
        errors = (trial.calibration_error, trial.calibration_error_of_weights)
        said(f"Calibration error over ten bins: points {errors[0]:.4f}, weights {errors[1]:.4f}")
        assert max(errors) <= 0.03


def test_two_hundred_closed_leads_are_enough_to_begin():
    every = students()
    found = []
    for seed in range(20):
        places = list(range(len(every)))
        random.Random(seed).shuffle(places)
        table, others = learn(every.rows(places[:200])), every.rows(places[200:])
        found.append((auc(table.points_of(others), others.won), auc(table.logits_of(others), others.won)))
    points, weights = (sum(one) / len(found) for one in zip(*found, strict=True))
    said(
        f"200 closed leads, 20 draws: mean AUC points {points:.4f}, weights {weights:.4f}; worst {min(found)[0]:.4f}"
    )
    assert points >= 0.84
    assert weights >= 0.84


def test_offered_everything_it_names_what_gives_the_outcome_away_and_nothing_honest():
    left = left_out(students(IDS))
    tells = {one.column.label: one.auc for one in left if one.why == "tells"}
    said(f"Gives the outcome away: {tells}")
    assert set(tells) == {"Tags", "Lead Quality"}
    assert all(one.auc is None for one in left if one.why != "tells")


def test_a_person_can_read_what_a_working_professional_is_worth():
    table = learn(students())
    occupation = next(field for field in table.fields if field.label == OCCUPATION)
    points = {line.bin.words: line.points for line in occupation.lines}
    said(f"Occupation: {points}, {table.points_per_logit} points a logit")
    assert points["working professional"] > 15
    assert occupation.points("") == 0
