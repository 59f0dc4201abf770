"""Stored sums, receipts and a short oracle from the docs agree, over any touches (RELIABILITY R1)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.scoring.fold import score
from leads.scoring.matching import FactsSeen, FitRule
from leads.scoring.points import Rules, TouchRule, TouchSeen, grade, receipts, shown, total
from leads.tests import scoring_oracle as oracle

ZURICH = ZoneInfo("Europe/Zurich")
HALF_LIVES = (7, 30, 90)
AUTUMN = datetime(2026, 10, 1, tzinfo=UTC)  # the clock changes on the 25th
KINDS = ("visit", "download", "inquiry", "open")
CROWDED = st.integers(60 * 24 * 23, 60 * 24 * 26)  # three days around the change, where cool-downs bite
TIMES = (st.integers(0, 60 * 24 * 60) | CROWDED).map(lambda minute: AUTUMN + timedelta(minutes=minute))
TOUCHES = st.lists(st.tuples(st.sampled_from(KINDS), TIMES), max_size=25).map(
    lambda seen: [(number, kind, when) for number, (kind, when) in enumerate(seen, 1)]
)
LINES = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(-20, 40),
        st.integers(0, 2),
        st.sampled_from([0, 1, 24]),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([7, 30]),
    ),
    max_size=5,
)


def rules(lines, **limits) -> Rules:
    made = tuple(
        TouchRule(
            id=number, label=kind, points=points, kind=kind, half_life=half_life,
            cool_down_hours=hours, ceiling_touches=most, ceiling_days=days if most else None,
        )
        for number, (kind, points, half_life, hours, most, days) in enumerate(lines, 1)
    )  # fmt: skip
    return Rules(id=1, reference_at=AUTUMN, zone=ZURICH, engagement=made, half_lives=HALF_LIVES, **limits)


def seen(touches) -> list[TouchSeen]:
    return [TouchSeen(number, kind, when) for number, kind, when in touches]


@settings(deadline=None)  # a shared machine stalls
@given(TOUCHES, LINES, TIMES, st.integers(5, 100))
def test_row_receipts_and_oracle_show_the_same(touches, lines, at, ceiling):
    model = rules(lines, engagement_ceiling=ceiling)
    row = score(seen(touches), FactsSeen(), model, at)
    panel = receipts(seen(touches), FactsSeen(), model, at)
    by_docs = min(oracle.engagement(touches, lines, HALF_LIVES, at, ZURICH), ceiling)
    assert row.engagement == shown(sum(line.points for line in panel)) == oracle.rounded(by_docs)
    assert row.grade == "D" + oracle.mark(by_docs, (60, 35, 15), "1234")
    assert row.total == total(panel)


@settings(deadline=None)  # a shared machine stalls
@given(TOUCHES, LINES, TIMES)
def test_the_order_in_which_touches_are_read_does_not_matter(touches, lines, at):
    one = score(seen(touches), FactsSeen(), rules(lines), at)
    other = score(seen(touches[::-1]), FactsSeen(), rules(lines), at)
    assert one == other


@settings(deadline=None)  # a shared machine stalls
@given(
    TOUCHES,
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 40), st.integers(0, 2)), max_size=4),
    TIMES,
)
def test_deleting_a_touch_takes_away_exactly_its_lines(touches, lines, at):
    """Where no cool-down and no ceiling binds."""
    model = rules([(*line, 0, None, 7) for line in lines], engagement_ceiling=10_000)
    for gone in touches:
        before = receipts(seen(touches), FactsSeen(), model, at)
        after = receipts(seen([one for one in touches if one is not gone]), FactsSeen(), model, at)
        its_lines = receipts(seen([gone]), FactsSeen(), model, at)
        assert sum(r.points for r in before) - sum(r.points for r in after) == pytest.approx(
            sum(r.points for r in its_lines), abs=1e-6
        )


@settings(deadline=None)  # a shared machine stalls
@given(TOUCHES, LINES, TIMES)
def test_no_grade_changes_by_itself_before_the_next_check(touches, lines, at):
    model = rules(lines, engagement_from=(30, 15, 5))
    row = score(seen(touches), FactsSeen(), model, at)
    for day in range(1, 120):
        then = at + timedelta(days=day)
        if row.next_check_at is not None and then >= row.next_check_at:
            break
        assert score(seen(touches), FactsSeen(), model, then).grade == row.grade


def test_the_next_check_is_the_night_on_which_the_digit_falls():
    """20 points, 7 days: shown 15 as long as the sum is 14.5 or more, which is 3.2 days."""
    model = rules([("visit", 20, 0, 0, None, 7)])
    touches = seen([(1, "visit", datetime(2026, 11, 2, tzinfo=ZURICH))])
    row = score(touches, FactsSeen(), model, datetime(2026, 11, 2, 15, tzinfo=ZURICH))
    assert row.next_check_at == datetime(2026, 11, 6, tzinfo=ZURICH)
    assert [score(touches, FactsSeen(), model, datetime(2026, 11, day, 1, tzinfo=ZURICH)).grade for day in (5, 6)] == [
        "D3", "D4",
    ]  # fmt: skip


def test_a_losing_rule_fades_and_the_digit_rises_on_the_night_of_the_next_check():
    model = rules([("download", 40, 2, 0, None, 7), ("visit", -30, 0, 0, None, 7)])
    touches = seen([(1, "download", AUTUMN), (2, "visit", AUTUMN)])
    row = score(touches, FactsSeen(), model, AUTUMN)
    assert row.next_check_at == datetime(2026, 10, 3, tzinfo=ZURICH)
    assert (row.grade, score(touches, FactsSeen(), model, row.next_check_at).grade) == ("D4", "D3")


def test_a_company_that_ages_is_looked_at_in_the_new_year():
    old = FitRule(id=1, label="Ten years", points=30, field="company_age", minimum=10)
    model = Rules(id=1, reference_at=AUTUMN, zone=ZURICH, fit=(old,))
    facts = FactsSeen(founded_year=2017)
    row = score([], facts, model, AUTUMN)
    assert row.next_check_at == datetime(2027, 1, 1, tzinfo=ZURICH)
    assert (row.grade, score([], facts, model, row.next_check_at).grade) == ("D4", "C4")


def test_the_worked_example_of_the_docs():
    fit = (
        FitRule(id=1, label="Leads a team", points=30, field="job_title", words=("head",)),
        FitRule(id=2, label="Company mailbox", points=20, field="mailbox", words=("company",)),
        FitRule(id=3, label="50 people or more", points=30, field="company_size", minimum=50),
    )
    did = (
        TouchRule(id=4, label="Sent a form", points=10, kind="form", half_life=1),
        TouchRule(id=5, label="Downloaded", points=12, kind="download", half_life=2, cool_down_hours=24),
        TouchRule(id=6, label="Visited", points=3, kind="visit", half_life=0, cool_down_hours=1),
        TouchRule(id=7, label="Asked", points=40, kind="inquiry", half_life=1),
    )
    model = Rules(id=1, reference_at=AUTUMN, zone=ZURICH, fit=fit, engagement=did)
    vera = FactsSeen(email="v.molin@maasland.example", job_title="Head of Maintenance", company_size=180)
    form = datetime(2026, 10, 19, 1, tzinfo=ZURICH)
    day = datetime(2026, 11, 18, tzinfo=ZURICH)
    touches = seen(
        [(1, "form", form), (2, "download", form), (3, "download", form + timedelta(minutes=40)),
         (4, "visit", day - timedelta(days=7)), (5, "visit", day.replace(hour=9, minute=10)),
         (6, "visit", day.replace(hour=9, minute=40))]
    )  # fmt: skip
    now = day.replace(hour=14)
    lines = receipts(touches, vera, model, now)
    assert [round(line.points, 2) for line in lines] == [30, 20, 30, 0, 3, 1.5, 0, 9.52, 5]
    row = score(touches, vera, model, now)
    assert (row.fit, row.engagement, row.grade, str(row.total)) == (80, 19, "A3", "99")
    asked = [*touches, TouchSeen(7, "inquiry", now)]
    assert (
        grade(80, sum(r.points for r in receipts(asked, vera, model, now) if r.group == "engagement"), model)
        == "A2"
    )
