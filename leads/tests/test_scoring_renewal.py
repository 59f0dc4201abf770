"""Rules that stay live for years get a new reference time, and nobody's score changes by it."""

import math
from datetime import timedelta

import pytest

from leads.models import Lead, LeadScore, ScoringModel
from leads.scoring.check import check_all
from leads.scoring.night import rescore_night
from leads.scoring.reading import engagements_at
from leads.scoring.renewal import renew_reference
from leads.scoring.rescore import rescore_dirty
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, keen, stored, touched

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


def years_old(years: int) -> list[Lead]:
    """Rules with the shortest half-lives, live for so many years; one lead of long ago, one of today."""
    a_model(reference_at=NOON - years * YEAR, half_life_1=3, half_life_2=3, half_life_3=3)
    long_ago, keen_one = a_good_lead("a@maasland.example"), a_good_lead("b@maasland.example")
    touched(long_ago, "download", NOON - years * YEAR)
    keen(keen_one)
    rescore_dirty(at=NOON)
    return [long_ago, keen_one]


def test_five_years_of_the_shortest_half_life_change_no_score():
    years_old(5)
    before = {row["lead"]: (row["fit"], row["engagement"], row["grade"]) for row in stored()}
    assert math.log2(max(LeadScore.objects.values_list("e2", flat=True))) > 600
    assert renew_reference(at=NOON) == 2
    rows = list(LeadScore.objects.all())
    assert {row.lead_id: (row.fit, row.engagement, row.grade) for row in rows} == before
    assert max(row.e2 for row in rows) == pytest.approx(40, rel=1e-6)
    tomorrow = engagements_at(rows, NOON + timedelta(days=1))
    assert sorted(tomorrow.values()) == [0, round(40 * 2 ** (-0.5 / 3))]  # from noon to midnight


def test_rows_carried_over_are_those_that_a_run_makes():
    years_old(5)
    renew_reference(at=NOON)
    carried = stored()
    rescore_dirty(at=NOON)
    for old, new in zip(carried, stored(), strict=True):
        assert [new[name] for name in ("e1", "e2", "e3")] == pytest.approx(
            [old[name] for name in ("e1", "e2", "e3")], abs=1e-9
        )
    found = check_all(at=NOON)
    assert (found.checked, found.differences) == (2, [])


def test_the_night_renews_once_and_makes_every_row_anew():
    years_old(5)
    counts = rescore_night(at=NOON)
    assert (counts["renewed"], counts["leads"], counts["differ"]) == (2, 2, 0)
    assert ScoringModel.objects.get(state="live").reference_at == NOON
    assert "renewed" not in rescore_night(at=NOON)


@pytest.mark.parametrize("years", [4, 8])
def test_younger_rules_are_left_alone_and_much_older_ones_are_renewed(years):
    years_old(years)
    assert renew_reference(at=NOON) == (2 if years > 5 else 0)
    rescore_dirty(at=NOON)
    assert check_all(at=NOON).differences == []
