"""Persona and journey stage on the lead page: each says why, a colleague may set them, and may take that back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import Refused
from campaigns.models import Persona, PersonaRule
from leads.lifecycle import make_lead
from leads.models import Company, Fact, JourneyRule, Lead, LeadScore, Person, ScoringModel
from leads.scoring.panel import receipts_for
from leads.scoring.rescore import rescore
from leads.scoring.standing import by_hand, set_by_hand
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, touched
from leads.views.standing import standing_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def personas() -> tuple[Persona, Persona]:
    a_model()
    quality = Persona.objects.create(name="Quality lead", slug="quality", title_words="quality")
    return quality, Persona.objects.create(name="Plant manager", slug="plant", title_words="plant manager")


@pytest.fixture
def lead(personas: Any) -> Lead:
    return scored(a_good_lead(job_title="Plant Manager North"))


def scored(lead: Lead) -> Lead:
    rescore(lead_ids=[lead.pk], at=timezone.now())
    return Lead.objects.for_list().get(pk=lead.pk)


def lines(lead: Lead) -> list[tuple[str, str]]:
    told = standing_lines(lead, receipts_for(lead, timezone.now()))
    return [(str(line.value), line.why) for line in told]


def post(client: Client, lead: Lead, field: str, value: str) -> Any:
    where = reverse("staff-lead-standing", args=[lead.person_id])
    return client.post(where, {"field": field, "value": value})


def test_the_word_of_the_title_is_the_receipt_of_a_persona(lead: Lead) -> None:
    assert lines(lead)[0] == ("Plant manager", "the job title holds “plant manager”")


def test_a_rule_of_a_persona_says_what_it_held_for(personas: Any) -> None:
    PersonaRule.objects.create(persona=personas[0], field="industry", words="gears")
    lead = a_good_lead(job_title="Buyer")
    Person.objects.filter(pk=lead.person_id).update(
        company=Company.objects.create(name="Works", industry="Gears")
    )
    assert lines(scored(lead))[0] == ("Quality lead", "industry: Gears")


def test_a_stage_names_the_touch_that_reached_it_and_its_day(lead: Lead) -> None:
    JourneyRule.objects.create(
        model=ScoringModel.objects.get(state="live"), stage="decision", touch_kind="inquiry"
    )
    touched(lead, "inquiry", NOON, label="Demo")
    assert lines(scored(lead))[1] == ("decision", "asked for contact “Demo”, 18 Nov")


def test_what_nothing_tells_is_unknown_and_says_so(personas: Any) -> None:
    lead = scored(a_good_lead(job_title="Buyer"))
    assert lines(lead) == [
        ("", "no word of the title and no rule tells it"),
        ("", "no touch tells it yet"),
    ]


def test_who_may_set_a_persona(client: Client, lead: Lead, maya: Any, sam: Any, nora: Any) -> None:
    for user, status in ((sam, 403), (nora, 403), (maya, 302)):
        client.force_login(user)
        assert post(client, lead, "persona", "quality").status_code == status, user
    assert Fact.objects.filter(field="persona").count() == 1


def test_a_persona_set_by_hand_beats_the_title_and_names_its_setter(
    client: Client, lead: Lead, maya: Any
) -> None:
    client.force_login(maya)
    post(client, lead, "persona", "quality")
    assert LeadScore.objects.get(lead=lead).dirty_at is not None
    lead = scored(lead)
    assert lead.persona is not None
    assert lead.persona.slug == "quality"
    value, why = lines(lead)[0]
    assert (value, why.startswith("set by Maya Brunner, ")) == ("Quality lead", True)
    page = client.get(reverse("staff-lead", args=[lead.person_id])).content.decode()
    assert "set by Maya Brunner" in page
    assert "Back to the rules" in page


def test_posting_it_twice_writes_one_fact(client: Client, lead: Lead, maya: Any) -> None:
    client.force_login(maya)
    for _again in range(2):
        assert post(client, lead, "journey_stage", "decision").status_code == 302
    assert Fact.objects.filter(field="journey_stage").count() == 1
    assert scored(lead).journey_stage == "decision"


def test_back_to_the_rules_lets_them_decide_anew(client: Client, lead: Lead, maya: Any) -> None:
    client.force_login(maya)
    for field, value in (("persona", "quality"), ("journey_stage", "decision")):
        post(client, lead, field, value)
    assert scored(lead).persona_id is not None
    for _again in range(2):
        for field in ("persona", "journey_stage"):
            post(client, lead, field, "")
    lead = scored(lead)
    assert lines(lead)[0] == ("Plant manager", "the job title holds “plant manager”")
    assert lines(lead)[1] == ("", "no touch tells it yet")
    assert by_hand(lead.person) == {}
    assert Fact.objects.filter(field="persona").count() == 2


def test_a_value_that_does_not_exist_is_refused_in_words(client: Client, lead: Lead, maya: Any) -> None:
    client.force_login(maya)
    for field, value in (("persona", "nobody"), ("journey_stage", "soon"), ("email", "x@y.example")):
        page = client.post(
            reverse("staff-lead-standing", args=[lead.person_id]),
            {"field": field, "value": value},
            follow=True,
        )
        assert "Choose one of the list" in page.content.decode()
    assert not Fact.objects.filter(value__in=("nobody", "soon")).exists()
    assert not Fact.objects.filter(field="email", source="staff").exists()


def test_an_archived_persona_can_be_kept_but_not_chosen(lead: Lead, personas: Any, maya: Any) -> None:
    Persona.objects.filter(slug="plant").update(archived_at=timezone.now())
    with pytest.raises(Refused):
        set_by_hand(person=lead.person, field="persona", value="plant", by=maya, at=timezone.now())
    assert lines(lead)[0][0] == "Plant manager"


def test_a_cold_contact_has_no_persona_to_set(client: Client, maya: Any) -> None:
    person = Person.objects.create(email_key="cold@works.example")
    client.force_login(maya)
    assert client.post(reverse("staff-lead-standing", args=[person.pk]), {}).status_code == 404


def test_what_was_set_by_hand_is_no_second_line_of_the_facts(client: Client, lead: Lead, maya: Any) -> None:
    set_by_hand(
        person=lead.person, field="persona", value="quality", by=maya, at=timezone.now() - timedelta(days=1)
    )
    client.force_login(maya)
    facts = client.get(reverse("staff-lead", args=[lead.person_id])).context["facts"]
    assert "persona" not in [fact.key for fact in facts]


def test_an_objector_keeps_what_was_known_and_the_page_says_why(
    client: Client, lead: Lead, maya: Any
) -> None:
    Person.objects.filter(pk=lead.person_id).update(no_profiling=True)
    client.force_login(maya)
    page = client.get(reverse("staff-lead", args=[lead.person_id])).content.decode()
    assert "this person objected" in page
    assert make_lead(person=lead.person, at=NOON, way="capture").persona_id == lead.persona_id
