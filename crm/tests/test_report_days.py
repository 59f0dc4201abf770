"""Medians, and medians that reckon with those still under way."""

from datetime import UTC, datetime

from crm.reports.days import median_days, step_days, through_by


def day(number):
    return datetime(2026, 3, number, tzinfo=UTC)


def test_the_median_of_none_is_not_zero():
    assert median_days([]) is None
    assert median_days([4, 1, 3, 2]) == 2.5


def test_a_step_is_measured_from_the_last_step_that_has_a_date():
    assert step_days([day(1), None, day(4), day(5)]) == [None, None, 3, 1]


def test_a_step_dated_before_the_one_it_follows_says_nothing():
    assert step_days([day(9), day(2)]) == [None, None]


def test_with_nobody_running_the_median_is_the_plain_one():
    assert through_by(0.5, done=[1, 2, 3, 4, 5], running=[]) == 3


def test_those_still_running_make_the_median_later_and_sometimes_unknown():
    assert through_by(0.5, done=[1, 2, 3], running=[2.5, 4, 4]) == 3  # 5/6 · 4/5 · 2/3 < 1/2
    assert through_by(0.5, done=[1, 2, 3], running=[4, 4, 4, 4]) is None


def test_a_textbook_curve_comes_out():
    # Freireich 1963, 6-mercaptopurine arm: remission of weeks, the median is 23.
    done = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    running = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert through_by(0.5, done=done, running=running) == 23
