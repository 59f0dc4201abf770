"""A full run of scores makes room while forms come in, and works out the same rows."""

import pytest

from leads.models import LeadScore
from leads.scoring import pace, runs
from leads.scoring.rescore import rescore_all
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.scoring_world import a_good_lead, a_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def rests(monkeypatch) -> list[float]:
    """Steps of five leads, of two while forms come; nobody really sleeps."""
    slept: list[float] = []
    monkeypatch.setattr(pace, "RANGE", 5)
    monkeypatch.setattr(pace, "STEP", 2)
    monkeypatch.setattr(pace, "sleep", slept.append)
    return slept


def twelve() -> list[int]:
    return [a_good_lead(f"p{number}@maasland.example").pk for number in range(12)]


def spans(monkeypatch, meanwhile) -> list[tuple[int, int]]:
    """What a full run takes in turn, `meanwhile` being called in each step."""
    score_range, taken = runs.score_range, []

    def step(first, last, **named):
        taken.append((first, last))
        meanwhile(len(taken))
        return score_range(first, last, **named)

    monkeypatch.setattr(runs, "score_range", step)
    rescore_all(at=NOON)
    return taken


def test_where_nobody_sends_a_form_it_takes_large_steps_without_a_rest(monkeypatch, rests):
    a_model()
    ids = twelve()
    assert len(spans(monkeypatch, lambda number: None)) == 3
    assert rests == []
    assert LeadScore.objects.filter(lead__in=ids, computed_at=NOON).count() == 12


def test_while_forms_come_it_takes_small_steps_and_rests_after_each(monkeypatch, rests):
    a_model()
    ids = twelve()
    page = a_page()

    def forms(number: int) -> None:
        if number <= 2:
            for n in range(20):
                submitted(page, email=f"{number}-{n}@form.example")

    taken = spans(monkeypatch, forms)
    sizes = [last - first + 1 for first, last in taken]
    assert sizes[:3] == [5, 2, 2]
    assert max(sizes[3:]) > 2, "the forms ended, so does the care"
    assert len(rests) == 2
    assert LeadScore.objects.filter(lead__in=ids, computed_at=NOON).count() == 12
