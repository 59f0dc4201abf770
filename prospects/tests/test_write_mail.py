"""A rep writes to a person: who may, what is refused, and what it brings with it."""

from typing import Any
from uuid import uuid4

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import Channel
from leads.consent import MARKETING, record_consent, suppress
from leads.models import ContactBasis, Message, OwnMail, Person, TouchKind
from leads.own_mail import writing
from leads.sending import gate
from leads.tracking import record_touch
from prospects import follow_ups, meetings, pipeline
from prospects.correspondence import acts
from prospects.models import FollowUp, Prospect
from prospects.prospecting import by_hand
from prospects.tests.conftest import GROUND, TUESDAY, later, make_inbound, make_person, reason

pytestmark = pytest.mark.django_db


def write(prospect: Prospect, by: Any, **more: Any) -> OwnMail:
    given = {"subject": "Your press", "text": "Hello Ada,\n\nthe gauge fits.\n\nSam", "at": TUESDAY}
    return acts.write_mail(**({"prospect": prospect, "by": by} | given | more))


def test_a_mail_is_a_row_of_the_ledger_and_a_row_of_the_talk(inbound: Prospect, sam: Any) -> None:
    key = uuid4()
    mail = write(inbound, sam, submit_key=key)
    assert mail.sent_as is not None
    assert (mail.sent_as.key, mail.sent_as.kind, mail.sent_as.state) == (f"one:{key}", "one", "scheduled")
    assert (mail.direction, mail.user, mail.thread) == ("out", sam, mail.sent_as.message_id)
    assert mail.sent_as.body == "<p>Hello Ada,</p><p>the gauge fits.</p><p>Sam</p>"


def test_a_twin_of_the_form_is_the_first_mail(inbound: Prospect, sam: Any) -> None:
    key = uuid4()
    assert write(inbound, sam, submit_key=key) == write(inbound, sam, submit_key=key, text="Other words")
    assert Message.objects.filter(kind="one").count() == 1
    with pytest.raises(Refused, match="somebody else"):
        write(make_inbound(sam), sam, submit_key=key)


def test_it_stops_the_clock_and_keeps_what_was_promised(inbound: Prospect, sam: Any) -> None:
    due = [
        follow_ups.plan_follow_up(prospect=inbound, kind=kind, due_at=at, by=sam, at=TUESDAY)
        for kind, at in (
            ("mail", later(hours=2)), ("answer", TUESDAY), ("call", TUESDAY), ("mail", later(days=2)),
        )
    ]  # fmt: skip
    write(inbound, sam, follow_up={"kind": "call", "due_at": later(days=3), "text": "Did it arrive?"})
    inbound.refresh_from_db()
    assert inbound.first_acted_at == TUESDAY
    open_now = FollowUp.objects.filter(done_at=None).order_by("due_at", "pk")
    assert [(one.kind, one.due_at) for one in open_now] == [
        ("call", TUESDAY), ("mail", later(days=2)), ("call", later(days=3)),
    ]  # fmt: skip
    assert {one.pk for one in due[:2]}.isdisjoint(open_now.values_list("pk", flat=True))


def test_the_first_mail_takes_a_cold_contact_to_contacting(cold: Prospect, sam: Any) -> None:
    write(cold, sam)
    cold.refresh_from_db()
    assert (cold.stage.slug, cold.moves.latest("pk").why) == ("contacting", "First mail")


def test_an_answer_stays_in_the_talk(inbound: Prospect, sam: Any) -> None:
    first = write(inbound, sam)
    theirs = OwnMail.objects.create(
        person=inbound.person, direction="in", message_id="<a@works.example>", in_reply_to=first.message_id,
        thread=first.thread, subject="Re: Your press", text="Yes", at=later(hours=1),
    )  # fmt: skip
    second = write(inbound, sam, answers=theirs, at=later(hours=2))
    assert (second.thread, second.in_reply_to) == (first.thread, "<a@works.example>")


def test_nobody_answers_a_mail_of_somebody_else(inbound: Prospect, sam: Any) -> None:
    other = write(make_inbound(sam), sam)
    with pytest.raises(Refused, match="somebody else"):
        write(inbound, sam, answers=other)


@pytest.mark.parametrize(("subject", "text"), [(" \r\n", "Words"), ("About", " \n ")])
def test_a_mail_without_words_is_refused(inbound: Prospect, sam: Any, subject: str, text: str) -> None:
    with pytest.raises(Refused) as no:
        write(inbound, sam, subject=subject, text=text)
    assert no.value.missing
    assert not OwnMail.objects.exists()


