"""Receipts: each line by itself, cool-downs, ceilings, decay to the last local midnight (docs/scoring.md)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leads.scoring.fold import score
from leads.scoring.matching import FactsSeen, FitRule
from leads.scoring.points import Rules, TouchRule, TouchSeen, frozen, receipts

ZURICH = ZoneInfo("Europe/Zurich")
AT = datetime(2026, 11, 18, 14, 0, tzinfo=ZURICH)
VISIT = TouchRule(id=1, label="Visited", points=3, kind="visit", half_life=0)


def rules(*lines: TouchRule, **limits) -> Rules:
    return Rules(id=1, reference_at=datetime(2026, 1, 1, tzinfo=UTC), zone=ZURICH, engagement=lines, **limits)


def visits(*times: datetime, kind: str = "visit") -> list[TouchSeen]:
    return [TouchSeen(number, kind, when) for number, when in enumerate(times, 1)]


def points(touches, *lines: TouchRule, at: datetime = AT, **limits) -> list[float]:
    return [round(line.points, 2) for line in receipts(touches, FactsSeen(), rules(*lines, **limits), at)]


def test_a_touch_of_today_counts_in_full_and_yesterdays_by_its_age_at_midnight():
    midnight = datetime(2026, 11, 18, tzinfo=ZURICH)
    assert points(visits(midnight - timedelta(days=7), midnight, AT), VISIT) == [3, 3, 1.5]


def test_a_touch_in_the_future_waits_for_its_time():
    later = visits(AT + timedelta(minutes=5))
    assert points(later, VISIT) == []
    assert score(later, FactsSeen(), rules(VISIT), AT).next_check_at == later[0].at


def test_opens_never_score_whatever_a_rule_says():
    """RELIABILITY T4."""
    any_kind = TouchRule(id=2, label="Anything", points=9)
    asks_for_opens = TouchRule(id=3, label="Opened", points=9, kind="open")
    assert points(visits(AT, kind="open"), any_kind, asks_for_opens) == []


def test_the_first_touch_of_a_fixed_span_counts():
    cool = TouchRule(id=1, label="Visited", points=3, kind="visit", cool_down_hours=1)
    quarter_past, last_minute, next_hour = (
        AT.replace(minute=15),
        AT.replace(minute=59),
        AT + timedelta(hours=1),
    )
    lines = receipts(visits(last_minute, quarter_past, next_hour), FactsSeen(), rules(cool), next_hour)
    assert [(line.at, line.points, line.note) for line in lines] == [
        (next_hour, 3, ""), (last_minute, 0, "cool-down"), (quarter_past, 3, ""),
    ]  # fmt: skip


def test_no_more_than_the_ceiling_of_a_rule_counts_in_a_span():
    capped = TouchRule(id=1, label="Visited", points=3, kind="visit", ceiling_touches=2, ceiling_days=7)
    week = datetime(2026, 11, 12, 9, tzinfo=UTC)  # spans of seven days begin on Thursdays: 1970 did
    touches = visits(*(week + timedelta(minutes=minute) for minute in range(4)), week + timedelta(days=7))
    notes = [line.note for line in receipts(touches, FactsSeen(), rules(capped), week + timedelta(days=8))]
    assert notes == ["", "ceiling", "ceiling", "", ""]


def test_what_the_cool_down_holds_back_does_not_use_up_the_ceiling():
    both = TouchRule(
        id=1, label="V", points=3, kind="visit", cool_down_hours=1, ceiling_touches=2, ceiling_days=7
    )
    start = AT.replace(hour=9)
    assert points(visits(start, start, start + timedelta(hours=1)), both) == [3, 0, 3]


def test_the_surplus_over_a_group_ceiling_is_a_line_of_its_own():
    lines = receipts(visits(AT, AT), FactsSeen(), rules(VISIT, engagement_ceiling=5), AT)
    assert [(line.points, line.rule) for line in lines] == [(3, 1), (3, 1), (-1, None)]
    assert "ceiling of 5" in lines[-1].label


def test_a_rule_asks_for_all_it_names():
    rule = TouchRule(id=1, label="D", points=5, kind="download", asset_kind=7, journey_stage="decision")
    right = TouchSeen(1, "download", AT, 7, "decision")
    others = [TouchSeen(2, "click", AT, 7, "decision"), TouchSeen(3, "download", AT, 8, "decision"),
              TouchSeen(4, "download", AT, 7, "awareness")]  # fmt: skip
    assert [line.points for line in receipts([right, *others], FactsSeen(), rules(rule), AT)] == [5]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2026, 3, 29, tzinfo=ZURICH), 23), (datetime(2026, 10, 25, tzinfo=ZURICH), 25)],
)
def test_a_night_of_the_clock_change_is_as_long_as_it_is(day, hours):
    """A touch at the midnight before has aged 23 or 25 hours at the next one."""
    (line,) = receipts(visits(day), FactsSeen(), rules(VISIT), day.replace(hour=12) + timedelta(days=1))
    assert line.points == pytest.approx(3 * 0.5 ** (hours / 24 / 7))


def test_where_midnight_does_not_exist_the_day_begins_when_the_clock_jumps():
    beirut = ZoneInfo("Asia/Beirut")  # 29 March 2026: 00:00 becomes 01:00
    jump = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    zoned = Rules(id=1, reference_at=jump, zone=beirut, engagement=(VISIT,))
    before, after = TouchSeen(1, "visit", jump - timedelta(days=7)), TouchSeen(2, "visit", jump)
    lines = receipts([before, after], FactsSeen(), zoned, jump + timedelta(hours=3))
    assert [line.points for line in lines] == [3, 1.5]


def test_frozen_receipts_are_the_lines_that_count():
    cool = TouchRule(id=1, label="Visited", points=3, kind="visit", cool_down_hours=1)
    fit = FitRule(id=2, label="Swiss", points=10, field="country", words=("ch",))
    one = Rules(id=1, reference_at=AT, zone=ZURICH, fit=(fit,), engagement=(cool,))
    rows = frozen(receipts(visits(AT, AT), FactsSeen(country="CH"), one, AT))
    assert [(row["label"], row["source"], row["points"]) for row in rows] == [
        ("Swiss", "CH", 10),
        ("Visited", "", 3),
    ]
    assert rows[1]["at"] == AT.isoformat()
