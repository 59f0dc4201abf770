"""The carried sums of a backtest beside the receipts of the panel, at random leads and days; and planted rules."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.scoring.backtest.past import Past, Seen
from leads.scoring.backtest.replay import Version
from leads.scoring.backtest.span import span_until
from leads.scoring.matching import FactsSeen, FitRule
from leads.scoring.points import (
    ENGAGEMENT,
    FIT,
    Rules,
    TouchRule,
    TouchSeen,
    grade,
    over_threshold,
    receipts,
)
from leads.tests.backtest_world import did, given_back, lead, rules, tried, won

ZONE = ZoneInfo("Europe/Zurich")
UNTIL = datetime(2026, 11, 18, 12, tzinfo=UTC)
SPAN = span_until(UNTIL, weeks=5, zone=ZONE)
LATE = 17  # the day from which more is known
BEGIN = datetime.fromtimestamp(SPAN.ends[0], UTC) - timedelta(days=40)
KINDS = ["form", "visit", "click", "event"]


@st.composite
def touch_rules(draw: st.DrawFn) -> TouchRule:
    ceiling = draw(st.sampled_from([(None, None), (1, 2), (2, 7), (3, None)]))
    return TouchRule(
        id=draw(st.integers(1, 10**6)),
        label="line",
        points=draw(st.integers(-20, 40)),
        kind=draw(st.sampled_from(["", *KINDS])),
        asset_kind=draw(st.sampled_from([None, 1, 2])),
        journey_stage=draw(st.sampled_from(["", "decision"])),
        half_life=draw(st.integers(0, 2)),
        cool_down_hours=draw(st.sampled_from([0, 1, 24, 100])),
        ceiling_touches=ceiling[0],
        ceiling_days=ceiling[1],
    )


@st.composite
def versions(draw: st.DrawFn) -> Rules:
    return Rules(
        id=1,
        reference_at=draw(st.sampled_from([BEGIN, UNTIL])),
        zone=ZONE,
        fit=(
            FitRule(field="job_title", words=("head",), points=draw(st.integers(-10, 90))),
            FitRule(field="company_age", minimum=5, points=20),
        ),
        engagement=tuple(draw(st.lists(touch_rules(), min_size=1, max_size=4))),
        half_lives=(3, 30, 90),
        engagement_ceiling=draw(st.sampled_from([40, 100])),
        qualify_fit=draw(st.sampled_from(["B", "D"])),
        qualify_engagement=draw(st.sampled_from(["1", "2", "3", "4"])),
    )


@st.composite
def touches(draw: st.DrawFn) -> list[tuple[TouchSeen, datetime]]:
    """Touches with the time they were recorded: some at once, some much later."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        at = BEGIN + timedelta(minutes=30 * draw(st.integers(0, 48 * 90)))
        late = timedelta(hours=draw(st.sampled_from([0, 0, 0, 5, 200, 900])))
        seen = TouchSeen(
            number, draw(st.sampled_from(KINDS)), at, draw(st.sampled_from([None, 1, 2])),
            draw(st.sampled_from(["", "decision"])),
        )  # fmt: skip
        found.append((seen, at + late))
    return found


def past_of(touched: list[tuple[TouchSeen, datetime]], facts: list[tuple[int, FactsSeen]]) -> Past:
    seen = sorted(
        Seen(
            SPAN.known_on(one.at, recorded), one.at.timestamp(), one.id,
            (one.kind, one.asset_kind, one.journey_stage),
        )
        for one, recorded in touched
    )  # fmt: skip
    return Past(lead=1, first=0, touches=seen, facts=facts, moves=[])


def by_receipts(
    touched: list[tuple[TouchSeen, datetime]], facts: FactsSeen, version: Rules, day: int
) -> tuple[str, float]:
    """Grade and points as the panel would have shown them at the end of the day."""
    end = datetime.fromtimestamp(SPAN.ends[day], UTC) - timedelta(microseconds=1)
    known = [one for one, recorded in touched if recorded <= end]
    lines = receipts(known, facts, version, end)
    fit = sum(line.points for line in lines if line.group == FIT)
    engagement = sum(line.points for line in lines if line.group == ENGAGEMENT)
    return grade(fit, engagement, version), fit + engagement


@settings(max_examples=300)
@given(touched=touches(), version=versions(), day=st.integers(0, 35))
def test_grade_and_points_of_any_lead_on_any_day_are_those_of_the_receipts(touched, version, day):
    early, late = FactsSeen(email="a@b.example"), FactsSeen(job_title="Head of Sales", founded_year=2021)
    past = past_of(touched, [(0, early), (LATE, late)])
    mark, points = Version(version, SPAN).grade_in(past, day)
    expected, sum_of_lines = by_receipts(touched, late if day >= LATE else early, version, day)
    assert mark == expected
    assert points == pytest.approx(sum_of_lines, abs=1e-6)


@settings(max_examples=300)
@given(touched=touches(), version=versions())
def test_the_first_day_over_is_the_first_on_which_the_receipts_are(touched, version):
    early, late = FactsSeen(email="a@b.example"), FactsSeen(job_title="Head of Sales", founded_year=2021)
    past = past_of(touched, [(0, early), (LATE, late)])
    over = [
        day
        for day in range(36)
        if over_threshold(by_receipts(touched, late if day >= LATE else early, version, day)[0], version)
    ]
    handed = Version(version, SPAN).handed(past)
    assert (handed.day if handed else None) == (over[0] if over else None)


@pytest.mark.django_db
def test_of_several_drafts_the_planted_rule_is_found_best():
    """Who sends forms buys, who only visits does not; downloads say nothing."""
    chance = random.Random(11)
    for number in range(120):
        one, buys = lead(f"p{number}"), chance.random() < 0.4
        when = chance.uniform(20, 50)
        did(one, "form", when, times=4 if buys or chance.random() < 0.1 else 0)
        did(one, "visit", when, times=0 if buys and chance.random() < 0.9 else 4)
        did(one, "download", when, times=4 if chance.random() < 0.5 else 0)
        (won if buys else given_back)(one, when - 15)
    drafts = {kind: rules(place, **{kind: 10}) for place, kind in enumerate(["visit", "download", "form"])}
    lift = {kind: tried(draft)["draft"]["lift"] for kind, draft in drafts.items()}
    assert max(lift, key=lambda kind: lift[kind]) == "form"
    assert lift["form"] > 1.8
    assert lift["visit"] < 0.5
    assert 0.7 < lift["download"] < 1.3
