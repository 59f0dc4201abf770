"""What comes back by mail and what it does (RELIABILITY E3 to E6)."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from campaigns.models import Campaign, Channel, Sequence
from leads import tokens
from leads.consent import is_suppressed, suppression_of
from leads.inbox import intake
from leads.models import Enrolment, Inbound, MailEvent, Message, StaffMail, Suppression, Touch, WorkRequest
from leads.tests.answers_world import LATER, a_complaint, a_reply, a_report, a_sent_mail, comes_in, sent
from leads.tests.builders import NOON, a_lead
from leads.tests.mail_world import a_due_mail

pytestmark = pytest.mark.django_db
FULL = {"status": "5.2.2", "words": "552 5.2.2 Mailbox full"}
POLICY = {"status": "5.7.1", "words": "554 5.7.1 Message rejected by DMARC policy"}


@pytest.fixture
def mail():
    return a_sent_mail()


def only_event() -> MailEvent:
    return MailEvent.objects.get()


def test_an_address_that_does_not_exist_is_suppressed_at_once_and_its_walks_end(mail):
    comes_in(a_report(mail))
    event = only_event()
    assert (event.kind, event.message, event.person, event.code) == ("hard", mail, mail.person, "5.1.1")
    row = suppression_of(mail.person.email_key)
    assert (row.reason, row.message) == ("bounced", mail)
    assert Enrolment.objects.get().state == "exited"


@pytest.mark.parametrize(
    "told", [FULL, POLICY, {"status": "4.7.1", "words": "450 4.7.1 Greylisted, try again later"}]
)
def test_a_full_mailbox_a_greylist_and_a_refusal_of_ours_suppress_nobody_at_first_sight(mail, told):
    comes_in(a_report(mail, **told))
    assert not Suppression.objects.exists()
    assert Enrolment.objects.get().state == "active"


def three_soft_bounces(mail: Message, apart: timedelta = timedelta(days=3)):
    """Of three mails, one after the other."""
    for number in range(3):
        at = LATER + number * apart
        row = Message.objects.create(
            key=f"k{number}", message_id=f"<k{number}@x>", kind="sequence", person=mail.person, due_at=at,
            to_address=mail.to_address, state="sent", claimed_at=at,
        )  # fmt: skip
        comes_in(a_report(row, number=number, **FULL), at=at)
    return at


def test_the_third_soft_bounce_in_two_weeks_holds_the_address_for_a_month(mail):
    at = three_soft_bounces(mail)
    row = Suppression.objects.get()
    assert (row.reason, row.until) == ("soft", at + timedelta(days=30))
    assert suppression_of(mail.person.email_key, at=at + timedelta(days=29))
    assert suppression_of(mail.person.email_key, at=at + timedelta(days=31)) is None


def test_three_soft_bounces_in_a_month_hold_nobody(mail):
    three_soft_bounces(mail, apart=timedelta(days=10))
    assert not Suppression.objects.exists()


def test_three_notices_about_one_mail_count_once(mail):
    for number in range(3):
        comes_in(a_report(mail, number=number, action="delayed", status="4.4.1", words="451 4.4.1 No answer"))
    assert MailEvent.objects.filter(kind="soft").count() == 3
    assert not Suppression.objects.exists()


def test_five_mails_of_a_sequence_that_servers_refuse_pause_it_and_touch_nobody():
    for number in range(5):
        assert Sequence.objects.filter(state="paused").count() == 0
        row = a_sent_mail(f"reader{number}@maasland.example")
        comes_in(a_report(row, number=number, **POLICY))
    assert Sequence.objects.get().state == "paused"
    assert not Suppression.objects.exists()


def test_the_same_report_twice_is_one(mail):
    comes_in(a_report(mail))
    Suppression.objects.update(lifted_at=LATER)
    comes_in(a_report(mail))
    assert (Inbound.objects.count(), MailEvent.objects.count()) == (1, 1)
    assert not is_suppressed(mail.person.email_key)


def test_a_report_is_matched_by_its_own_envelope_first(mail, settings):
    settings.BOUNCE_ADDRESS = "bounces@mail.averdahl.example"
    to = f"bounces+{tokens.bounce_token(mail.pk)}@mail.averdahl.example"
    comes_in(a_report(None, to=to, address="internal-name@relay.example"))
    assert only_event().message == mail
    assert is_suppressed(mail.person.email_key)


def test_a_report_that_names_neither_is_matched_by_the_address_if_it_had_a_mail_lately(mail):
    comes_in(a_report(None, address="Piet@Maasland.example"))
    assert only_event().message == mail
    assert is_suppressed(mail.person.email_key)


def test_a_report_about_an_address_we_have_not_written_to_for_a_month_changes_nothing(mail):
    row = comes_in(a_report(None, address=mail.to_address), at=NOON + timedelta(days=31))
    assert row.read_as == "unmatched"
    assert not Suppression.objects.exists()


def test_a_bounce_of_an_address_the_person_has_left_does_not_stop_the_new_one(mail):
    mail.person.email = mail.person.email_key = "piet@new.example"
    mail.person.save(update_fields=["email", "email_key"])
    comes_in(a_report(mail))
    assert is_suppressed("piet@maasland.example")
    assert not is_suppressed("piet@new.example")
    assert Enrolment.objects.get().state == "active"


def test_a_bounce_resolves_a_mail_in_doubt():
    row = sent(a_due_mail(), state="unknown")
    comes_in(a_report(row))
    assert Message.objects.get(pk=row.pk).state == "failed"


def test_a_complaint_stops_everything_and_both_owners_learn_of_it(mail):
    maya = get_user_model().objects.create(username="maya", email="maya@averdahl.example")
    campaign = Campaign.objects.create(
        name="c", slug="c", channel=Channel.objects.get(slug="email"), owner=maya, utm_campaign="c"
    )
    Sequence.objects.update(campaign=campaign)
    comes_in(a_complaint(mail))
    assert suppression_of(mail.person.email_key).reason == "complained"
    assert Enrolment.objects.get().exit_reason == "complained"
    assert WorkRequest.objects.get().kind == "complaint"
    assert StaffMail.objects.get().user == maya


def test_a_report_about_our_signature_is_no_complaint(mail):
    comes_in(a_complaint(mail, kind="auth-failure"))
    assert not MailEvent.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"subject": "Automatische Antwort: One reading"},
        {"subject": "Out of office: back on Monday"},
    ],
)
def test_an_automatic_answer_is_noted_and_does_nothing(mail, headers):
    comes_in(a_reply(mail, "I am away until Monday.", **headers))
    assert only_event().kind == "auto_reply"
    assert Enrolment.objects.get().state == "active"
    assert not Touch.objects.filter(kind="reply").exists()
    assert not WorkRequest.objects.exists()


def test_a_real_reply_ends_the_sequence_and_asks_for_an_answer(mail):
    comes_in(a_reply(mail))
    assert only_event().kind == "reply"
    assert Enrolment.objects.get().exit_reason == "replied"
    touch = Touch.objects.get(kind="reply")
    assert (touch.person, touch.message, touch.label) == (mail.person, mail, "Re: One reading")
    request = WorkRequest.objects.get()
    assert (request.kind, request.note) == ("reply", "Re: One reading · Yes, call me on Tuesday.")


def test_a_sequence_that_does_not_stop_on_replies_goes_on(mail):
    Sequence.objects.update(stops_on_reply=False)
    comes_in(a_reply(mail))
    assert Enrolment.objects.get().state == "active"
    assert WorkRequest.objects.exists()


def test_a_reply_from_another_address_of_theirs_is_theirs_by_the_mail_it_answers(mail):
    comes_in(a_reply(mail, sender="piet.private@elsewhere.example"))
    assert only_event().person == mail.person


def test_a_reply_that_names_no_mail_is_theirs_by_their_address(mail):
    comes_in(a_reply(None, sender="Piet <PIET@maasland.example>", subject="Your mail"))
    assert only_event().message == mail


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("stranger@elsewhere.example", "Hello"),
        ("sanne@averdahl.example", "Re: One reading"),
        ("stranger@elsewhere.example", "Fwd: Undelivered Mail Returned to Sender"),
        ("stranger@elsewhere.example", "What does “550 5.1.1 user unknown” mean?"),
    ],
)
def test_ordinary_mail_and_mail_of_colleagues_does_nothing(mail, sender, subject):
    text = "<piet@maasland.example>: 550 5.1.1 user unknown, says the server."
    answered = mail if "averdahl" in sender else None
    row = comes_in(a_reply(answered, text, sender=sender, subject=subject))
    assert row.read_as == "other"
    assert not MailEvent.objects.exists()
    assert not Suppression.objects.exists()


def test_nobody_is_answered_by_a_machine(mail, mailoutbox):
    for raw in (
        a_report(mail),
        a_complaint(mail),
        a_reply(mail),
        a_reply(mail, number=2, Auto_Submitted="auto-replied"),
    ):
        comes_in(raw)
    assert mailoutbox == []
    assert Message.objects.filter(state="scheduled").count() == 0


def test_what_cannot_be_read_stops_nobody_else(mail, monkeypatch):
    broken = intake.keep_mail(a_reply(None, number=7, sender="x@elsewhere.example"), at=LATER)
    read = intake.read
    monkeypatch.setattr(intake, "read", lambda raw: 1 / 0 if b"reply7" in raw else read(raw))
    comes_in(a_report(mail))
    broken.refresh_from_db()
    assert (broken.read_as, broken.error) == ("error", "ZeroDivisionError: division by zero")
    assert is_suppressed(mail.person.email_key)


def test_two_workers_at_once_do_it_once(mail):
    row = comes_in(a_report(mail))
    Inbound.objects.filter(pk=row.pk).update(read_at=None)
    intake.work_due(at=LATER)
    assert (MailEvent.objects.count(), Suppression.objects.count()) == (1, 1)


def test_a_mail_is_told_apart_from_its_twin_only_by_its_message_id(mail):
    first, again = comes_in(a_reply(mail)), comes_in(a_reply(mail, "Something else"))
    assert first == again


def test_what_people_wrote_is_not_kept_for_ever(mail):
    row = comes_in(a_reply(mail))
    intake.forget_old(at=LATER + timedelta(days=91))
    row.refresh_from_db()
    assert bytes(row.body) == b""
    assert row.read_as == "reply"


def test_an_answer_to_somebody_merged_is_the_one_who_stayed(mail):
    keep = a_lead("keep@maasland.example").person
    mail.person.merged_into = keep
    mail.person.save(update_fields=["merged_into"])
    comes_in(a_reply(mail))
    assert only_event().person == keep