def test_strangers_and_closed_cycles_are_refused(
    inbound: Prospect, sam: Any, maya: Any, nora: Any, sara: Any
) -> None:
    for stranger in (maya, nora):
        with pytest.raises(Refused, match="Only its owner"):
            write(inbound, stranger)
    assert write(inbound, sara).user == sara  # a manager may
    pipeline.reject(prospect=inbound, reason=reason("no-need"), by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="closed"):
        write(inbound, sam)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("unsubscribed", "asked for no more mail"), ("bounced", "does not work"), ("complained", "spam"),
        ("sales", "asked sales not"), ("imported", "said no"), ("no_sign", "no sign"),
    ],
)  # fmt: skip
def test_the_gate_is_asked_before_anything_is_kept(inbound: Prospect, sam: Any, why: str, words: str) -> None:
    suppress(email_key=inbound.person.email_key or "", person=inbound.person, reason=why, at=TUESDAY)
    with pytest.raises(Refused, match=words):
        write(inbound, sam)
    inbound.refresh_from_db()
    assert inbound.first_acted_at is None and not Message.objects.filter(kind="one").exists()


def test_a_hold_is_a_no_that_names_its_end(inbound: Prospect, sam: Any) -> None:
    key, until = inbound.person.email_key or "", later(days=30)
    suppress(email_key=key, person=inbound.person, reason="soft", at=TUESDAY, until=until)
    with pytest.raises(Refused, match="again from 2 April 2026"):
        write(inbound, sam)


def test_who_has_no_address_gets_no_mail(sam: Any) -> None:
    person = make_person(email="", email_key=None, phone="+41446681800", phone_key="+41446681800")
    with pytest.raises(Refused, match="no e-mail address"):
        write(make_inbound(sam, person), sam)
    assert not OwnMail.objects.exists()


def test_a_merged_person_is_written_to_from_the_other_page(inbound: Prospect, sam: Any) -> None:
    Person.objects.filter(pk=inbound.person_id).update(merged_into=make_person())
    no = writing.refusal(Person.objects.get(pk=inbound.person_id), TUESDAY)
    assert no and "one with another" in no.words
    with pytest.raises(Conflict, match="merged"):
        write(inbound, sam)


def no_ground(cold: Prospect) -> None:
    ContactBasis.objects.filter(person=cold.person_id).delete()


def test_a_cold_contact_without_a_ground_gets_no_mail_of_ours(cold: Prospect, sam: Any) -> None:
    no_ground(cold)
    with pytest.raises(Refused, match="No ground to write to them"):
        write(cold, sam)
    assert not OwnMail.objects.exists()


def test_entering_ones_own_contact_once_more_writes_the_ground_down(
    cold: Prospect, sam: Any, sara: Any
) -> None:
    no_ground(cold)
    said = {"email": cold.person.email, "last_name": "Lovelace"}
    with pytest.raises(Refused, match="Exists, owned by"):
        by_hand.enter_cold(said=said, ground=GROUND, owner=sara, by=sara, at=TUESDAY)
    assert by_hand.enter_cold(said=said, ground=GROUND, owner=sam, by=sam, at=TUESDAY) == cold
    assert write(cold, sam).sent_as
    with pytest.raises(Refused, match="Exists, owned by"):  # from now on as everybody's
        by_hand.enter_cold(said=said, ground=GROUND, owner=sam, by=sam, at=TUESDAY)


def test_who_said_no_to_mail_is_not_written_to_on_a_written_ground(cold: Prospect, sam: Any) -> None:
    record_consent(person=cold.person, purpose=MARKETING, given=False, at=TUESDAY)
    with pytest.raises(Refused, match="said no to mail"):
        write(cold, sam)


def test_who_wrote_to_us_is_answered_whatever_is_written_down(cold: Prospect, sam: Any) -> None:
    no_ground(cold)
    record_touch(
        person=cold.person, kind=TouchKind.REPLY, at=TUESDAY, channel=Channel.objects.get(slug="email")
    )
    assert write(cold, sam, at=later(hours=1)).sent_as


def test_a_customer_of_an_outbound_cycle_is_written_to(cold: Prospect, sam: Any) -> None:
    no_ground(cold)
    Person.objects.filter(pk=cold.person_id).update(sales_stage="won")
    assert write(Prospect.objects.get(pk=cold.pk), sam).sent_as


def test_a_meeting_that_was_agreed_on_needs_no_other_ground(cold: Prospect, sam: Any) -> None:
    no_ground(cold)
    meetings.book_meeting(
        prospect=cold, starts_at=later(days=2), by=sam, at=TUESDAY, invite=True, subject="Gauge"
    )
    invitation = Message.objects.get(kind="one")
    assert gate.may_send(invitation, TUESDAY).ground == "an invitation to a meeting"
    invitation.own_mail.calendar = ""
    invitation.own_mail.save()
    assert gate.may_send(invitation, TUESDAY).reason == gate.Why.NO_CONTACT_BASIS


def test_the_ground_stands_in_the_ledger(cold: Prospect, sam: Any) -> None:
    mail = write(cold, sam)
    assert gate.may_send(mail.sent_as, TUESDAY).ground.startswith(
        "legitimate interest, Exhibitors of the fair"
    )
