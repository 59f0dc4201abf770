"""Rejecting is one choice: the reason carries what becomes of the person."""

from decimal import Decimal
from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from leads.consent import is_suppressed
from prospects import pipeline
from prospects.models import Prospect
from prospects.money import deals
from prospects.tests.conftest import TUESDAY, later, make_inbound, reason

pytestmark = pytest.mark.django_db


def reject(prospect: Prospect, slug: str, by: Any, **more: Any) -> Prospect:
    return pipeline.reject(prospect=prospect, reason=reason(slug), by=by, at=later(hours=1), **more)


@pytest.mark.parametrize("slug", ["no-need", "wrong-person", "no-budget", "no-authority", "no-response"])
def test_most_reasons_return_the_person_to_nurture(inbound: Prospect, sam: Any, slug: str) -> None:
    reject(inbound, slug, sam, note="Their words")
    lead = inbound.lead_move.lead
    lead.refresh_from_db()
    assert (inbound.stage.slug, inbound.verdict, lead.status) == ("returned", "rejected", "nurturing")
    assert inbound.moves.last().reason.slug == slug and inbound.moves.last().why == "Their words"


@pytest.mark.parametrize(
    ("slug", "exclusion"), [("student", "student"), ("competitor", "competitor"), ("spam", "")]
)
def test_a_student_is_disqualified_and_excluded(
    inbound: Prospect, sam: Any, slug: str, exclusion: str
) -> None:
    reject(inbound, slug, sam)
    lead = inbound.lead_move.lead
    lead.refresh_from_db()
    assert (inbound.stage.slug, lead.status, lead.exclusion) == ("disqualified", "disqualified", exclusion)


def test_do_not_contact_suppresses_the_address(inbound: Prospect, sam: Any) -> None:
    reject(inbound, "do-not-contact", sam)
    assert is_suppressed(inbound.person.email_key)
    assert inbound.stage.slug == "disqualified"


def test_marketing_sees_that_sales_is_done(inbound: Prospect, sam: Any) -> None:
    reject(inbound, "no-need", sam)
    inbound.person.refresh_from_db()
    assert (inbound.person.sales_stage, inbound.person.sales_open) == ("returned", False)


def test_a_rejection_stops_the_clock_and_closes_the_cycle(inbound: Prospect, sam: Any) -> None:
    reject(inbound, "no-need", sam)
    inbound.refresh_from_db()
    assert inbound.closed_at == inbound.first_acted_at == later(hours=1)


def test_after_an_acceptance_the_verdict_stays_accepted(accepted: Prospect, sam: Any) -> None:
    reject(accepted, "student", sam)
    accepted.refresh_from_db()
    assert (accepted.verdict, accepted.stage.slug) == ("accepted", "disqualified")


@pytest.mark.parametrize("day", [None, TUESDAY.date()])
def test_not_now_needs_a_day_that_lies_ahead(inbound: Prospect, sam: Any, day: Any) -> None:
    with pytest.raises(Refused) as no:
        reject(inbound, "not-now", sam, return_on=day)
    assert no.value.missing == ["a day that lies ahead"]
    inbound.refresh_from_db()
    assert inbound.is_open and inbound.moves.count() == 1


def test_a_reason_for_losses_or_an_archived_one_is_refused(inbound: Prospect, sam: Any) -> None:
    with pytest.raises(Refused):
        reject(inbound, "price", sam)
    old = reason("spam")
    old.archived_at = TUESDAY
    with pytest.raises(Refused):
        pipeline.reject(prospect=inbound, reason=old, by=sam, at=TUESDAY)


def test_a_second_press_meets_the_first(inbound: Prospect, sam: Any) -> None:
    reject(inbound, "no-need", sam)
    with pytest.raises(Conflict, match="Returned"):
        reject(inbound, "no-need", sam)
    assert inbound.moves.count() == 2 and inbound.lead_move.lead.moves.filter(new="nurturing").count() == 1


def test_open_deals_are_lost_with_it(accepted: Prospect, sam: Any) -> None:
    deal = deals.open_deal(prospect=accepted, title="Pilot", amount=Decimal(10), by=sam, at=TUESDAY)
    reject(accepted, "no-budget", sam)
    deal.refresh_from_db()
    assert (deal.status, deal.reason.slug) == ("lost", "no-budget")


def test_only_the_owner_or_a_manager_rejects(sam: Any, sara: Any, maya: Any, nora: Any) -> None:
    prospect = make_inbound(sam)
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            reject(prospect, "no-need", stranger)
    assert not reject(prospect, "no-need", sara).is_open
