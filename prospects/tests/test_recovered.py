"""Sent back, come back, won: counted by cycles; and nobody sent back is forgotten."""

from decimal import Decimal
from typing import Any

import pytest

from prospects import pipeline
from prospects.feedback.recovered import Recovered, came_back, forgotten, recovered, won_again
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_person, reason, talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(sam: Any) -> Prospect:
    prospect = make_inbound(sam)
    day = later(days=30).date()
    return pipeline.reject(prospect=prospect, reason=reason("not-now"), return_on=day, by=sam, at=TUESDAY)


def test_who_was_sent_back_and_bought_later_is_recovered(returned: Prospect, sam: Any) -> None:
    pipeline.return_due(at=later(days=30))
    again = Prospect.objects.get(previous=returned)
    talk(again, sam, at=later(days=31))
    pipeline.win(prospect=again, amount=Decimal(5), by=sam, at=later(days=32))
    straight = make_inbound(sam, make_person())
    talk(straight, sam)
    pipeline.win(prospect=straight, amount=Decimal(5), by=sam, at=later(days=1))
    assert recovered(TUESDAY, later(days=60)) == Recovered(returned=1, came_back=1, won=1)
    assert list(won_again(TUESDAY, later(days=60))) == list(came_back(TUESDAY, later(days=60))) == [again]
    assert recovered(TUESDAY, later(days=29)) == Recovered(returned=1, came_back=0, won=0)


def test_nobody_who_has_a_day_or_came_back_is_forgotten(returned: Prospect) -> None:
    assert not forgotten(TUESDAY).exists()
    assert list(forgotten(later(days=31))) == [returned]
    pipeline.return_due(at=later(days=31))
    assert not forgotten(later(days=31)).exists()


def test_a_return_without_a_day_would_be_seen(returned: Prospect) -> None:
    Prospect.objects.filter(pk=returned.pk).update(return_on=None)
    assert list(forgotten(TUESDAY)) == [returned]
