"""On what ground a mail goes, how many a week, who goes first, and why somebody did not get a step."""

from datetime import timedelta

import pytest

from campaigns.models import Offer, PublishedWords, SendingPolicy, Sequence
from leads.consent import MARKETING, record_consent, suppress, withdraw
from leads.models import Enrolment, Lead, Message, Person
from leads.sending import gate, ledger
from leads.sending.gate import Why, may_send
from leads.sending.gate.why import why
from leads.tests.builders import NOON, a_page, a_sequence, submitted
from leads.tests.mail_world import a_download, a_due_mail, a_reader, due_mails, fresh, the_sequence

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_distance(settings):
    settings.NURTURE_GAP_HOURS = 0


def sent_to(person: Person, *when) -> None:
    for one, at in enumerate(when):
        Message.objects.create(
            key=f"seq:0:{one}", message_id=f"<{one}@x>", kind="sequence", person=person, state="sent", due_at=at,
            claimed_at=at,
        )  # fmt: skip


def another_due(person: Person, slug: str, priority: int) -> Message:
    """A mail of another sequence, due since a minute later."""
    sequence = a_sequence(slug=slug)
    Sequence.objects.filter(pk=sequence.pk).update(priority=priority)
    walk = Enrolment.objects.create(person=person, sequence=sequence, version=sequence.versions.get())
    step = walk.version.steps.first()
    return Message.objects.create(
        key=f"seq:{walk.pk}:1", message_id=f"<{slug}@x>", kind="sequence", person=person, enrolment=walk,
        step=step, words=step.words.first(), due_at=NOON + timedelta(minutes=1),
    )  # fmt: skip


def test_the_ground_is_kept_beside_the_mail_at_the_lease():
    person = a_reader()
    record_consent(person=person, purpose=MARKETING, given=True, at=NOON, page=a_page("bearing-paper"))
    mail = a_due_mail("b@maasland.example")
    other = another_due(person, "other", 50)
    ledger.lease(slot="one", at=NOON + DAY)
    assert (fresh(other).allowed_at, fresh(other).ground) == (
        NOON + DAY,
        "consent of 2026-11-18, form bearing-paper",
    )
    assert fresh(mail).ground == "consent of 2026-11-18"
    assert (fresh(mail).to_domain, fresh(mail).lease is None) == ("maasland.example", False)


def test_what_was_asked_for_names_its_form():
    mail = a_download()
    assert may_send(fresh(mail), NOON).ground == f"asked for by form {mail.submission_id}"


def test_a_mail_without_a_yes_of_the_gate_is_not_claimed():
    mail = a_due_mail()
    batch = ledger.lease(slot="one", at=NOON)
    Message.objects.update(allowed_at=None)
    assert not ledger.claim(message=batch.messages[0], lease=batch.lease, at=NOON)
    assert fresh(mail).state == "scheduled"


def test_three_mails_in_seven_days_are_enough_over_all_flows():
    mail = a_due_mail()
    sent_to(mail.person, NOON - 6 * DAY, NOON - 3 * DAY, NOON - DAY)
    answer = may_send(fresh(mail), NOON)
    assert (answer.reason, answer.until) == (Why.CAP, NOON + DAY)
    assert may_send(fresh(mail), NOON + DAY).allowed
    SendingPolicy.objects.update(most_a_week=4)
    assert may_send(fresh(mail), NOON).allowed


def test_the_cap_counts_no_mail_that_was_asked_for():
    mail = a_due_mail()
    sent_to(mail.person, NOON - 3 * DAY, NOON - DAY, NOON - 2 * DAY)
    Message.objects.filter(state="sent").update(kind="download")
    assert may_send(fresh(mail), NOON).allowed


def test_a_hold_keeps_the_mail_until_its_end_and_a_suppression_ends_it():
    mail = a_due_mail()
    suppress(email_key=mail.person.email_key, reason="soft", at=NOON, until=NOON + 14 * DAY)
    answer = may_send(fresh(mail), NOON)
    assert (answer.reason, answer.until, answer.state) == ("soft", NOON + 14 * DAY, "")
    assert may_send(fresh(a_download()), NOON).allowed
    suppress(email_key=mail.person.email_key, reason="complained", at=NOON)
    assert may_send(fresh(mail), NOON).reason == "complained"


def test_a_hold_that_ended_holds_nothing():
    mail = a_due_mail()
    suppress(email_key=mail.person.email_key, reason="soft", at=NOON - 15 * DAY, until=NOON - DAY)
    assert may_send(fresh(mail), NOON).allowed
    batch = ledger.lease(slot="one", at=NOON)
    assert ledger.claim(message=batch.messages[0], lease=batch.lease, at=NOON)


def test_a_hold_that_came_after_the_lease_stops_the_claim():
    mail = a_due_mail()
    batch = ledger.lease(slot="one", at=NOON)
    suppress(email_key=mail.person.email_key, reason="soft", at=NOON, until=NOON + DAY)
    assert not ledger.claim(message=batch.messages[0], lease=batch.lease, at=NOON)


def test_who_gave_no_sign_comes_back_by_a_confirmed_opt_in():
    mail = a_due_mail()
    suppress(email_key=mail.person.email_key, reason="no_sign", at=NOON)
    assert may_send(fresh(mail), NOON).reason == "no_sign"
    record_consent(person=mail.person, purpose=MARKETING, given=True, at=NOON, confirmed=True)
    assert may_send(fresh(mail), NOON).allowed


