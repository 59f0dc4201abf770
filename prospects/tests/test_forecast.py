"""The forecast: open deals by what became of earlier ones, with the settings where there are too few of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from prospects.models import Deal, Prospect, Stage, StageMove
from prospects.money.figures import deal_figures
from prospects.money.forecast import ENOUGH, forecast, stage_odds, won_by_owner
from prospects.tests.conftest import TUESDAY, later, make_cold

pytestmark = pytest.mark.django_db


def stage(slug: str) -> Stage:
    return Stage.objects.get(slug=slug)


def closed_deals(owner: Any, won: int, lost: int, *, imported: bool = False, days_ago: int = 5) -> None:
    """Deals of one prospect that stood in proposal before they were closed."""
    prospect, closed_at = make_cold(owner), TUESDAY - timedelta(days=days_ago)
    StageMove.objects.create(
        prospect=prospect,
        old=None,
        new=stage("proposal"),
        at=closed_at - timedelta(days=9),
        imported=imported,
    )
    states = ["won"] * won + ["lost"] * lost
    Deal.objects.bulk_create(
        Deal(prospect=prospect, status=state, amount=100, opened_at=closed_at - timedelta(days=10), closed_at=closed_at)
        for state in states
    )  # fmt: skip


def open_deal(owner: Any, amount: int | None, *, where: str = "proposal", on: date | None = None) -> Deal:
    prospect = make_cold(owner)
    Prospect.objects.filter(pk=prospect.pk).update(stage=stage(where))
    return Deal.objects.create(prospect=prospect, amount=amount, expected_on=on, opened_at=TUESDAY)


def test_the_set_probability_holds_until_enough_deals_were_closed(sam: Any) -> None:
    Stage.objects.filter(slug="proposal").update(probability=40)
    closed_deals(sam, won=ENOUGH - 1, lost=0)
    odds = stage_odds(TUESDAY)[stage("proposal").pk]
    assert (odds.share, odds.own, odds.n) == (0.4, 1.0, ENOUGH - 1)
    closed_deals(sam, won=0, lost=1)
    odds = stage_odds(TUESDAY)[stage("proposal").pk]
    assert (odds.share, odds.n) == (pytest.approx(1 - 1 / ENOUGH), ENOUGH)


def test_old_deals_and_imported_cycles_say_nothing_of_a_stage(sam: Any) -> None:
    closed_deals(sam, won=ENOUGH, lost=0, days_ago=500)
    closed_deals(sam, won=ENOUGH, lost=0, imported=True)
    assert stage_odds(TUESDAY)[stage("proposal").pk].n == 0


def test_open_deals_are_weighted_by_stage_month_and_owner(sam: Any, sara: Any) -> None:
    Stage.objects.filter(slug="proposal").update(probability=50)
    Stage.objects.filter(slug="contacting").update(probability=10)
    for owner, amount, where, on in (
        (sam, 1000, "proposal", date(2026, 3, 20)),
        (sam, 500, "contacting", date(2026, 1, 20)),
        (sara, 200, "proposal", date(2026, 9, 1)),
        (sara, None, "proposal", None),
    ):
        open_deal(owner, amount, where=where, on=on)
    made = forecast(at=TUESDAY)
    assert (made.together.n, made.together.total, made.together.weighted) == (4, 1700, 650)
    assert made.together.without_amount == 1
    weighted = {month: line.weighted for month, line in made.months if line.n}
    assert weighted == {date.min: 50, date(2026, 3, 1): 500, date.max: 100, None: 0}
    assert {owner: line.weighted for owner, line in made.by_owner.items()} == {sam.pk: 550, sara.pk: 100}
    assert forecast(at=TUESDAY, owners=[sara.pk]).together.n == 2


def test_a_person_with_three_deals_counts_three_times(sam: Any) -> None:
    deal = open_deal(sam, 10)
    for _n in range(2):
        Deal.objects.create(prospect=deal.prospect, amount=10, opened_at=TUESDAY)
    assert forecast(at=TUESDAY).together.n == 3


def test_a_deal_in_no_open_stage_has_no_odds_until_enough_were_closed(sam: Any) -> None:
    Deal.objects.create(amount=100, opened_at=TUESDAY)
    line = forecast(at=TUESDAY).together
    assert (line.weighted, line.unweighted) == (0, 100)
    closed_deals(sam, won=ENOUGH // 2, lost=ENOUGH - ENOUGH // 2)
    line = forecast(at=TUESDAY).together
    assert (line.weighted, line.unweighted) == (50, 0)


def test_the_number_of_queries_does_not_grow(sam: Any, django_assert_num_queries: Any) -> None:
    for _n in range(3):
        open_deal(sam, 10)
        with django_assert_num_queries(4):
            forecast(at=TUESDAY)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(some.tuples(some.integers(0, 9), some.sampled_from([None, *range(-40, 200, 30)])), max_size=6)
)
def test_every_split_adds_up_to_the_whole(sam: Any, rows: list[tuple[int, int | None]]) -> None:
    Deal.objects.all().delete()
    for amount, days in rows:
        Deal.objects.create(
            amount=amount, opened_at=TUESDAY, expected_on=None if days is None else later(days=days).date()
        )
    made = forecast(at=TUESDAY)
    for lines in (dict(made.months).values(), made.by_stage.values(), made.by_owner.values()):
        assert sum(line.n for line in lines) == made.together.n == len(rows)
        assert sum(line.total for line in lines) == made.together.total


def test_revenue_of_a_month_is_that_of_its_days(sam: Any) -> None:
    closed_deals(sam, won=2, lost=1, days_ago=0)
    month = {"since": date(2026, 3, 1), "until": date(2026, 4, 1)}
    assert won_by_owner(**month) == {sam.pk: 200}
    assert won_by_owner(since=date(2026, 2, 1), until=date(2026, 3, 1)) == {}


def test_figures_say_who_won_how_many_for_how_much_and_how_fast(sam: Any, sara: Any) -> None:
    closed_deals(sam, won=3, lost=1)
    closed_deals(sara, won=0, lost=2)
    counted = deal_figures(Deal.objects.all())
    mine, hers = counted.lines["Sam Okafor"], counted.lines["Sara Lindqvist"]
    assert (mine.win_rate, mine.value, mine.days_to_close) == (0.75, 300, 10)
    assert (hers.win_rate, hers.value) == (0, 0)
    assert (counted.together.closed, counted.together.win_rate) == (6, 0.5)
