"""Whoever said "not now" comes back by themselves on their day, exactly once."""

from datetime import timedelta
from typing import Any

import pytest

from leads import lifecycle
from prospects import pipeline, returns
from prospects.models import FollowUp, Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_move, reason

pytestmark = pytest.mark.django_db

DAY = later(days=60)


@pytest.fixture
def sent_back(accepted: Prospect, sam: Any) -> Prospect:
    return pipeline.reject(
        prospect=accepted, reason=reason("not-now"), return_on=DAY.date(), by=sam, at=TUESDAY
    )


def test_not_now_comes_back_on_its_date_exactly_once(sent_back: Prospect, sam: Any) -> None:
    assert pipeline.return_due(at=DAY - timedelta(days=1))["returned"] == 0
    assert pipeline.return_due(at=DAY)["returned"] == 1
    assert pipeline.return_due(at=DAY)["returned"] == 0
    back = Prospect.objects.open().get(person=sent_back.person)
    assert (back.round, back.previous, back.owner, back.opened_at) == (2, sent_back, sam, DAY)


def test_it_waits_in_the_owners_list_with_the_reason(sent_back: Prospect, sam: Any) -> None:
    pipeline.return_due(at=DAY)
    follow_up = FollowUp.objects.get(done_at=None)
    assert (follow_up.owner, follow_up.due_at, follow_up.text) == (sam, DAY, "Came back on the date")


def test_a_return_is_no_new_qualification_by_marketing(sent_back: Prospect) -> None:
    pipeline.return_due(at=DAY)
    back = Prospect.objects.open().get()
    assert (back.origin, back.lead_move, back.marketing_qualified_at, back.answer_by) == (
        "inbound",
        None,
        None,
        None,
    )


def test_meanwhile_the_person_is_being_nurtured(sent_back: Prospect) -> None:
    sent_back.lead_move.lead.refresh_from_db()
    sent_back.person.refresh_from_db()
    assert sent_back.lead_move.lead.status == "nurturing" and not sent_back.person.sales_open


def test_who_came_back_earlier_by_an_inquiry_is_not_opened_twice(sent_back: Prospect, sam: Any) -> None:
    make_move(sent_back.person, at=later(days=10))
    assert pipeline.return_due(at=DAY) == {"returned": 0, "dropped": 1, "failed": 0}
    assert Prospect.objects.open().filter(person=sent_back.person).count() == 1
    assert FollowUp.objects.filter(text="Came back on the date", owner=sam).count() == 1


def test_who_was_disqualified_meanwhile_stays_away(sent_back: Prospect, sam: Any) -> None:
    lifecycle.disqualify(person=sent_back.person, at=later(days=5), by=sam, why="Competitor after all")
    pipeline.return_due(at=DAY)
    assert not Prospect.objects.open().exists()


def test_two_sweeps_that_saw_the_same_row_open_one_cycle(sent_back: Prospect) -> None:
    assert returns.return_one(pk=sent_back.pk, at=DAY) is not None
    assert returns.return_one(pk=sent_back.pk, at=DAY) is None


def test_one_bad_row_stops_nobody(sent_back: Prospect, sam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_inbound(sam)
    pipeline.reject(prospect=other, reason=reason("not-now"), return_on=DAY.date(), by=sam, at=TUESDAY)
    real = returns.return_one

    def picky(*, pk: int, at: Any) -> Any:
        if pk == sent_back.pk:
            raise RuntimeError("broken row")
        return real(pk=pk, at=at)

    monkeypatch.setattr(returns, "return_one", picky)
    assert pipeline.return_due(at=DAY) == {"returned": 1, "dropped": 0, "failed": 1}
