"""Replies that come to our mailbox take their place in the talk; calendars that answer are told upward."""

from datetime import timedelta

import pytest

from leads.feedback.parts import parsed
from leads.inbox import intake
from leads.inbox.mailbox import fetch
from leads.models import Inbound, MailEvent, Message, OwnMail, Touch, WorkRequest
from leads.own_mail import invitations
from leads.signals import invitation_answered
from leads.tests.answers_world import LATER, a_reply, a_sent_mail, comes_in
from leads.tests.builders import NOON
from leads.tests.filing_world import (
    HEADS,
    TEXT,
    a_calendars_answer,
    a_colleague,
    a_copy,
    a_person,
    attached,
    house_alone,
    passed_on,
    their_mail,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(settings, monkeypatch):
    house_alone(settings, monkeypatch)


def test_a_reply_to_a_sequence_stands_in_the_talk_with_all_its_words():
    mail = a_sent_mail()
    row = comes_in(a_reply(mail, "Yes.\n\nCall me."))
    reply = OwnMail.objects.get()
    assert (reply.person, reply.user, reply.direction, reply.inbound) == (mail.person, None, "in", row)
    assert (reply.text, reply.in_reply_to, reply.thread) == (
        "Yes.\n\nCall me.",
        mail.message_id,
        mail.message_id,
    )
    assert reply.at == Touch.objects.get(kind="reply").at  # a timeline tells them as one


def test_a_reply_that_names_nothing_answers_the_newest_mail_they_had():
    mail = a_sent_mail()
    comes_in(a_reply(None, sender=mail.to_address))
    assert OwnMail.objects.get().in_reply_to == mail.message_id


def test_a_reply_to_a_mail_of_ours_stays_in_its_talk():
    mail = a_sent_mail()
    OwnMail.objects.create(
        person=mail.person,
        direction="out",
        sent_as=mail,
        message_id=mail.message_id,
        thread="<first@x.example>",
        at=NOON,
    )
    comes_in(a_reply(mail))
    assert OwnMail.objects.get(direction="in").thread == "<first@x.example>"


def test_a_reply_to_a_filed_mail_is_theirs_from_any_address(db):
    piet, sam = a_person(), a_colleague()
    comes_in(a_copy(sam))
    comes_in(a_reply(None, sender="piet.private@elsewhere.example", In_Reply_To="<own1@averdahl.example>"))
    reply = OwnMail.objects.get(direction="in")
    assert (reply.person, reply.thread) == (piet, "<own1@averdahl.example>")
    assert Touch.objects.get(kind="reply").person == piet
    assert WorkRequest.objects.get().kind == "reply"


def test_of_a_filed_mail_to_several_the_one_who_answers(db):
    a_person(), a_person("anna@maasland.example")
    comes_in(a_copy(a_colleague(), "piet@maasland.example, anna@maasland.example"))
    comes_in(a_reply(None, sender="anna@maasland.example", In_Reply_To="<own1@averdahl.example>"))
    comes_in(a_reply(None, sender="who@elsewhere.example", In_Reply_To="<own1@averdahl.example>", number=2))
    assert OwnMail.objects.get(direction="in").person.email == "anna@maasland.example"


def test_an_answer_with_the_private_address_in_copy_is_a_reply_like_any_other(db):
    """They answered to all; the colleague had put the address in Cc."""
    piet, sam = a_person(), a_colleague()
    comes_in(a_copy(sam, by="Cc"))
    comes_in(
        a_copy(
            sam,
            "sam@averdahl.example",
            by="Cc",
            sender=piet.email,
            number=2,
            In_Reply_To="<own1@averdahl.example>",
        )
    )
    assert OwnMail.objects.get(direction="in").person == piet
    assert WorkRequest.objects.get().kind == "reply"


def test_the_same_reply_by_two_ways_is_one():
    mail = a_sent_mail()
    raw = a_reply(mail)
    comes_in(raw)
    comes_in(b"Delivered-To: crm+%s@in.averdahl.example\r\n" % (b"x" * 24) + raw)
    assert (Inbound.objects.count(), OwnMail.objects.count(), MailEvent.objects.count()) == (2, 1, 1)
    assert WorkRequest.objects.count() == 1


# Calendars.


@pytest.fixture
def heard(monkeypatch):
    found = []
    monkeypatch.setattr(invitation_answered, "send_robust", lambda **said: found.append(said))
    return found


@pytest.mark.parametrize("state", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_the_answer_of_a_calendar_is_told(heard, state):
    piet = a_person()
    row = comes_in(a_calendars_answer(state))
    assert row.read_as == "calendar"
    assert heard == [
        {"sender": Inbound, "uid": "5f0c@crm.example", "address": "piet@maasland.example", "partstat": state,
         "sequence": 2, "at": LATER}
    ]  # fmt: skip
    assert OwnMail.objects.get().person == piet  # with the words beside it
    assert not WorkRequest.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"attendee": "somebody@else.example"},
        {"partstat": "DELEGATED"},
        {"method": "REQUEST"},
        {"method": "X\r\nEND:X"},
    ],
)
def test_what_is_no_answer_of_the_sender_is_not(heard, odd):
    comes_in(a_calendars_answer(**odd))
    assert heard == []


def test_a_broken_calendar_is_a_mail(heard):
    raw = a_calendars_answer().replace(b"BEGIN:VEVENT", b"BEGIN:VEV\xff\x00")
    assert comes_in(raw).read_as == "other"
    assert list(invitations.answers(parsed(raw))) == []


# From the folder to the timeline.


def test_from_the_mail_folder_to_the_talk(settings, tmp_path):
    """A blind copy, their answer to it, and one passed on as an attachment, as a mail server puts them down."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    settings.INBOX = {"kind": "maildir", "folder": str(tmp_path)}
    a_person(), (sam := a_colleague())
    mails = [
        a_copy(sam),
        a_reply(
            None,
            "Thanks, we will look.",
            sender="piet@maasland.example",
            In_Reply_To="<own1@averdahl.example>",
        ),
        attached(sam, their_mail()),
        passed_on(sam, HEADS["outlook es"].replace("A question", "Another") + TEXT),
        b"\x00\xff not a mail",
    ]
    for number, raw in enumerate(mails):
        (tmp_path / "new" / f"{number}.host").write_bytes(raw)
    assert fetch(at=LATER) == {"fetched": 5}
    assert intake.work_due(at=LATER) == {"filed": 3, "reply": 1, "other": 1}
    assert fetch(at=LATER + timedelta(minutes=1)) == {"fetched": 0}
    talk = (
        OwnMail.objects.filter(thread="<own1@averdahl.example>")
        .order_by("pk")
        .values_list("direction", flat=True)
    )
    assert list(talk) == ["out", "in", "in"]
    assert OwnMail.objects.count() == 4
    assert not Message.objects.exists()  # nobody was answered
