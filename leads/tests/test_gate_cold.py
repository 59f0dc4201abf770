"""A cold contact may be written to one to one, on a written ground, a few times; marketing mail never reaches them."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from django.core import mail as post
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from campaigns.models import Channel, PublishedWords, Sequence
from leads.consent import MARKETING, record_consent, suppress
from leads.lifecycle import make_lead
from leads.models import ContactBasis, Enrolment, LeadMove, Message, Person, TouchKind
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.preferences import stop_all
from leads.sending import gate, letters, preview
from leads.sending.delivery import deliver_due
from leads.sending.gate import Why, contacts, may_send
from leads.sending.gate.why import why
from leads.tests.builders import NOON, a_sequence
from leads.tests.mail_world import due_mails, fresh
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOURCE = "list Machine builders, trade fair 2026"


@pytest.fixture(autouse=True)
def no_distance(settings):
    settings.NURTURE_GAP_HOURS = 0


def a_cold_contact(email: str = "cold@werk.example", **columns) -> Person:
    """Somebody without a lead on whom sales work."""
    return Person.objects.create(email=email, email_key=email, created_at=NOON, sales_open=True, **columns)


def a_ground(
    person: Person, source: str = SOURCE, at: datetime = NOON, kind: str = "interest"
) -> ContactBasis:
    return ContactBasis.objects.create(person=person, kind=kind, why="They scrap parts", source=source, at=at)


def a_cadence(mails: int = 2) -> Sequence:
    return Sequence.objects.filter(slug="cadence").first() or a_sequence("cadence", mails, "prospects")


def a_cold_mail(person: Person, mails: int = 2) -> Message:
    enrol(person=person, sequence=a_cadence(mails), at=NOON)
    advance(at=NOON)
    return fresh(Message.objects.get(person=person, enrolment__isnull=False))


def went_out(person: Person, number: int, kind: str = "sequence", at: datetime = NOON - 30 * DAY) -> None:
    for one in range(number):
        key = f"{person.pk}:{kind}:{one}:{at}"
        Message.objects.create(
            key=key, message_id=f"<{key}@x>", kind=kind, person=person, state="sent", due_at=at,
            claimed_at=at + one * DAY,
        )  # fmt: skip


def test_without_a_ground_nothing_goes():
    assert may_send(a_cold_mail(a_cold_contact()), NOON).reason == Why.NO_CONTACT_BASIS


def test_the_ground_is_named_with_its_source_and_its_day():
    person = a_cold_contact()
    a_ground(person)
    assert may_send(a_cold_mail(person), NOON).ground == f"legitimate interest, {SOURCE}, 2026-11-18"


def test_the_latest_ground_counts():
    person = a_cold_contact()
    a_ground(person, at=NOON)
    a_ground(person, "business card", NOON - DAY, kind="customer")
    assert SOURCE in may_send(a_cold_mail(person), NOON).ground


def test_a_long_source_is_cut_and_the_day_stays():
    person = a_cold_contact()
    a_ground(person, "x" * 200)
    ground = may_send(a_cold_mail(person), NOON).ground
    assert len(ground) == 120 and ground.endswith("x, 2026-11-18")


@pytest.mark.parametrize("kind", ContactBasis.Kind.values)
def test_every_ground_is_known_as_a_cold_one(kind):
    person = a_cold_contact()
    a_ground(person, kind=kind)
    assert contacts.is_cold(may_send(a_cold_mail(person), NOON).ground)


def test_who_became_a_lead_needs_consent_or_a_conversation():
    person = a_cold_contact()
    a_ground(person)
    make_lead(person=person, at=NOON, way=LeadMove.Way.SALES)
    assert may_send(a_cold_mail(person), NOON).reason == Why.NO_CONVERSATION


def test_whom_sales_no_longer_work_on_gets_nothing():
    person = a_cold_contact()
    a_ground(person)
    mail = a_cold_mail(person)
    Person.objects.update(sales_open=False)
    assert not may_send(fresh(mail), NOON).allowed


def object_by_consent(person: Person) -> None:
    record_consent(person=person, purpose=MARKETING, given=False, at=NOON - DAY)


def object_by_suppression(person: Person) -> None:
    suppress(email_key=person.email_key or "", person=person, reason="sales", at=NOON)


def object_by_link(person: Person) -> None:
    stop_all(person=person, at=NOON)


@pytest.mark.parametrize("objects", [object_by_consent, object_by_suppression, object_by_link])
def test_an_objection_ends_it_even_where_a_ground_is_written_later(objects):
    person = a_cold_contact()
    mail = a_cold_mail(person)
    objects(person)
    a_ground(person, at=NOON + DAY)
    Message.objects.update(state="scheduled")
    Enrolment.objects.update(state="active")
    assert not may_send(fresh(mail), NOON + DAY).allowed


@pytest.mark.parametrize("kind", ["sequence", "one"])
def test_five_mails_without_an_answer_are_enough(kind):
    person = a_cold_contact()
    a_ground(person)
    mail = a_cold_mail(person)
    went_out(person, contacts.MOST_UNANSWERED - 1, kind)
    assert may_send(mail, NOON).allowed
    went_out(person, 1, kind, NOON - 20 * DAY)
    assert may_send(mail, NOON).reason == Why.TOO_MANY_UNANSWERED


def test_an_answer_begins_the_count_again():
    person = a_cold_contact()
    a_ground(person)
    went_out(person, contacts.MOST_UNANSWERED, at=NOON - 300 * DAY)
    channel = Channel.objects.get(slug="email")
    record_touch(person=person, kind=TouchKind.REPLY, at=NOON - 200 * DAY, channel=channel)
    assert may_send(a_cold_mail(person), NOON).ground.startswith("legitimate interest")


def test_who_answered_lately_is_in_a_conversation():
    person = a_cold_contact()
    a_ground(person)
    went_out(person, 9)
    record_touch(person=person, kind=TouchKind.REPLY, at=NOON, channel=Channel.objects.get(slug="email"))
    assert may_send(a_cold_mail(person), NOON).ground.startswith("open conversation")


def test_a_simulated_clock_counts_its_own_mails():
    person = a_cold_contact()
    a_ground(person)
    mail = a_cold_mail(person)
    known = dataclasses.replace(gate.load([mail], NOON), most_a_week=99)
    for _mail in range(contacts.MOST_UNANSWERED):
        assert gate.judge(mail, known, NOON).allowed
        gate.sent(known, mail, NOON)
    assert gate.judge(mail, known, NOON).reason == Why.TOO_MANY_UNANSWERED


def questions(mails: list[Message]) -> int:
    with CaptureQueriesContext(connection) as asked:
        gate.load(mails, NOON)
    return len(asked)


def test_other_flows_ask_not_one_question_more():
    gate.load(due_mails(1), NOON)  # what a process asks once
    whole = Message.objects.select_related("person", "enrolment__sequence")
    leads = list(whole)
    for number in range(3):
        a_ground(a_cold_contact(f"cold{number}@werk.example"))
    usual = questions(leads)
    with CaptureQueriesContext(connection) as asked:
        gate.load(leads, NOON)
    assert not any("leads_contactbasis" in each["sql"] for each in asked)
    for person in Person.objects.filter(sales_open=True):
        enrol(person=person, sequence=a_cadence(), at=NOON)
    advance(at=NOON)
    cold = list(whole.filter(person__sales_open=True))
    assert len(cold) == 3
    assert questions([*leads, *cold]) == questions([*leads, cold[0]]) == usual + 3  # answers, grounds, mails


def test_why_page_says_on_what_ground_and_why_not():
    person = a_cold_contact()
    mail = a_cold_mail(person)
    assert why(person=person, sequence=a_cadence(), at=NOON)[0].words.endswith(Why.NO_CONTACT_BASIS)
    a_ground(person)
    Message.objects.filter(pk=mail.pk).update(
        state="sent", ground=may_send(fresh(mail), NOON).ground, ended_at=NOON
    )
    assert f"legitimate interest, {SOURCE}" in why(person=person, sequence=a_cadence(), at=NOON)[0].words


# What the mail itself says (GDPR art. 14).


def the_letter(person: Person, language: str = "en") -> letters.Letter:
    mail = a_cold_mail(person)
    PublishedWords.objects.update(language=language)
    mail = fresh(mail)
    mail.ground = may_send(mail, NOON).ground
    return letters.letter(mail, NOON)


@pytest.mark.parametrize(
    ("language", "says", "stops"),
    [
        ("en", "We have your address from: list Machine", "Unsubscribe"),
        ("de", "Ihre Adresse haben wir von: list Machine", "Abmelden"),
        ("fr", "Votre adresse nous vient de : list Machine", "Se désinscrire"),
        ("it", "Abbiamo il Suo indirizzo da: list Machine", "Disiscriversi"),
        ("es", "Tenemos su dirección de: list Machine", "Darse de baja"),
    ],
)
def test_a_cold_mail_says_where_the_address_comes_from_and_how_to_object(language, says, stops):
    person = a_cold_contact()
    a_ground(person)
    letter = the_letter(person, language)
    with translation.override("en"):
        for words in (letter.text.replace("\n", " "), letter.html):
            assert says in words and stops in words
    assert "List-Unsubscribe" in letter.headers


def test_a_source_is_words_and_nothing_else():
    person = a_cold_contact(first_name="Ann")
    a_ground(person, "{{ person.first_name }} <b>fair</b> {% x %} \"'\n木")
    letter = the_letter(person)
    assert "&lt;b&gt;fair&lt;/b&gt;" in letter.html and "<b>fair" not in letter.html
    assert "{{ person.first_name }}" in letter.text and "木" in letter.text
    assert "Ann &lt;b" not in letter.html


def test_who_wrote_to_us_reads_that_they_did():
    person = a_cold_contact()
    a_ground(person)
    record_touch(person=person, kind=TouchKind.REPLY, at=NOON, channel=Channel.objects.get(slug="email"))
    words = the_letter(person).text
    assert "because you wrote to us" in words and SOURCE not in words


def test_a_preview_for_a_cold_contact_reads_as_the_mail_will():
    person = a_cold_contact()
    a_ground(person)
    words = a_cadence().versions.get().steps.first().words.get()
    assert SOURCE in preview.draft(words, person, sequence=a_cadence()).text
    assert "you agreed" in preview.draft(words, None, sequence=a_cadence()).text


def test_it_goes_out_by_the_usual_way_with_its_ground_kept(settings):
    person = a_cold_contact()
    a_ground(person)
    mail = a_cold_mail(person)
    deliver_due(at=NOON)
    assert (fresh(mail).state, fresh(mail).ground[:19]) == ("sent", "legitimate interest")
    assert SOURCE in post.outbox[0].body.replace("\n", " ")
