"""One statement and row by row leave the same tables (PostgreSQL, where both writers work)."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction

from campaigns.models import ConsentText, FormField
from leads.capture import Stated, capture, door
from leads.capture.rows import write_each
from leads.capture.statement import write_at_once
from leads.consent import suppress
from leads.models import (
    ConsentEvent,
    Door,
    Enrolment,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    Message,
    Person,
    Submission,
    Touch,
    WorkRequest,
)
from leads.tests.builders import NOON, a_campaign, a_lead, a_page, a_sequence
from leads.tracking import VisitContext

pytestmark = pytest.mark.django_db
MODELS = (
    Person, Submission, Touch, Lead, LeadMove, LeadScore, ConsentEvent, Fact, Message, WorkRequest, Enrolment,
)  # fmt: skip
RANDOM = {"message_id"}  # made anew with each row
FORMS = 200


class World:
    """Pages of every kind, and people in every state; the same rows for both writers."""

    def __init__(self, maya):
        self.maya = maya
        sequence = a_sequence()
        tracking = ConsentText.objects.filter(purpose="tracking").first()
        self.pages = [
            a_page("paper", sequence=sequence, tracking_text=tracking),
            a_page("opt-in", sequence=sequence, double_opt_in=True),
            a_page("demo", inquiry="demo"),
            a_page("plain", consent_text=None, asset=None),
        ]
        for page in self.pages:
            for name in ("last_name", "phone", "job_title", "company_size"):
                FormField.objects.create(page=page, maps_to=name, required=False, order=9)
        self.fair = a_campaign("fair", channel="offline-event")
        a_lead("customer@firm.example").person.lead.__class__.objects.update(status="customer")
        a_lead("busy@firm.example")
        Person.objects.filter(email_key="busy@firm.example").update(sales_open=True)
        stayed = a_lead("stayed@firm.example").person
        Person.objects.create(email_key="gone@firm.example", email="gone@firm.example", merged_into=stayed)
        Person.objects.create(email_key="won@firm.example", email="won@firm.example", sales_stage="won")
        for name in ("stopped", "busy"):
            suppress(email_key=f"{name}@firm.example", reason="unsubscribed", at=NOON)
        self.known = stayed

    def send(self, number: int, die: Random) -> None:
        at = NOON + timedelta(minutes=number)
        names = ["customer", "busy", "gone", "won", "stopped", "stayed", *(f"new{n}" for n in range(60))]
        answers = {"email": f"{die.choice(names)}@firm.example"}
        said = {
            "first_name": ["Ada", "Bea"], "company": ["Firm", "Firm AG"],
            "phone": [f"+41 44 668 18 {number % 90 + 10}"], "message": ["Hello"], "country": ["CH"],
            "company_size": ["50"], "custom_plant": ["Östersund"],
        }  # fmt: skip
        answers |= {name: die.choice(values) for name, values in said.items() if die.random() < 0.5}
        if die.random() < 0.05:
            answers = {"phone": f"+41 44 668 19 {number % 20 + 10}", "first_name": "Zoe"}
        page = die.choice(self.pages)
        texts = [text for text in (page.consent_text, page.tracking_text) if text and die.random() < 0.6]
        more = {"page": page, "consents": texts, "nonce": f"n{number // 2}" if die.random() < 0.9 else ""}
        if number % 11 == 0:
            stated = [Stated(purpose="marketing", basis="at the stand", at=at)] if die.random() < 0.5 else []
            more = {"page": None, "consents": stated, "nonce": "fair", "door": Door.EVENT, "campaign": self.fair,
                    "label": "Fair", "by": self.maya, "now": at + timedelta(hours=3)}  # fmt: skip
        elif number % 13 == 0:
            more |= {"known": self.known}
            answers.pop("email", None)
        elif number % 17 == 0:
            more |= {"suspicions": ["too fast"]}
        utm = (
            {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "bearing-paper"}
            if number % 3
            else {}
        )
        visit = VisitContext(
            url="https://a.example/?ü=1", utm=utm, ip="192.0.2.7", agent="Firefox", referrer=""
        )
        capture(answers=answers, visit=visit, at=at, **more)


def _tables() -> dict[str, list[dict]]:
    """Every row by its fields; a relation to one of these tables is told by the row's place, not by its id."""
    rows = {model: list(model.objects.order_by("pk")) for model in MODELS}
    place = {(model, row.pk): number for model, found in rows.items() for number, row in enumerate(found)}
    return {model.__name__: [_row(row, place) for row in found] for model, found in rows.items()}


def _row(row, place) -> dict:
    found = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if (field.primary_key and not field.is_relation) or field.name in RANDOM:
            continue
        if field.is_relation and field.related_model in MODELS and value is not None:
            value = place[(field.related_model, value)]
        if field.name == "key":
            word, _, pk = value.partition(":")
            value = (word, place[(Submission, int(pk))])
        found[field.attname] = value
    return found


def _written_by(writer, world, monkeypatch) -> dict[str, list[dict]]:
    monkeypatch.setattr(door, "_write", writer)
    die = Random(7)
    try:
        with transaction.atomic():
            for number in range(FORMS):
                world.send(number, die)
            found = _tables()
            raise InterruptedError
    except InterruptedError:
        return found


def test_two_hundred_forms_leave_the_same_tables_by_either_writer(maya, monkeypatch):
    assert connection.vendor == "postgresql"
    world = World(maya)
    at_once, one_by_one = (_written_by(w, world, monkeypatch) for w in (write_at_once, write_each))
    for name in at_once:
        assert at_once[name] == one_by_one[name], name
    assert len(at_once["Touch"]) > 100 and len(at_once["Enrolment"]) > 10
    assert {row["state"] for row in at_once["Submission"]} == {"accepted", "quarantined"}
    assert all(at_once[model.__name__] for model in MODELS)


def test_the_statement_runs_outside_of_any_transaction_and_is_whole(maya, transactional_db):
    """Its own transaction: a table that takes no row stands for a full disk."""
    page = a_page("alone", sequence=a_sequence("alone"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_enrolment ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    try:
        with pytest.raises(Exception, match="full_disk"):
            capture(page=page, answers={"email": "a@firm.example"}, consents=[page.consent_text],
                    visit=VisitContext(), nonce="n", at=NOON)  # fmt: skip
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE leads_enrolment DROP CONSTRAINT full_disk")
    assert not Person.objects.exists() and not Submission.objects.exists()
