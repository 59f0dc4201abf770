"""Whose a visit was: several people may sit before one browser, and none is taken for another. Pure."""

from datetime import timedelta

import pytest

from leads.sittings import SITTING, Identified, Open, whose
from leads.tests.builders import NOON

ANNA, BEN = 1, 2
LATER = NOON + timedelta(days=30)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def seen(*pairs):
    return [Identified(at(minutes), person) for minutes, person in pairs]


@pytest.mark.parametrize(
    ("minutes", "people", "owner"),
    [
        # one person on the browser: all of it is theirs
        (0, [(0, ANNA)], ANNA),
        (29, [(0, ANNA)], ANNA),
        (5000, [(0, ANNA)], ANNA),
        (-20, [(0, ANNA)], ANNA),
        (-5000, [(0, ANNA)], ANNA),
        # two people: whoever was there last, for half an hour
        (70, [(0, ANNA), (60, BEN)], BEN),
        (10, [(0, ANNA), (60, BEN)], ANNA),
        (100, [(0, ANNA), (60, BEN)], None),
        (70, [(0, ANNA), (60, BEN), (65, ANNA)], ANNA),
        # before the second one came forward, only the sitting just before it is in doubt
        (50, [(0, ANNA), (60, BEN)], None),
        (500, [(0, ANNA), (1000, BEN)], ANNA),
        (50, [(0, ANNA), (60, ANNA)], ANNA),
        # before anybody was known
        (-10, [(0, ANNA), (60, BEN)], ANNA),
        (-5000, [(0, ANNA), (60, BEN)], ANNA),
        # somebody whom we may not name
        (70, [(0, ANNA), (60, None)], None),
        (50, [(0, ANNA), (60, None)], None),
        (100, [(0, ANNA), (60, None)], ANNA),
        (100, [(60, None)], None),
        (10, [], Open.UNKNOWN),
    ],
)
def test_a_visit_belongs_to(minutes, people, owner):
    assert whose(at(minutes), seen(*people), now=LATER) == owner


def test_a_visit_near_nobody_waits_for_its_sitting_to_end():
    here = seen((-300, ANNA))
    assert whose(NOON, here, now=NOON + SITTING - timedelta(seconds=1)) is Open.WAIT
    assert whose(NOON, here, now=NOON + SITTING) == ANNA


def test_a_visit_after_somebody_came_forward_need_not_wait():
    assert whose(at(1), seen((0, ANNA)), now=at(1)) == ANNA


def test_the_answer_does_not_change_with_time():
    people = seen((0, ANNA), (60, BEN), (90, ANNA), (200, None), (300, BEN))
    for minutes in range(-60, 400, 7):
        soon = whose(
            at(minutes), [one for one in people if one.at <= at(minutes) + SITTING], now=at(minutes) + SITTING
        )
        late = whose(at(minutes), people, now=LATER)
        assert soon in (late, Open.UNKNOWN)