@pytest.mark.parametrize(("other", "goes"), [(60, "other"), (40, "first")])
def test_of_two_due_mails_the_flow_of_higher_priority_goes_and_the_other_waits(other, goes):
    first = a_due_mail()
    second = another_due(first.person, "other", other)
    batch = ledger.lease(slot="one", at=NOON + timedelta(minutes=2))
    winner, loser = (second, first) if goes == "other" else (first, second)
    assert batch.messages == [winner]
    assert (fresh(loser).state, fresh(loser).reason) == ("scheduled", Why.RIVAL)
    assert fresh(loser).due_at > NOON + timedelta(minutes=10)


def test_a_flow_that_may_not_send_now_stands_in_nobodys_way():
    first = a_due_mail()
    second = another_due(first.person, "other", 90)
    Sequence.objects.filter(slug="other").update(state="paused")
    assert ledger.lease(slot="one", at=NOON + timedelta(minutes=2)).messages == [first]
    assert fresh(second).reason == Why.PAUSED


def prospects_mail(**person) -> Message:
    """A mail of a sequence from the owner to somebody who never gave consent."""
    mail = a_due_mail()
    withdrawn = mail.person.consents.all()
    withdrawn.delete()
    Sequence.objects.update(audience="prospects")
    Person.objects.update(**{"sales_open": True} | person)
    return mail


def test_a_prospect_needs_consent_or_an_open_conversation():
    mail = prospects_mail()
    assert may_send(fresh(mail), NOON).reason == Why.NO_CONVERSATION
    submitted(a_page("talk", inquiry="contact"), email="piet@maasland.example", consent=False, at=NOON)
    spoke = mail.person.touches.latest("at")
    spoke.kind = "inquiry"
    spoke.save()
    assert (
        may_send(fresh(mail), NOON).ground == "open conversation with their owner, they wrote on 2026-11-18"
    )
    assert may_send(fresh(mail), NOON + 6 * DAY).allowed
    type(spoke).objects.update(at=NOON - 181 * DAY)
    assert may_send(fresh(mail), NOON).reason == Why.NO_CONVERSATION


def test_a_prospect_who_said_no_after_the_conversation_gets_nothing():
    mail = prospects_mail()
    submitted(a_page("talk", inquiry="contact"), email="piet@maasland.example", consent=True, at=NOON)
    mail.person.touches.update(kind="reply")
    withdraw(person=mail.person, purpose=MARKETING, at=NOON + timedelta(hours=1))
    assert may_send(fresh(mail), NOON + timedelta(hours=2)).reason == Why.OBJECTED


def test_a_customer_may_be_written_to_until_they_say_no():
    mail = a_due_mail()
    mail.person.consents.all().delete()
    Sequence.objects.update(audience="customers")
    Lead.objects.update(status="customer")
    assert may_send(fresh(mail), NOON).ground == "our own customer"
    record_consent(person=mail.person, purpose=MARKETING, given=False, at=NOON)
    assert may_send(fresh(mail), NOON).reason == Why.OBJECTED


def test_a_simulated_clock_notes_its_own_mails():
    mail = fresh(a_due_mail())
    known = gate.load([mail], NOON)
    for hours in range(3):
        assert gate.judge(mail, known, NOON + timedelta(hours=hours)).allowed
        gate.sent(known, mail, NOON + timedelta(hours=hours))
    assert gate.judge(mail, known, NOON + timedelta(hours=3)).reason == Why.CAP


def told(person: Person, at=NOON) -> list[str]:
    return [line.words for line in why(person=person, sequence=the_sequence(), at=at)]


def test_why_somebody_did_not_get_a_step():
    mail = a_due_mail()
    ann = mail.person
    assert told(ann)[0] == "Due: it goes out as soon as the limits of sending allow."
    suppress(email_key=ann.email_key, reason="soft", at=NOON, until=NOON + DAY)
    assert told(ann)[0] == "Due, and the gate says: soft"
    ledger.lease(slot="one", at=NOON)
    assert why(person=ann, sequence=the_sequence(), at=NOON)[0].until == NOON + DAY
    assert told(ann) == ["Waits: soft", "Not reached yet."]
    Message.objects.update(state="cancelled", reason="left the sequence", ended_at=NOON)
    Enrolment.objects.update(state="exited", exit_reason="replied", ended_at=NOON)
    assert told(ann) == ["Not sent: left the sequence", "Never reached: left the sequence, replied"]


def test_why_somebody_never_entered():
    other = a_reader("b@maasland.example")
    the_sequence()
    assert "nothing would hold" in told(other)[0]
    Person.objects.update(sales_open=True)
    other.refresh_from_db()
    assert told(other)[0].endswith("with sales")


def test_an_offer_that_has_ended_is_not_sent():
    mail, _other = due_mails(2)
    offer = Offer.objects.create(name="Autumn", code="A1", valid_until=NOON.date())
    PublishedWords.objects.update(offer=offer)
    assert may_send(fresh(mail), NOON).allowed
    answer = may_send(fresh(mail), NOON + DAY)
    assert (answer.reason, answer.state) == (Why.OFFER_OVER, "cancelled")
    assert answer.reason in gate.SKIPS
