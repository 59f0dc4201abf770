"""Stages are data: what each may ask for, who may enter, and how long somebody may stay."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.errors import Refused
from campaigns.models import CustomField
from leads.models import Fact
from prospects import meetings, pipeline
from prospects.models import Deal, Prospect, Stage, StageMove
from prospects.stages import stage_named, too_long
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, reason, talk

pytestmark = pytest.mark.django_db


def asks(slug: str, needs: str, field: str = "") -> Stage:
    stage = Stage.objects.get(slug=slug)
    stage.rules.create(needs=needs, field=field)
    return stage


def refusal(prospect: Prospect, by: Any, to: str) -> list[str]:
    with pytest.raises(Refused) as no:
        pipeline.move(prospect=prospect, to=to, by=by, at=later(hours=1))
    prospect.refresh_from_db()
    return no.value.missing


def test_a_stage_can_ask_for_a_meeting_that_was_held(accepted: Prospect, sam: Any) -> None:
    asks("sales_qualified", "meeting_held")
    talk(accepted, sam)
    assert refusal(accepted, sam, "sales_qualified") == ["a meeting that was held"]
    meeting = meetings.book_meeting(prospect=accepted, starts_at=later(days=1), by=sam, at=TUESDAY)
    meetings.close_meeting(meeting=meeting, outcome="held", by=sam, at=later(days=1))
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=later(days=1))


def test_a_stage_can_ask_for_the_verdict(inbound: Prospect, sam: Any) -> None:
    """Else a step forward is the verdict."""
    asks("sales_qualified", "verdict")
    talk(inbound, sam)
    assert refusal(inbound, sam, "sales_qualified") == ["the verdict “accepted”"]
    pipeline.accept(prospect=inbound, by=sam, at=TUESDAY)
    pipeline.move(prospect=inbound, to="sales_qualified", by=sam, at=TUESDAY)


def test_a_cold_contact_has_no_verdict_to_wait_for(cold: Prospect, sam: Any) -> None:
    asks("sales_qualified", "verdict")
    talk(cold, sam)
    pipeline.move(prospect=cold, to="sales_qualified", by=sam, at=TUESDAY)


@pytest.mark.parametrize(
    "field", ["phone", "industry", "person.plant", "company.tier", "prospect.line", "deal.volume"]
)
def test_a_stage_can_ask_for_a_fact_wherever_it_is_kept(
    accepted: Prospect, sam: Any, company: Any, field: str
) -> None:
    entity, _dot, key = field.partition(".")
    if key:
        CustomField.objects.create(entity=entity, key=key, label="The word")
    asks("contacting", "fact", field)
    person = accepted.person
    type(person).objects.filter(pk=person.pk).update(company=company, phone="")
    type(company).objects.update(industry="")
    other = make_inbound(sam, person=make_person(company=company))
    words = {"phone": "Phone", "industry": "Industry"}.get(field, "The word")
    assert refusal(other, sam, "contacting") == [f"{words}, known"]
    know(other, field)
    pipeline.move(prospect=other, to="contacting", by=sam, at=TUESDAY)


def know(prospect: Prospect, field: str) -> None:
    """Keep a value where this field lives."""
    person = prospect.person
    match field.split("."):
        case ["phone"]:
            type(person).objects.filter(pk=person.pk).update(phone="+41 44 000 00 00")
        case ["industry"]:
            Fact.objects.create(person=person, field="industry", value="Gears", source="said")
        case ["person", key]:
            Fact.objects.create(person=person, field=f"custom_{key}", value="yes", source="said")
        case ["company", key]:
            type(person.company).objects.filter(pk=person.company_id).update(custom={key: "gold"})
        case ["prospect", key]:
            Prospect.objects.filter(pk=prospect.pk).update(custom={key: "b"})
        case ["deal", key]:
            Deal.objects.create(prospect=prospect, custom={key: 0})


def test_accepting_asks_for_what_contacting_asks(inbound: Prospect, sam: Any) -> None:
    asks("contacting", "fact", "phone")
    with pytest.raises(Refused) as no:
        pipeline.accept(prospect=inbound, by=sam, at=TUESDAY)
    assert no.value.missing == ["Phone, known"]


def test_no_leap_leads_around_what_contacting_asks(inbound: Prospect, sam: Any) -> None:
    talk(inbound, sam)
    asks("contacting", "fact", "phone")
    assert refusal(inbound, sam, "sales_qualified") == ["Phone, known"]
    assert inbound.moves.count() == 1


def test_only_a_manager_moves_somebody_to_a_stage_kept_for_managers(
    accepted: Prospect, sam: Any, sara: Any
) -> None:
    Stage.objects.filter(slug="sales_qualified").update(managers_only=True)
    talk(accepted, sam)
    assert refusal(accepted, sam, "sales_qualified") == ["a manager"]
    assert refusal(accepted, sam, "negotiation") == ["a manager", "budget, known"][:1]
    pipeline.move(prospect=accepted, to="sales_qualified", by=sara, at=TUESDAY)


def test_new_rules_leave_those_who_stand_there_alone(accepted: Prospect, sam: Any) -> None:
    asks("contacting", "fact", "phone")
    Stage.objects.filter(slug="contacting").update(limit_days=1)
    talk(accepted, sam)
    pipeline.move(prospect=accepted, to="sales_qualified", by=sam, at=TUESDAY)
    assert accepted.moves.count() == 3


def test_from_an_archived_stage_one_moves_on_and_nobody_enters(accepted: Prospect, sam: Any) -> None:
    Stage.objects.filter(slug="negotiation").update(archived_at=TUESDAY)
    with pytest.raises(Refused):
        pipeline.move(prospect=accepted, to="negotiation", by=sam, at=TUESDAY)
    Prospect.objects.filter(pk=accepted.pk).update(stage=Stage.objects.get(slug="negotiation"))
    standing = Prospect.objects.get(pk=accepted.pk)
    pipeline.reject(prospect=standing, reason=reason("bad-fit"), by=sam, at=TUESDAY)
    assert standing.stage.kind == "disqualified"


def test_whoever_stays_beyond_the_limit_of_the_stage_is_too_long(accepted: Prospect, sam: Any) -> None:
    make_cold(sam)  # stands in a stage without a limit
    Stage.objects.filter(slug="contacting").update(limit_days=3)
    late = TUESDAY + timedelta(days=3, seconds=1)
    assert not Prospect.objects.filter(too_long(late - timedelta(seconds=2))).exists()
    assert list(Prospect.objects.filter(too_long(late))) == [accepted]


def test_a_verdict_names_the_agreement_it_was_given_under(inbound: Prospect, sam: Any) -> None:
    other = make_inbound(sam, make_person())
    pipeline.reject(prospect=other, reason=reason("student"), by=sam, at=TUESDAY)
    pipeline.accept(prospect=inbound, by=sam, at=TUESDAY)
    pipeline.reject(prospect=inbound, reason=reason("no-need"), by=sam, at=TUESDAY)
    told = [(move.new.slug, move.agreement is None) for move in StageMove.objects.order_by("pk")]
    assert told == [
        ("to_contact", True), ("to_contact", True), ("disqualified", False), ("contacting", False),
        ("returned", True),
    ]  # fmt: skip


def test_the_stages_named_by_verbs_are_there(db: None) -> None:
    pipeline_of = Stage.objects.first().pipeline
    assert stage_named(pipeline_of, "contacting").slug == "contacting"
    with pytest.raises(Refused):
        stage_named(pipeline_of, "nowhere")
