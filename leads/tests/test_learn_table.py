"""Points learned from leads of which everything is known: bins, weights, what is left out, what it is worth."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.models.learned import LearnedPoint
from leads.scoring.learn.bins import Bin, binning_of
from leads.scoring.learn.examples import Column, Examples
from leads.scoring.learn.figures import auc, calibration_error, reliability
from leads.scoring.learn.leaks import left_out
from leads.scoring.learn.regression import chance, fit
from leads.scoring.learn.saying import rules_of
from leads.scoring.learn.table import learn
from leads.scoring.learn.trial import try_out
from leads.scoring.matching import FactsSeen, FitRule, fit_value, words_of

VALUES = ["Machinery", "Print", "Food, drink", "  machinery ", "", None, "12", "7.25", "51–200", "*", 'a "b"']


def column(values, label="industry"):
    return Column("fact", label, label, values)


def drawn(number=600, seed=3):
    """Machinery wins three times as often; sizes from 100 on, too. Colour says nothing."""
    draw = random.Random(seed)
    industry = [draw.choice(["Machinery", "Print", "Food", None]) for _ in range(number)]
    size = [draw.choice([None, *range(1, 500)]) for _ in range(number)]
    colour = [draw.choice("rgb") for _ in range(number)]
    logits = [
        -1.5 + 1.6 * (one == "Machinery") + 1.2 * (n is not None and n >= 100)
        for one, n in zip(industry, size, strict=True)
    ]
    won = tuple(draw.random() < chance(z) for z in logits)
    columns = (column(industry), column(size, "size"), column(colour, "colour"))
    return Examples(columns, won), logits


def test_words_with_enough_leads_have_a_bin_and_the_others_share_one():
    found = binning_of([*["A"] * 9, *["b"] * 6, *"cdefg", *[None] * 7], least=5)
    assert found.bins == (Bin(is_missing=True), Bin(words="a"), Bin(words="b"), Bin(words="*"))
    assert [found.code(value) for value in (" a ", "B", "z", "", None)] == [1, 2, 3, 0, 0]


def test_a_few_unknown_stand_with_the_commonest():
    found = binning_of([*["a"] * 600, *["b"] * 400, None], least=5)
    assert [one.words for one in found.bins] == ["a", "b"]
    assert found.code(None) == found.usual == 0


def test_numbers_are_cut_where_equal_shares_lie_and_no_number_falls_between():
    found = binning_of([*range(1200), *[None] * 100], least=10)
    assert [one.is_missing for one in found.bins].count(True) == 1
    numbers = [one for one in found.bins if not one.is_missing]
    assert len(numbers) == 12
    assert [one.minimum for one in numbers[1:]] == [one.maximum + 1 for one in numbers[:-1]]
    assert [found.code(one.minimum) for one in numbers[1:]] == list(range(2, 13))


def test_a_value_that_a_rule_cannot_say_goes_to_any_other():
    found = binning_of(['a "b"'] * 50 + ["c"] * 50, least=5)
    assert {one.words for one in found.bins} == {"c", "*"}


@given(st.lists(st.sampled_from(VALUES), min_size=20, max_size=80), st.sampled_from(VALUES))
def test_a_value_falls_into_the_bin_whose_rule_holds_for_it(values, value):
    found = binning_of(values, least=3)
    if found is None:
        return
    facts = FactsSeen(named={"x": value or ""})
    held = [
        one
        for one in found.bins
        if not one.is_missing
        and one.words != "*"
        and fit_value(
            FitRule(
                field="fact",
                fact_name="x",
                words=words_of(one.said),
                minimum=one.minimum,
                maximum=one.maximum,
            ),
            facts,
            2026,
        )
    ]
    code = found.code(value)
    assert held == [found.bins[code]] or (not held and (code == found.usual or found.bins[code].words == "*"))


def newton(codes, sizes, won, penalty):
    """The same optimum the plain way: dense Newton steps, solved by elimination."""
    width = 1 + sum(sizes)
    starts = [1 + sum(sizes[:f]) for f in range(len(sizes))]
    rows = [
        [0, *(start + column[row] for start, column in zip(starts, codes, strict=True))]
        for row in range(len(won))
    ]
    place = [0.0] * width
    for _ in range(30):
        slope = [0.0] + [penalty * w for w in place[1:]]
        bent = [[(penalty if r and r == c else 0.0) for c in range(width)] for r in range(width)]
        for row, one in zip(rows, won, strict=True):
            p = chance(sum(place[at] for at in row))
            for a in row:
                slope[a] += p - one
                for b in row:
                    bent[a][b] += p * (1 - p)
        for a in range(width):
            for b in range(a + 1, width):
                share = bent[b][a] / bent[a][a]
                bent[b] = [x - share * y for x, y in zip(bent[b], bent[a], strict=True)]
                slope[b] -= share * slope[a]
        step = [0.0] * width
        for a in reversed(range(width)):
            step[a] = (slope[a] - sum(bent[a][b] * step[b] for b in range(a + 1, width))) / bent[a][a]
        place = [w - s for w, s in zip(place, step, strict=True)]
    return place


def test_the_weights_are_those_of_plain_newton_steps():
    examples, _ = drawn(300)
    binned = [binning_of(one.values, least=10) for one in examples.columns]
    codes = [[b.code(v) for v in one.values] for b, one in zip(binned, examples.columns, strict=True)]
    sizes = [len(b.bins) for b in binned]
    found = fit(codes, sizes, examples.won, penalty=2.0)
    assert [found.intercept, *(w for field in found.weights for w in field)] == pytest.approx(
        newton(codes, sizes, examples.won, 2.0), abs=2e-3
    )


def test_learning_twice_gives_the_same_table():
    examples, _ = drawn()
    assert [field.lines for field in learn(examples).fields] == [
        field.lines for field in learn(examples).fields
    ]


def test_a_table_finds_what_was_planted():
    examples, logits = drawn(3000)
    table = learn(examples)
    industry = next(one for one in table.fields if one.label == "industry")
    scale = table.points_per_logit
    assert industry.points(None) == 0
    assert industry.points("machinery") / scale == pytest.approx(1.6, abs=0.35)
    assert abs(industry.points("print")) / scale < 0.35
    assert auc(table.points_of(examples), examples.won) > auc(logits, examples.won) - 0.01


def rows_of(table):
    return [
        LearnedPoint(
            field=field.field,
            fact_name=field.fact_name,
            label=field.label,
            words=line.bin.said,
            minimum=line.bin.minimum,
            maximum=line.bin.maximum,
            is_missing=line.bin.is_missing,
            points=line.points,
        )
        for field in table.fields
        for line in field.lines
    ]


@given(st.integers(0, 40))
def test_rules_made_of_the_table_give_every_lead_the_points_of_the_table(seed):
    draw = random.Random(seed)
    columns = tuple(
        column(
            [
                draw.choice([*VALUES, str(draw.randrange(400)), f"{draw.random() * 9:.3f}"])
                for _ in range(120)
            ],
            name,
        )
        for name in "xyz"
    )
    examples = Examples(columns, tuple(draw.random() < 0.4 for _ in range(120)))
    table = learn(examples)
    rules = [
        FitRule(
            points=rule.points,
            field=rule.field,
            fact_name=rule.fact_name,
            words=words_of(rule.words),
            minimum=None if rule.minimum is None else float(rule.minimum),
            maximum=None if rule.maximum is None else float(rule.maximum),
        )
        for rule in rules_of(rows_of(table))
    ]
    for place, points in enumerate(table.points_of(examples)):
        facts = FactsSeen(named={one.label: one.values[place] or "" for one in columns})
        assert sum(rule.points for rule in rules if fit_value(rule, facts, 2026) is not None) == points


def test_a_field_that_gives_the_outcome_away_is_named_and_honest_ones_are_not():
    examples, _ = drawn(800)
    tells = column(
        [("closed" if one else "worst") if n % 10 else None for n, one in enumerate(examples.won)], "remark"
    )
    same = column(["yes"] * 800, "newsletter")
    names = column([f"https://x.example/{n}" for n in range(800)], "profile")
    found = left_out(Examples((*examples.columns, tells, same, names), examples.won))
    assert [(one.column.label, one.why) for one in found] == [
        ("remark", "tells"),
        ("newsletter", "same"),
        ("profile", "names"),
    ]
    assert found[0].auc > 0.9


def test_the_area_counts_pairs_and_ties_half():
    assert auc([0.1, 0.4, 0.4, 0.8], [False, True, False, True]) == pytest.approx(3.5 / 4)
    assert auc([1, 1, 1], [True, False, False]) == 0.5


def test_reliability_has_ten_bins_and_the_error_is_their_mean_distance():
    bins = reliability([0.05, 0.15, 0.15, 1.0], [False, True, False, True])
    assert [(one.lower, one.leads, one.won) for one in bins] == [(0.0, 1, 0), (0.1, 2, 1), (0.9, 1, 1)]
    assert calibration_error(bins) == pytest.approx((0.05 + 0.7 + 0.0) / 4)


def test_chances_come_true_on_leads_that_were_not_learned_from():
    examples, logits = drawn(4000)
    trial = try_out(examples)
    assert trial.calibration_error < 0.03
    assert trial.auc == pytest.approx(auc(logits, examples.won), abs=0.02)
    assert trial.auc_in_time == pytest.approx(trial.auc, abs=0.04)


def test_a_chance_never_overflows():
    assert [chance(-1e9), chance(1e9)] == [0.0, 1.0]
    assert chance(math.log(3)) == pytest.approx(0.75)
