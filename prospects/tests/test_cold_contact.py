"""A cold contact is worked like everybody else and never counts as a lead or as marketing-qualified."""

from decimal import Decimal
from typing import Any

import pytest

from campaigns.errors import Refused
from leads.models import Lead, LeadMove
from prospects import handover, pipeline
from prospects.calls import log
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, reason, talk

pytestmark = pytest.mark.django_db


def test_a_cold_contact_is_called_qualified_and_won_without_counting_for_marketing(
    cold: Prospect, sam: Any
) -> None:
    talk(cold, sam)
    pipeline.move(prospect=cold, to="sales_qualified", by=sam, at=later(days=1))
    pipeline.win(prospect=cold, amount=Decimal(9000), by=sam, at=later(days=9))
    cold.refresh_from_db()
    assert cold.stage.kind == "won" and cold.sales_qualified_at == later(days=1)
    assert (cold.marketing_qualified_at, cold.verdict, cold.accepted_at) == (None, "", None)
    assert not Lead.objects.exists() and not LeadMove.objects.exists()


def test_the_first_call_brings_it_to_contacting(cold: Prospect, sam: Any) -> None:
    log.log_call(prospect=cold, outcome="voicemail", by=sam, at=TUESDAY)
    assert [move.new.slug for move in cold.moves.all()] == ["to_contact", "contacting"]


def test_it_has_no_clock_and_a_first_call_to_make(cold: Prospect, sam: Any) -> None:
    assert cold.answer_by is None
    assert cold.follow_ups.get().owner == sam
    assert cold.notes.get().text == "From the list"


def test_there_is_nothing_to_accept(cold: Prospect, sam: Any) -> None:
    with pytest.raises(Refused):
        pipeline.accept(prospect=cold, by=sam, at=TUESDAY)


def test_interested_but_not_now_becomes_a_lead_in_nurture(cold: Prospect, sam: Any) -> None:
    talk(cold, sam, bant={})
    day = later(days=90).date()
    pipeline.reject(prospect=cold, reason=reason("not-now"), return_on=day, by=sam, at=TUESDAY)
    lead = Lead.objects.get(person=cold.person)
    assert (lead.status, lead.marketing_qualified_at, cold.return_on) == ("nurturing", None, day)


@pytest.mark.parametrize("slug", ["no-need", "wrong-person", "no-budget", "bad-fit", "do-not-contact"])
def test_no_interest_makes_no_lead(cold: Prospect, sam: Any, slug: str) -> None:
    talk(cold, sam, bant={})
    pipeline.reject(prospect=cold, reason=reason(slug), by=sam, at=TUESDAY)
    assert not Lead.objects.exists() and not cold.is_open


def test_not_now_by_the_gatekeeper_is_no_interest_either(cold: Prospect, sam: Any) -> None:
    log.log_call(prospect=cold, outcome="gatekeeper", by=sam, at=TUESDAY)
    pipeline.reject(
        prospect=cold, reason=reason("not-now"), return_on=later(days=30).date(), by=sam, at=TUESDAY
    )
    assert not Lead.objects.exists()
    pipeline.return_due(at=later(days=30))
    assert Prospect.objects.open().get().origin == "outbound"


def test_a_lead_cannot_be_entered_as_cold(sam: Any) -> None:
    prospect = make_inbound(sam)
    pipeline.reject(prospect=prospect, reason=reason("no-need"), by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="lead already"):
        make_cold(sam, prospect.person)


def test_a_contact_somebody_works_on_is_refused_with_the_name(cold: Prospect, sara: Any) -> None:
    with pytest.raises(Refused, match="Sam"):
        make_cold(sara, cold.person)


def test_who_asked_for_silence_is_refused_even_without_an_address(sam: Any) -> None:
    cold = make_cold(
        sam, make_person(email="", email_key=None, phone="+41 44 555 01 48", phone_key="+41445550148")
    )
    log.log_call(prospect=cold, outcome="do_not_call", by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="not to be contacted"):
        make_cold(sam, cold.person)


def test_a_form_sent_twice_enters_one_contact(sam: Any) -> None:
    key, person = "7d7b4c6e-6a53-4c9b-8f3b-0d8f1f6c2a11", make_person()
    first, second = (
        handover.open_cold(person=person, owner=sam, at=TUESDAY, by=sam, note="x", submit_key=key)
        for _ in range(2)
    )
    assert first == second and first.notes.count() == 1
