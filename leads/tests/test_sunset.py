"""Silence for months is asked about once, and then respected."""

from datetime import timedelta

import pytest

from campaigns.models import Channel, SendingPolicy
from leads import preferences
from leads.consent import MARKETING, is_suppressed, record_consent, suppression_of
from leads.feedback.sunset import ask_or_stop
from leads.models import Enrolment, Lead, Message, Person, Suppression, TopicChoice
from leads.sending.gate import may_send
from leads.tests.builders import NOON, a_lead, a_sequence
from leads.tokens import unsubscribe_token
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
LONG_AGO = NOON - timedelta(days=800)
OVER = NOON + timedelta(days=31)


@pytest.fixture
def asks():
    sequence = a_sequence("still-there", mails=1)
    SendingPolicy.objects.update_or_create(
        pk=1, defaults={"sunset_months": 12, "sunset_days": 30, "sunset_sequence": sequence}
    )
    return sequence


def silent(email: str = "piet@maasland.example", since=LONG_AGO) -> Person:
    person = a_lead(email, since).person
    record_consent(person=person, purpose=MARKETING, given=True, at=since)
    return person


def touched(person: Person, kind: str, at):
    record_touch(person=person, kind=kind, at=at, channel=Channel.objects.get(slug="email"))


def asked_by_mail(person: Person, asks, at=NOON) -> Enrolment:
    """Let in, and the question went out."""
    ask_or_stop(at=at)
    walk = Enrolment.objects.get(person=person, sequence=asks)
    Message.objects.create(
        key=f"m{person.pk}", message_id=f"<m{person.pk}@x>", kind="sequence", person=person, enrolment=walk,
        step=walk.version.steps.get(), due_at=at, claimed_at=at, ended_at=at, state="sent",
    )  # fmt: skip
    return walk


def test_nobody_is_asked_where_no_sequence_asks():
    silent()
    assert ask_or_stop(at=NOON) == {}


def test_who_gave_no_sign_for_a_year_is_asked_once(asks):
    person = silent()
    assert ask_or_stop(at=NOON) == {"asked": 1, "stopped": 0}
    assert ask_or_stop(at=NOON + timedelta(days=1)) == {"asked": 0, "stopped": 0}
    assert Enrolment.objects.get().person == person


@pytest.mark.parametrize("kind", ["click", "form", "reply", "visit", "download"])
def test_a_sign_within_the_year_is_enough(asks, kind):
    touched(silent(), kind, NOON - timedelta(days=300))
    assert ask_or_stop(at=NOON)["asked"] == 0


def test_an_opened_mail_is_no_sign(asks):
    touched(silent(), "open", NOON - timedelta(days=3))
    assert ask_or_stop(at=NOON)["asked"] == 1


def test_a_choice_on_their_own_page_is_a_sign(asks):
    person = silent()
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON - timedelta(days=3))
    assert ask_or_stop(at=NOON)["asked"] == 0


@pytest.mark.parametrize("who", ["with sales", "customer", "new", "no consent", "erased"])
def test_these_are_never_asked(asks, who):
    person = silent(since=NOON - timedelta(days=30) if who == "new" else LONG_AGO)
    if who == "with sales":
        Person.objects.update(sales_open=True)
    if who == "customer":
        Lead.objects.update(status="customer")
    if who == "no consent":
        record_consent(person=person, purpose=MARKETING, given=False, at=LONG_AGO + timedelta(days=1))
    if who == "erased":
        Person.objects.update(erased_at=NOON)
    assert ask_or_stop(at=NOON)["asked"] == 0


def test_without_an_answer_in_thirty_days_we_stop(asks):
    person = silent()
    asked_by_mail(person, asks)
    assert ask_or_stop(at=NOON + timedelta(days=29))["stopped"] == 0
    assert ask_or_stop(at=OVER)["stopped"] == 1
    assert suppression_of(person.email_key).reason == "no_sign"
    assert Enrolment.objects.get().exit_reason == "no_sign"
    assert ask_or_stop(at=OVER + timedelta(days=1))["stopped"] == 0


def test_who_never_got_the_question_is_not_stopped(asks):
    asked_by_mail(silent(), asks)
    Message.objects.update(state="suppressed")
    assert ask_or_stop(at=OVER)["stopped"] == 0


@pytest.mark.parametrize("kind", ["click", "reply", "form"])
def test_a_sign_in_between_is_an_answer(asks, kind):
    person = silent()
    asked_by_mail(person, asks)
    touched(person, kind, NOON + timedelta(days=10))
    assert ask_or_stop(at=OVER)["stopped"] == 0


def test_a_topic_chosen_in_between_is_an_answer(asks):
    person = silent()
    asked_by_mail(person, asks)
    from campaigns.models import Topic

    topic = Topic.objects.create(name="Bearings", slug="bearings")
    TopicChoice.objects.create(person=person, topic=topic, wanted=True, at=NOON + timedelta(days=2))
    assert ask_or_stop(at=OVER)["stopped"] == 0


def test_who_talks_to_sales_meanwhile_is_not_stopped(asks):
    asked_by_mail(silent(), asks)
    Person.objects.update(sales_open=True)
    assert ask_or_stop(at=OVER)["stopped"] == 0


def test_who_is_stopped_already_is_left_as_they_are(asks):
    person = silent()
    asked_by_mail(person, asks)
    preferences.stop_all(person=person, at=NOON + timedelta(days=1))
    assert ask_or_stop(at=OVER)["stopped"] == 0
    assert Suppression.objects.get().reason == "unsubscribed"


def test_the_answer_is_one_button_that_needs_no_consent_to_tracking(asks, client, time_machine):
    time_machine.move_to(NOON + timedelta(days=5), tick=False)
    person = silent()
    asked_by_mail(person, asks)
    page = f"/u/{unsubscribe_token(person.pk)}/"
    assert 'value="stay"' in client.get(page).content.decode()
    assert "Good to have you." in client.post(page, {"do": "stay"}, follow=True).content.decode()
    assert 'value="stay"' not in client.get(page).content.decode()
    assert ask_or_stop(at=OVER)["stopped"] == 0


def test_a_later_yes_lifts_it(asks, client, time_machine):
    person = silent()
    asked_by_mail(person, asks)
    ask_or_stop(at=OVER)
    time_machine.move_to(OVER + timedelta(days=5), tick=False)
    client.post(f"/u/{unsubscribe_token(person.pk)}/", {"do": "stay"})
    assert not is_suppressed(person.email_key)


def test_the_button_lifts_nothing_else(asks, client):
    person = silent()
    preferences.stop_all(person=person, at=NOON)
    client.post(f"/u/{unsubscribe_token(person.pk)}/", {"do": "stay"})
    assert is_suppressed(person.email_key)


def test_it_takes_the_same_queries_for_one_and_for_fifty(asks, django_assert_max_num_queries):
    for number in range(50):
        asked_by_mail(silent(f"reader{number}@maasland.example"), asks, NOON)
    with django_assert_max_num_queries(20):
        assert ask_or_stop(at=OVER)["stopped"] == 50


def test_the_gate_holds_back_who_was_stopped(asks):
    person = silent()
    walk = asked_by_mail(person, asks)
    ask_or_stop(at=OVER)
    mail = Message.objects.select_related("person", "enrolment__sequence").get(enrolment=walk)
    mail.due_at = OVER
    assert may_send(mail, OVER).reason == "no_sign"
