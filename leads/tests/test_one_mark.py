"""Whatever a score, a wait or a segment asks: who writes it makes the lead's row due, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.models import Channel, IdealValue, Persona, PublishedStep, Topic
from campaigns.signals import asset_reads_differently, audience_changed
from leads import consent, lifecycle, preferences
from leads.companies import company_for
from leads.enrichment import enrich_due, look_again
from leads.enrichment.testing import FakeEnricher
from leads.feedback.sunset import _stop_some
from leads.identity import fill_blanks
from leads.importing import (
    Changes,
    PastLead,
    PastOptOut,
    Source,
    become_customers,
    import_leads,
    import_opt_outs,
)
from leads.judging.touches import take_back
from leads.models import Hit, Lead, LeadScore, Touch
from leads.nurture.changes import apply
from leads.reading import measure
from leads.scoring import versions
from leads.scoring.rescore import rescore_dirty
from leads.signals import people_merged, person_erased
from leads.tests.builders import NOON, a_page, an_asset, submitted
from leads.tests.mail_world import walking
from leads.tests.scoring_world import a_company, a_good_lead, a_model, excluding, keen, touched
from leads.tracking import note_change

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)
EMAIL = "vera@maasland.example"
FOUND = {"maasland.example": {"industry": "Pumps"}}


@pytest.fixture
def lead() -> Lead:
    """Scored, nothing due."""
    a_model()
    found = a_good_lead(EMAIL)
    consent.record_consent(person=found.person, purpose="marketing", given=True, at=NOON)
    touched(found, "download", asset=an_asset())
    rescored()
    return found


def rescored() -> None:
    rescore_dirty(at=NOON)
    LeadScore.objects.update(dirty_at=None, qualifies_at=None)


def is_due(lead: Lead) -> bool:
    return LeadScore.objects.get(lead=lead).dirty_at is not None


def by_list(lead: Lead, **row) -> None:
    source = Source(name="fair", detail="list.csv", touch="event")
    entry = PastLead(
        line=1, at=NOON, channel=Channel.objects.get(slug="email").pk, email=EMAIL, email_key=EMAIL, **row
    )
    import_leads(rows=[entry], source=source, by=None, at=LATER)


def looked_up(lead: Lead) -> None:
    look_again(person=lead.person)
    assert enrich_due(at=LATER)["values"] == 1


def a_reading(lead: Lead) -> None:
    """The reading has fewer seconds in view than the beacons say."""
    hit = Hit.objects.create(kind="read", at=NOON, person=lead.person, asset=an_asset())
    touch = touched(lead, "read", asset=an_asset(), hit=hit, seconds=9)
    LeadScore.objects.update(dirty_at=None)
    assert measure([touch], at=LATER) == 1


def twice_disqualified(lead: Lead) -> None:
    lifecycle.disqualify(person=lead.person, at=LATER)
    LeadScore.objects.update(dirty_at=None)
    lifecycle.disqualify(person=lead.person, at=LATER, exclusion="student")


def given_back_again(lead: Lead) -> None:
    lifecycle.start_nurture(lead=lead, at=LATER)
    LeadScore.objects.update(dirty_at=None)
    lifecycle.return_to_nurture(person=lead.person, at=LATER)


def stopped_and_undone(lead: Lead) -> None:
    preferences.stop_all(person=lead.person, at=LATER)
    LeadScore.objects.update(dirty_at=None)
    assert preferences.undo_stop(person=lead.person, at=LATER)


def nurtured_with_many(lead: Lead) -> None:
    walk = walking(lead.person)
    Lead.objects.update(status="new")
    LeadScore.objects.update(dirty_at=None)
    assert lifecycle.start_nurture_of_many(sequence=walk.sequence, entered_at=walk.started_at, at=LATER) == 1


def changed_by_a_sequence(lead: Lead) -> None:
    walk = walking(lead.person)
    LeadScore.objects.update(dirty_at=None)
    with transaction.atomic():  # the mark does not wait for the commit
        assert apply(
            [(walk, PublishedStep(kind="change", position=1, field="country", value="NL"))], at=LATER
        )


def suppressed(lead: Lead, **how) -> None:
    consent.suppress(email_key=EMAIL, reason="sales", at=LATER, person=lead.person, **how)


def lifted(lead: Lead) -> None:
    consent.suppress(email_key=EMAIL, reason="unsubscribed", at=LATER, person=lead.person)
    LeadScore.objects.update(dirty_at=None)
    assert consent.lift_unsubscribe(person=lead.person, at=LATER) == 1


VERBS: dict[str, Callable[[Lead], object]] = {
    "a touch": lambda lead: touched(lead, "visit", LATER),
    "a touch taken back": lambda lead: take_back(list(Touch.objects.all()), at=LATER),
    "a form": lambda lead: submitted(a_page(), EMAIL, LATER),
    "time of reading": a_reading,
    "consent": lambda lead: consent.record_consent(person=lead.person, purpose="tracking", given=True, at=LATER),
    "consent taken back": lambda lead: consent.withdraw(person=lead.person, purpose="marketing", at=LATER),
    "a suppression": suppressed,
    "a suppression of a topic": lambda lead: suppressed(lead, topic=Topic.objects.first()),
    "a suppression by hash": lambda lead: consent.suppress_hash(
        email_hash=consent.email_hash("old@x.example"), reason="sales", at=LATER, person=lead.person
    ),
    "a lifted suppression": lifted,
    "topics": lambda lead: preferences.choose(
        person=lead.person, topics=[], pause_days=None, language="", at=LATER
    ),
    "language": lambda lead: preferences.choose(
        person=lead.person, topics=[], pause_days=None, language="fr", at=LATER
    ),
    "unsubscribed": lambda lead: preferences.stop_all(person=lead.person, at=LATER),
    "unsubscribed and back": stopped_and_undone,
    "an objection": lambda lead: preferences.object_to_scoring(person=lead.person, at=LATER),
    "silence": lambda lead: _stop_some([(lead.person_id, EMAIL)], LATER),
    "nurture": lambda lead: lifecycle.start_nurture(lead=lead, at=LATER),
    "nurture of many": nurtured_with_many,
    "qualified": lambda lead: lifecycle.qualify(lead=lead, way="grade", at=LATER),
    "given back": lambda lead: lifecycle.return_to_nurture(person=lead.person, at=LATER),
    "given back again": given_back_again,
    "disqualified": lambda lead: lifecycle.disqualify(person=lead.person, at=LATER),
    "disqualified as": twice_disqualified,
    "a customer": lambda lead: lifecycle.become_customer(person=lead.person, at=LATER),
    "a stage of sales": lambda lead: lifecycle.note_sales_stage(
        person=lead.person, stage="contacting", open=True, at=LATER
    ),
    "a company": lambda lead: company_for(person=lead.person, at=LATER),
    "a blank filled": lambda lead: fill_blanks(lead.person, {"country": "NL"}),
    "a value found out": looked_up,
    "a step of a sequence": changed_by_a_sequence,
    "a list": lambda lead: by_list(lead),
    "a list with a fact": lambda lead: by_list(lead, facts={"machines": "40"}),
    "a past sale": lambda lead: become_customers(
        won={lead.person_id: NOON}, detail="deals.csv", by=None, at=LATER, changes=Changes()
    ),
    "an opt-out from a file": lambda lead: import_opt_outs(
        rows=[PastOptOut(line=1, email_key=EMAIL, reason="unsubscribed", at=NOON)], evidence="x", at=LATER
    ),
    "personas": lambda lead: audience_changed.send(sender=Persona),
    "what a piece is": lambda lead: asset_reads_differently.send(sender=None, asset_id=an_asset().pk),
    "two people merged": lambda lead: people_merged.send(sender=None, keep_id=lead.person_id, gone_id=0),
    "a person erased": lambda lead: person_erased.send(sender=None, person_id=lead.person_id),
    "new rules": lambda lead: versions.publish(
        model=versions.draft_from(model=a_model(), by=None, at=LATER), by=None, at=LATER
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", VERBS)
def test_every_verb_that_writes_what_is_asked_makes_the_score_due(lead, what, monkeypatch):
    monkeypatch.setattr("leads.enrichment.run.enrichers", lambda: [FakeEnricher(FOUND)])
    other = a_good_lead("other@elsewhere.example", company=a_company("elsewhere.example"))
    rescored()
    VERBS[what](lead)
    assert is_due(lead)
    assert is_due(other) is (what in {"personas", "new rules"})


def test_taking_back_an_objection_makes_the_score_due(lead):
    preferences.object_to_scoring(person=lead.person, at=LATER)
    LeadScore.objects.update(dirty_at=None)
    preferences.allow_scoring(person=lead.person, at=LATER)
    assert is_due(lead)


def test_rescoring_makes_nothing_due_itself(lead):
    """Neither the row, nor persona, stage and exclusion, nor a verdict that is judged once more."""
    excluding("supplier", "job_title", "head")
    keen(lead)
    rescore_dirty(at=LATER)
    assert not is_due(lead)
    assert Lead.objects.get().exclusion == "supplier"
    assert rescore_dirty(at=LATER) == {}


def test_a_qualified_lead_is_looked_at_once_more_and_then_left_alone(lead):
    keen(lead)
    assert rescore_dirty(at=LATER)["qualified"] == 1
    rescore_dirty(at=LATER)
    assert rescore_dirty(at=LATER) == {}


def test_a_mark_is_undone_with_what_it_stands_for(lead):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        touched(lead, "visit", LATER)
        raise ZeroDivisionError
    assert not is_due(lead)


def test_marking_costs_two_statements_however_many_are_marked(lead, django_assert_max_num_queries):
    people = [a_good_lead(f"p{number}@x.example").person_id for number in range(9)]
    with django_assert_max_num_queries(4):  # and the two of their transactions
        note_change(person_ids=people, at=LATER)


def test_editing_who_is_wanted_makes_everybody_due(lead, maya, client):
    client.force_login(maya)
    form = {
        "name": "Ideal", "save": "1", "lines-number": 1, "lines-0-field": "job_title", "lines-0-wish": "excluded",
        "lines-0-words": "head", "lines-0-exclusion": "student",
    }  # fmt: skip
    answer = client.post("/staff/ideal-profile/", form)
    assert answer.status_code == 302
    assert IdealValue.objects.count() == 1 and is_due(lead)


def test_archiving_a_persona_makes_everybody_due(lead, maya, client):
    client.force_login(maya)
    persona = Persona.objects.create(name="Old", slug="old")
    form = {"action": "archive", "_selected_action": [persona.pk]}
    client.post("/admin/campaigns/persona/", form)
    persona.refresh_from_db()
    assert persona.archived_at is not None and is_due(lead)


def test_another_stage_of_a_piece_makes_its_readers_due(lead, maya, client):
    client.force_login(maya)
    asset = an_asset()
    page = client.get(f"/admin/campaigns/asset/{asset.pk}/change/")
    form = {
        name: value for name, value in page.context["adminform"].form.initial.items() if value is not None
    }
    form |= {"journey_stage": "decision", "published_at_0": "2026-11-18", "published_at_1": "12:00:00"}
    for name in ("file", "cover"):
        form.pop(name, None)
    answer = client.post(f"/admin/campaigns/asset/{asset.pk}/change/", form)
    assert answer.status_code == 302, answer.context["errors"]
    asset.refresh_from_db()
    assert asset.journey_stage == "decision" and is_due(lead)
