"""A move into a stage is refused until its facts are there, and the refusal names them."""

from decimal import Decimal
from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from prospects import meetings, pipeline, qualification
from prospects.calls import log
from prospects.models import Pipeline, Prospect, Stage
from prospects.stages import stage_named
from prospects.tests.conftest import GOOD_CARD, TUESDAY, later, talk

pytestmark = pytest.mark.django_db

ALL_FIVE = [
    "a logged conversation",
    "need, confirmed",
    "authority, known",
    "at most one of the four answers unknown",
]


def missing(prospect: Prospect, slug: str) -> list[str]:
    return qualification.missing_for(prospect, stage_named(prospect.pipeline, slug))


def refusal(prospect: Prospect, by: Any, to: str = "sales_qualified") -> list[str]:
    with pytest.raises(Refused) as no:
        pipeline.move(prospect=prospect, to=to, by=by, at=later(hours=1))
    prospect.refresh_from_db()
    return no.value.missing


def test_with_nothing_learnt_all_facts_are_missing(accepted: Prospect, sam: Any) -> None:
    assert refusal(accepted, sam) == ALL_FIVE
    assert accepted.stage.slug == "contacting" and accepted.moves.count() == 2


@pytest.mark.parametrize(
    ("changed", "still_missing"),
    [
        ({"need": {"state": "claimed"}}, ["need, confirmed"]),
        (
            {"authority": {"state": "unknown"}},
            ["authority, known", "at most one of the four answers unknown"],
        ),
        ({"budget": {"state": "unknown"}}, ["at most one of the four answers unknown"]),
        ({"budget": {"state": "no"}}, ["none of the four answers is no"]),
        ({"timing": {"state": "no"}}, ["none of the four answers is no"]),
    ],
)
def test_each_answer_that_does_not_hold_is_named(
    accepted: Prospect, sam: Any, changed: dict, still_missing: list[str]
) -> None:
    talk(accepted, sam, bant=GOOD_CARD | changed)
    assert refusal(accepted, sam) == still_missing


def test_answers_without_a_conversation_do_not_qualify(accepted: Prospect, sam: Any) -> None:
    log.log_call(prospect=accepted, outcome="voicemail", bant=GOOD_CARD, by=sam, at=TUESDAY)
    assert refusal(accepted, sam) == ["a logged conversation"]


def test_a_meeting_that_was_held_is_a_conversation(accepted: Prospect, sam: Any) -> None:
    for question, columns in GOOD_CARD.items():
        qualification.answer(prospect=accepted, question=question, by=sam, at=TUESDAY, **columns)
    meeting = meetings.book_meeting(prospect=accepted, starts_at=later(days=1), by=sam, at=TUESDAY)
    assert missing(accepted, "sales_qualified") == ["a logged conversation"]
    meetings.close_meeting(meeting=meeting, outcome="held", by=sam, at=later(days=1))
    assert missing(accepted, "sales_qualified") == []


def test_with_all_facts_it_moves_and_says_when(accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=later(hours=2), why="Good talk")
    assert accepted.sales_qualified_at == later(hours=2)
    last = accepted.moves.last()
    assert (last.new.slug, last.why, last.by) == ("sales_qualified", "Good talk", sam)


def test_no_leap_leads_around_sales_qualified(accepted: Prospect, sam: Any) -> None:
    assert refusal(accepted, sam, to="negotiation") == ALL_FIVE
    with pytest.raises(Refused) as no:
        pipeline.win(prospect=accepted, amount=Decimal(1), by=sam, at=TUESDAY)
    assert no.value.missing == ALL_FIVE


def test_a_leap_over_sales_qualified_leaves_its_row(accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    pipeline.move(prospect=accepted, to="proposal", by=sam, at=later(days=1))
    assert [move.new.slug for move in accepted.moves.all()][-2:] == ["sales_qualified", "proposal"]
    assert accepted.sales_qualified_at == later(days=1)


def test_a_proposal_asks_for_the_budget(accepted: Prospect, sam: Any) -> None:
    no_budget = {**GOOD_CARD, "budget": {"state": "unknown"}, "timing": {"state": "claimed"}}
    talk(accepted, sam, bant=no_budget)
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=TUESDAY)
    assert refusal(accepted, sam, to="proposal") == ["budget, known"]


def test_going_back_keeps_the_first_date(accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam)
    pipeline.move(prospect=accepted, to="proposal", by=sam, at=later(days=1))
    pipeline.move(prospect=accepted, to="contacting", by=sam, at=later(days=2))
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=later(days=3))
    assert accepted.sales_qualified_at == later(days=1)


def test_moving_an_unjudged_handover_on_accepts_it(inbound: Prospect, sam: Any) -> None:
    talk(inbound, sam)
    pipeline.move(prospect=inbound, to="sales_qualified", by=sam, at=later(hours=1))
    assert inbound.verdict == "accepted" and inbound.accepted_at == later(hours=1)
    assert [move.new.slug for move in inbound.moves.all()] == ["to_contact", "contacting", "sales_qualified"]


def test_a_refused_move_accepts_nothing(inbound: Prospect, sam: Any) -> None:
    assert refusal(inbound, sam) == ALL_FIVE
    assert (inbound.verdict, inbound.stage.slug, inbound.moves.count()) == ("", "to_contact", 1)


@pytest.mark.parametrize("slug", ["won", "lost", "returned", "disqualified", "to_contact"])
def test_ends_and_the_beginning_are_not_reached_by_moving(accepted: Prospect, sam: Any, slug: str) -> None:
    assert refusal(accepted, sam, to=slug) == []


def test_a_stage_of_another_pipeline_or_an_archived_one_is_refused(accepted: Prospect, sam: Any) -> None:
    other = Stage.objects.create(
        pipeline=Pipeline.objects.create(name="Partners", slug="partners"), slug="x", name="X", order=1
    )
    with pytest.raises(Refused):
        pipeline.move(prospect=accepted, to=other, by=sam, at=TUESDAY)
    proposal = stage_named(accepted.pipeline, "proposal")
    Stage.objects.filter(pk=proposal.pk).update(archived_at=TUESDAY)
    proposal.refresh_from_db()
    with pytest.raises(Refused):
        pipeline.move(prospect=accepted, to=proposal, by=sam, at=TUESDAY)


def test_moving_to_where_it_stands_is_a_conflict(accepted: Prospect, sam: Any) -> None:
    with pytest.raises(Conflict):
        pipeline.move(prospect=accepted, to="contacting", by=sam, at=TUESDAY)


def test_only_the_owner_or_a_manager_moves(
    accepted: Prospect, sam: Any, sara: Any, maya: Any, nora: Any
) -> None:
    talk(accepted, sam)
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            pipeline.move(prospect=accepted, to="sales_qualified", by=stranger, at=TUESDAY)
    pipeline.move(prospect=accepted, to="sales_qualified", by=sara, at=TUESDAY)


def test_a_newer_answer_replaces_the_older_and_both_are_kept(accepted: Prospect, sam: Any) -> None:
    for state in ("claimed", "confirmed"):
        qualification.answer(prospect=accepted, question="need", state=state, by=sam, at=TUESDAY)
    assert qualification.card(accepted)["need"].state == "confirmed"
    assert accepted.bant.count() == 2 and qualification.card(accepted)["timing"] is None


def test_an_unknown_question_is_refused(accepted: Prospect, sam: Any) -> None:
    with pytest.raises(Refused):
        qualification.answer(prospect=accepted, question="mood", state="claimed", by=sam, at=TUESDAY)
