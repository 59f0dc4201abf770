"""The one gate: who may get which mail now, and the reason that is kept when not."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Sequence, Topic
from leads.consent import MARKETING, record_consent, suppress, withdraw
from leads.models import Enrolment, Lead, Message, Pause, Person, TopicChoice
from leads.sending.gate import Why, load, may_send, quiet_until
from leads.tests.builders import NOON
from leads.tests.mail_world import a_download, a_due_mail, due_mails, fresh

pytestmark = pytest.mark.django_db
ZURICH = ZoneInfo("Europe/Zurich")


def change(message: Message, **columns) -> None:
    Person.objects.filter(pk=message.person_id).update(**columns)


def said(message: Message) -> tuple[bool, str]:
    answer = may_send(fresh(message), NOON)
    return answer.allowed, answer.reason


def test_a_lead_with_consent_gets_the_mail():
    assert said(a_due_mail()) == (True, "")


def test_who_cannot_be_reached_gets_nothing():
    mail = a_due_mail()
    change(mail, erased_at=NOON)
    assert said(mail) == (False, Why.ERASED)
    change(mail, erased_at=None, merged_into=Person.objects.create(email_key="b@x.example"))
    assert said(mail) == (False, Why.MERGED)
    change(mail, merged_into=None, email="", email_key=None)
    assert said(mail) == (False, Why.NO_ADDRESS)


def test_without_consent_or_after_its_withdrawal_no_sequence_mail():
    mail = a_due_mail()
    withdraw(person=mail.person, purpose=MARKETING, at=NOON + timedelta(seconds=1))
    assert said(mail) == (False, Why.NO_CONSENT)


def test_a_consent_that_waits_for_its_confirmation_counts_for_nothing():
    mail = a_due_mail()
    withdraw(person=mail.person, purpose=MARKETING, at=NOON + timedelta(seconds=1))
    record_consent(
        person=mail.person, purpose=MARKETING, given=True, at=NOON + timedelta(seconds=2), pending=True
    )
    assert said(mail) == (False, Why.NO_CONSENT)


def test_a_suppressed_address_gets_no_sequence_mail():
    mail = a_due_mail()
    suppress(email_key=mail.person.email_key, reason="unsubscribed", at=NOON)
    assert said(mail) == (False, "unsubscribed")


def test_a_topic_left_stops_only_its_own_sequences():
    mail = a_due_mail()
    one, other = (Topic.objects.create(name=name, slug=name) for name in ("one", "other"))
    Sequence.objects.update(topic=one)
    suppress(email_key=mail.person.email_key, reason="unsubscribed", at=NOON, topic=other)
    assert said(mail) == (True, "")
    TopicChoice.objects.create(person=mail.person, topic=one, wanted=False)
    assert said(mail) == (False, Why.TOPIC)


def test_a_pause_of_the_person_holds_until_its_end_and_the_latest_counts():
    mail = a_due_mail()
    Pause.objects.create(person=mail.person, until=NOON + timedelta(days=3), at=NOON)
    assert may_send(fresh(mail), NOON).until == NOON + timedelta(days=3)
    Pause.objects.create(person=mail.person, until=NOON, at=NOON + timedelta(seconds=1))
    assert said(mail) == (True, "")


def test_the_sequence_for_leads_stops_for_sales_for_customers_and_for_the_disqualified():
    mail = a_due_mail()
    change(mail, sales_open=True)
    assert said(mail) == (False, Why.WITH_SALES)
    change(mail, sales_open=False)
    for status in ("customer", "disqualified"):
        Lead.objects.update(status=status)
        assert said(mail) == (False, Why.AUDIENCE)
    Lead.objects.update(person=Person.objects.create(email_key="b@x.example"))
    assert said(mail) == (False, Why.NOT_A_LEAD)


def test_a_paused_sequence_holds_and_an_ended_one_cancels():
    mail = a_due_mail()
    Sequence.objects.update(state="paused")
    assert may_send(fresh(mail), NOON).until > NOON
    Sequence.objects.update(state="ended")
    answer = may_send(fresh(mail), NOON)
    assert (answer.reason, answer.state, answer.until) == (Why.ENDED, "cancelled", None)


def test_who_left_the_sequence_and_what_is_a_week_late_is_cancelled():
    mail = a_due_mail()
    assert may_send(fresh(mail), NOON + timedelta(days=8)).reason == Why.TOO_LATE
    Enrolment.objects.update(state="exited")
    assert said(mail) == (False, Why.LEFT)


def test_quiet_hours_are_those_of_the_persons_zone():
    mail = a_due_mail()
    Sequence.objects.update(quiet_from=time(20), quiet_until=time(7))
    assert said(mail) == (True, "")
    change(mail, time_zone="Asia/Tokyo")  # nine in the evening there
    assert may_send(fresh(mail), NOON).until == datetime(2026, 11, 18, 22, tzinfo=UTC)
    change(mail, time_zone="No/Where")
    assert said(mail) == (True, "")


def test_two_sequence_mails_keep_their_distance(settings):
    settings.NURTURE_GAP_HOURS = 20
    mail = a_due_mail()
    sent = NOON - timedelta(hours=2)
    Message.objects.create(
        key="seq:0:0",
        message_id="<0@x>",
        kind="sequence",
        person=mail.person,
        state="sent",
        due_at=sent,
        claimed_at=sent,
    )
    answer = may_send(fresh(mail), NOON)
    assert (answer.reason, answer.until) == (Why.GAP, NOON + timedelta(hours=18))


@pytest.mark.parametrize(
    ("reason", "allowed"),
    [("unsubscribed", True), ("sales", True), ("imported", True), ("bounced", False), ("complained", False)],
)
def test_who_asks_for_a_download_gets_it_unless_the_address_is_dead_or_complained(reason, allowed):
    mail = a_download()
    suppress(email_key=mail.person.email_key, reason=reason, at=NOON)
    assert said(mail)[0] is allowed


def test_more_than_three_mails_asked_for_in_an_hour_wait_and_more_than_ten_a_day_are_held_back():
    mail = a_download()

    def asked(number: int, when: datetime) -> None:
        for one in range(number):
            Message.objects.create(
                key=f"dl:{when}:{one}", message_id=f"<{when}{one}@x>", kind="download", person=mail.person,
                state="sent", due_at=when, claimed_at=when,
            )  # fmt: skip

    asked(3, NOON - timedelta(minutes=50))
    assert may_send(fresh(mail), NOON).until == NOON + timedelta(minutes=10)
    asked(7, NOON - timedelta(hours=5))
    assert said(mail) == (False, Why.TOO_MANY)


def test_a_batch_costs_the_same_number_of_queries_as_one(django_assert_num_queries):
    mails = due_mails(6)
    rows = list(
        Message.objects.select_related("person", "enrolment__sequence").filter(pk__in=[m.pk for m in mails])
    )
    for some in (rows[:1], rows):
        with django_assert_num_queries(7):
            load(some, NOON)


@pytest.mark.parametrize(
    ("at", "begins", "ends", "until"),
    [
        ((2026, 6, 1, 17), time(20), time(7), None),
        ((2026, 6, 1, 18), time(20), time(7), (2026, 6, 2, 5)),
        ((2026, 6, 2, 3), time(20), time(7), (2026, 6, 2, 5)),
        ((2026, 6, 2, 5), time(20), time(7), None),
        ((2026, 6, 1, 10, 30), time(12), time(13), (2026, 6, 1, 11)),
        ((2026, 3, 29, 0, 30), time(22), time(2, 30), (2026, 3, 29, 1, 30)),  # the gap: 02:30 is not there
        ((2026, 3, 29, 1, 0), time(22), time(2, 30), None),  # 03:00 already
        ((2026, 10, 25, 0, 10), time(22), time(2, 30), (2026, 10, 25, 0, 30)),  # the fold: the first 02:30
        ((2026, 10, 25, 1, 10), time(22), time(2, 30), None),  # 02:10 again: it has been morning once
        ((2026, 6, 1, 10), time(8), time(8), None),
    ],
)
def test_quiet_hours_end_once_on_every_night(at, begins, ends, until):
    expected = datetime(*until, tzinfo=UTC) if until else None
    assert quiet_until(datetime(*at, tzinfo=UTC), begins, ends, ZURICH) == expected
