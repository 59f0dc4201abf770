"""Accepting is the owner's verdict on a handover, given once."""

from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from prospects import pipeline
from prospects.models import Account, Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_person, reason

pytestmark = pytest.mark.django_db


def test_accepting_starts_the_work_and_stops_the_clock(inbound: Prospect, sam: Any) -> None:
    pipeline.accept(prospect=inbound, by=sam, at=later(minutes=5))
    inbound.refresh_from_db()
    assert (inbound.stage.slug, inbound.verdict) == ("contacting", "accepted")
    assert inbound.accepted_at == inbound.first_acted_at == later(minutes=5)


def test_a_second_verdict_meets_the_first(accepted: Prospect, sam: Any) -> None:
    with pytest.raises(Conflict, match="Contacting"):
        pipeline.accept(prospect=accepted, by=sam, at=TUESDAY)
    assert accepted.moves.count() == 2


def test_who_looks_at_an_old_page_loses_and_sees_the_new_state(inbound: Prospect, sam: Any) -> None:
    stale = Prospect.objects.get(pk=inbound.pk)
    pipeline.reject(prospect=inbound, reason=reason("student"), by=sam, at=TUESDAY)
    with pytest.raises(Conflict, match="Disqualified"):
        pipeline.accept(prospect=stale, by=sam, at=TUESDAY)


def test_only_the_owner_or_a_manager_accepts(sam: Any, sara: Any, maya: Any, nora: Any) -> None:
    prospect = make_inbound(sam)
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            pipeline.accept(prospect=prospect, by=stranger, at=TUESDAY)
    assert pipeline.accept(prospect=prospect, by=sara, at=TUESDAY).verdict == "accepted"


def test_a_prospect_of_nobody_must_be_taken_first(sam: Any) -> None:
    prospect = make_inbound(None)
    with pytest.raises(Refused) as no:
        pipeline.accept(prospect=prospect, by=sam, at=TUESDAY)
    assert no.value.missing == ["an owner"]
    pipeline.take(prospect=prospect, by=sam, at=TUESDAY)
    assert pipeline.accept(prospect=prospect, by=sam, at=TUESDAY).owner == sam


def test_only_sales_takes_and_only_one_of_them(sam: Any, sara: Any, maya: Any, nora: Any) -> None:
    prospect = make_inbound(None)
    for stranger in (maya, nora):
        with pytest.raises(Refused):
            pipeline.take(prospect=prospect, by=stranger, at=TUESDAY)
    pipeline.take(prospect=prospect, by=sam, at=TUESDAY)
    with pytest.raises(Conflict, match="Sam"):
        pipeline.take(prospect=prospect, by=sara, at=TUESDAY)


def test_only_a_manager_assigns_and_only_to_sales(
    inbound: Prospect, sam: Any, sara: Any, maya: Any, nora: Any
) -> None:
    for stranger in (sam, maya, nora):
        with pytest.raises(Refused):
            pipeline.assign(prospect=inbound, owner=sara, by=stranger, at=TUESDAY)
    with pytest.raises(Refused, match="does not work prospects"):
        pipeline.assign(prospect=inbound, owner=maya, by=sara, at=TUESDAY)
    assert pipeline.assign(prospect=inbound, owner=sara, by=sara, at=TUESDAY).owner == sara


def test_the_account_gets_the_rep_who_accepts(sam: Any, sara: Any, company: Any) -> None:
    one = make_inbound(sam, make_person(company=company))
    pipeline.accept(prospect=one, by=sam, at=TUESDAY)
    assert Account.objects.get(company=company).owner == sam
    two = make_inbound(sara, make_person(company=company))
    pipeline.accept(prospect=two, by=sara, at=TUESDAY)
    assert Account.objects.get(company=company).owner == sam
