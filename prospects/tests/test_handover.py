"""A marketing-qualified lead becomes a prospect in the same transaction, once, with an owner and a clock."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.errors import Refused
from leads.models import LeadMove, WorkRequest
from prospects import handover, pipeline
from prospects.models import Account, FollowUp, Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_move, make_person, reason

pytestmark = pytest.mark.django_db


def test_an_inquiry_is_handed_over_at_once_without_any_score(rule: Any, sam: Any) -> None:
    rule(sam)
    move = make_move(way="inquiry")
    prospect = Prospect.objects.get(lead_move=move)
    assert (prospect.owner, prospect.stage.slug, prospect.origin) == (sam, "to_contact", "inbound")
    assert prospect.marketing_qualified_at == TUESDAY and move.grade == ""


def test_the_move_is_marked_and_the_person_is_with_sales() -> None:
    move = make_move()
    move.refresh_from_db()
    move.lead.person.refresh_from_db()
    assert move.handed_at == TUESDAY
    assert (move.lead.person.sales_stage, move.lead.person.sales_open) == ("to_contact", True)


def test_the_history_begins_with_the_handover() -> None:
    first = Prospect.objects.get(lead_move=make_move()).moves.get()
    assert (first.old, first.new.slug, first.at) == (None, "to_contact", TUESDAY)


@pytest.mark.parametrize(
    ("way", "grade", "wait"),
    [
        ("inquiry", "D4", timedelta(minutes=15)),
        ("grade", "A2", timedelta(hours=1)),
        ("grade", "B1", timedelta(days=1)),
    ],
)
def test_the_clock_runs_by_priority(way: str, grade: str, wait: timedelta) -> None:
    prospect = Prospect.objects.get(lead_move=make_move(way=way, grade=grade))
    assert prospect.answer_by == TUESDAY + wait


def test_handing_over_twice_makes_one_prospect() -> None:
    move = make_move()
    first = handover.open_from_move(move=move, at=TUESDAY)
    assert handover.open_from_move(move=move, at=later(hours=1)) == first
    assert Prospect.objects.count() == 1


def test_a_person_with_an_open_prospect_gets_no_second_one_but_the_owner_hears(sam: Any) -> None:
    prospect = make_inbound(sam)
    again = LeadMove.objects.create(
        lead=prospect.lead_move.lead,
        old="nurturing",
        new="marketing_qualified",
        way="inquiry",
        at=later(days=1),
    )
    assert handover.open_from_move(move=again, at=later(days=1)) == prospect
    handover.open_from_move(move=again, at=later(days=1))
    assert FollowUp.objects.get(kind="answer").owner == sam


def test_a_later_cycle_is_the_next_round_with_the_same_owner(sam: Any, sara: Any, rule: Any) -> None:
    rule(sara)
    first = make_inbound(sam)
    pipeline.reject(prospect=first, reason=reason("no-need"), by=sam, at=TUESDAY)
    second = Prospect.objects.get(lead_move=make_move(first.person, at=later(days=90)))
    assert (second.round, second.previous, second.owner) == (2, first, sam)


def test_a_rep_who_left_gets_no_later_cycle(sam: Any, sara: Any, rule: Any) -> None:
    rule(sara)
    first = make_inbound(sam)
    pipeline.reject(prospect=first, reason=reason("no-need"), by=sam, at=TUESDAY)
    sam.is_active = False
    sam.save(update_fields=["is_active"])
    assert Prospect.objects.get(lead_move=make_move(first.person, at=later(days=90))).owner == sara


def test_the_company_becomes_an_account_once(company: Any) -> None:
    one, two = (Prospect.objects.get(lead_move=make_move(make_person(company=company))) for _ in range(2))
    assert one.account == two.account == Account.objects.get(company=company)


def test_a_request_from_below_becomes_one_follow_up_of_the_owner(sam: Any) -> None:
    prospect = make_inbound(sam)
    request = WorkRequest.objects.create(
        person=prospect.person, kind="reply", note="Call me", key="r1", at=TUESDAY
    )
    assert handover.sweep(at=TUESDAY)["asked"] == 1
    assert handover.sweep(at=TUESDAY)["asked"] == 0
    follow_up = FollowUp.objects.get(work_request=request)
    assert (follow_up.prospect, follow_up.owner, follow_up.text) == (prospect, sam, "Call me")


def test_a_request_waits_while_nobody_knows_the_person() -> None:
    request = WorkRequest.objects.create(person=make_person(), kind="reply", key="r2", at=TUESDAY)
    assert handover.sweep(at=TUESDAY) == {"handed": 0, "asked": 0, "failed": 0}
    request.refresh_from_db()
    assert request.taken_at is None


def test_a_move_whose_cycle_is_gone_from_the_table_answers_in_words() -> None:
    lead = make_move(make_person()).lead
    old = LeadMove.objects.create(
        lead=lead, new="marketing_qualified", way="imported", at=TUESDAY, handed_at=TUESDAY
    )
    Prospect.objects.update(closed_at=TUESDAY)
    with pytest.raises(Refused):
        handover.open_from_move(move=old, at=TUESDAY)
