"""Intervals against the worked tables of Newcombe's two papers of 1998 (Statistics in Medicine 17, 857 and 873)."""

import random

import pytest

from campaigns.proportions import difference, share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_one_share_has_wilsons_interval(hits, of, low, high):
    found = share(hits, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((0, 20), (10, 10), 0.6791, 1.0),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_has_newcombes_interval(first, second, low, high):
    found = difference(share(*first), share(*second))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nobody_counted_says_nothing():
    empty = share(0, 0)
    assert (empty.low, empty.high) == (0.0, 1.0)
    assert not difference(empty, empty).clear


def test_more_forms_than_visitors_is_an_error():
    with pytest.raises(ValueError, match="5 of 4"):
        share(5, 4)


@pytest.mark.parametrize("rate", [0.02, 0.06, 0.25])
def test_where_nothing_differs_a_winner_is_named_in_six_per_cent_of_tests_at_most(rate):
    chance = random.Random(20261122)
    visitors, named = 400, 0
    for _ in range(1000):
        forms = [sum(chance.random() < rate for _ in range(visitors)) for _ in "ab"]
        named += difference(share(forms[0], visitors), share(forms[1], visitors)).clear
    assert named <= 60


def test_a_true_difference_is_found_in_most_tests():
    chance = random.Random(7)
    visitors, named = 400, 0
    for _ in range(200):
        a, b = (sum(chance.random() < rate for _ in range(visitors)) for rate in (0.05, 0.12))
        named += difference(share(a, visitors), share(b, visitors)).low > 0
    assert named >= 170
