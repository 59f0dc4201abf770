"""Each time a prospect comes to an owner a row says from whom, to whom, by which rule, why and by whom."""

from __future__ import annotations

from typing import Any

import pytest

from prospects import pipeline
from prospects.assignment import give
from prospects.assignment.waiting import ask_again
from prospects.models import Assignment, Notice, Prospect
from prospects.returns import return_due
from prospects.tests.conftest import TUESDAY, later, make_cold, make_move, make_person, reason

pytestmark = pytest.mark.django_db


def rows(prospect: Prospect) -> list[tuple[Any, ...]]:
    found = Assignment.objects.filter(prospect=prospect)
    return list(found.values_list("old_owner__username", "owner__username", "rule__name", "by__username"))


def handed() -> Prospect:
    return Prospect.objects.get(lead_move=make_move())


def told(user: Any) -> list[str]:
    return list(Notice.objects.filter(user=user, kind="assigned").values_list("text", flat=True))


def test_a_handover_names_the_rule_and_the_rep_hears_of_it(rule: Any, sam: Any) -> None:
    rule(sam)
    prospect = handed()
    assert rows(prospect) == [(None, "sam", "Everybody", None)]
    assert told(sam) == [f"{prospect.person.name} is yours now. Rule “Everybody”"]


def test_whom_nobody_fits_has_a_row_without_owner(rule: Any, sam: Any) -> None:
    rule(sam, field="country", words="FR")
    prospect = handed()
    assert rows(prospect) == [(None, None, None, None)]
    assert Assignment.objects.get().why == "No rule fits. Everybody: country unknown"
    assert not Notice.objects.exists()


def test_taking_and_entering_oneself_is_written_but_no_news(sam: Any) -> None:
    prospect = handed()
    pipeline.take(prospect=prospect, by=sam, at=TUESDAY)
    assert rows(prospect)[1:] == [(None, "sam", None, "sam")]
    assert rows(make_cold(sam)) == [(None, "sam", None, "sam")]
    assert told(sam) == []


def test_a_manager_gives_it_to_another_rep(inbound: Prospect, sara: Any, nora: Any) -> None:
    give(prospect=inbound, owner=nora, by=sara, at=TUESDAY, why="Holiday cover")
    assert rows(inbound)[-1] == ("sam", "nora", None, "sara")
    assert told(nora) == [f"{inbound.person.name} is yours now. Holiday cover"]


def test_giving_it_to_its_owner_changes_nothing(inbound: Prospect, sam: Any, sara: Any) -> None:
    before = rows(inbound)
    assert give(prospect=inbound, owner=sam, by=sara, at=TUESDAY, why="Again") is None
    assert rows(inbound) == before and told(sam) == []


def test_many_may_be_moved_without_a_notice_each(inbound: Prospect, sara: Any) -> None:
    give(prospect=inbound, owner=sara, by=None, at=TUESDAY, why="Sam left", tell=False)
    assert rows(inbound)[-1] == ("sam", "sara", None, None) and told(sara) == []


def test_who_comes_back_is_assigned_again(accepted: Prospect, sam: Any) -> None:
    day = later(days=7)
    pipeline.reject(prospect=accepted, reason=reason("not-now"), by=sam, at=TUESDAY, return_on=day.date())
    return_due(at=day)
    again = Prospect.objects.get(previous=accepted)
    assert rows(again) == [(None, "sam", None, None)]
    assert Assignment.objects.get(prospect=again).why == "Had the last cycle with this person"


def test_asking_the_rules_again_gives_whom_they_fit_by_now(rule: Any, sam: Any, sara: Any) -> None:
    waiting = [handed() for _n in range(3)]
    pipeline.take(prospect=waiting[0], by=sara, at=TUESDAY)
    rule(sam)
    assert ask_again(by=sara, at=later(hours=1)) == {"given": 2, "waiting": 0}
    assert ask_again(by=sara, at=later(hours=1)) == {"given": 0, "waiting": 0}
    assert [rows(one)[-1][1:] for one in waiting] == [("sara", None, "sara")] + 2 * [
        ("sam", "Everybody", "sara")
    ]


def test_who_fits_nobody_still_waits_when_asked_again(rule: Any, sam: Any, sara: Any) -> None:
    prospect = Prospect.objects.get(lead_move=make_move(make_person(country="DE")))
    rule(sam, field="country", words="FR")
    assert ask_again(by=sara, at=TUESDAY) == {"given": 0, "waiting": 1}
    assert len(rows(prospect)) == 1
