"""The invitation by mail: to whom it goes, how it moves with its meeting, and what they answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from leads.consent import suppress
from leads.models import Message, OwnMail, Person, StaffMail
from prospects import meetings
from prospects.correspondence import invitations
from prospects.day.today import today
from prospects.models import Meeting, MeetingGuest, Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_person

pytestmark = pytest.mark.django_db
NEXT_YEAR = timezone.localdate().year + 1


@pytest.fixture(autouse=True)
def house(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Averdahl Sensing <hello@averdahl.example>"


def book(prospect: Prospect, by: Any, **more: Any) -> Meeting:
    given = {"starts_at": later(days=2), "subject": "Gauge", "place": "Hall 4", "at": TUESDAY, "invite": True}
    return meetings.book_meeting(**({"prospect": prospect, "by": by} | given | more))


def event(mail: OwnMail) -> tuple[str, Any]:
    file = Calendar.from_ical(mail.calendar)
    return str(file["METHOD"]), file.walk("VEVENT")[0]


def test_the_person_gets_a_mail_with_the_file(inbound: Prospect, sam: Any) -> None:
    meeting = book(inbound, sam)
    mail = OwnMail.objects.get()
    method, said = event(mail)
    assert (mail.person, mail.user, mail.subject) == (inbound.person, sam, "Invitation: Gauge")
    assert (method, said["SEQUENCE"], str(said["ORGANIZER"])) == ("REQUEST", 0, "mailto:sam@averdahl.example")
    assert "Thursday 5 March 2026, 10:00 (Europe/Zurich)" in mail.text and "Hall 4" in mail.text
    assert mail.sent_as and mail.sent_as.state == "scheduled"
    assert MeetingGuest.objects.get(meeting=meeting).mail == mail


def test_it_is_in_their_language_and_its_hour_in_a_form_that_every_calendar_reads(
    inbound: Prospect, sam: Any
) -> None:
    Person.objects.filter(pk=inbound.person_id).update(language="de")
    book(Prospect.objects.get(pk=inbound.pk), sam)
    mail = OwnMail.objects.get()
    assert mail.subject == "Einladung: Gauge" and "hier ist die Einladung zu unserem Termin:" in mail.text
    assert "DTSTART:20260305T090000Z" in mail.calendar


def test_without_the_box_nothing_goes_out(inbound: Prospect, sam: Any) -> None:
    meeting = book(inbound, sam, invite=False)
    assert not Message.objects.filter(kind="one").exists()
    assert meetings.move_meeting(meeting=meeting, starts_at=later(days=3), by=sam, at=TUESDAY)
    assert not Message.objects.filter(kind="one").exists()


def test_a_move_and_an_end_stand_in_the_same_talk_with_a_higher_number(inbound: Prospect, sam: Any) -> None:
    first = book(inbound, sam)
    second = meetings.move_meeting(
        meeting=first, starts_at=later(days=4), by=sam, at=later(hours=1), invite=True
    )
    meetings.move_meeting(meeting=second, starts_at=None, by=sam, at=later(hours=2), invite=True)
    mails = list(OwnMail.objects.order_by("at"))
    said = [(mail.subject, event(mail)[0], event(mail)[1]["SEQUENCE"]) for mail in mails]
    assert said == [
        ("Invitation: Gauge", "REQUEST", 0), ("New time: Gauge", "REQUEST", 1), ("Cancelled: Gauge", "CANCEL", 2),
    ]  # fmt: skip
    assert len({str(event(mail)[1]["UID"]) for mail in mails}) == len({mail.thread for mail in mails}) == 1
    assert [mail.in_reply_to for mail in mails] == ["", mails[0].message_id, mails[1].message_id]


def test_a_second_press_sends_no_second_mail(inbound: Prospect, sam: Any) -> None:
    key = "3a7f0a3e-9f3a-4a54-8a53-1b2c3d4e5f62"
    meeting = book(inbound, sam, submit_key=key)
    assert book(inbound, sam, submit_key=key) == meeting
    invitations.send(meeting, by=sam, at=TUESDAY)
    assert OwnMail.objects.count() == Message.objects.filter(kind="one").count() == 1


def test_whoever_may_not_be_written_to_is_named_and_the_meeting_stands(inbound: Prospect, sam: Any) -> None:
    suppress(email_key=inbound.person.email_key or "", person=inbound.person, reason="bounced", at=TUESDAY)
    meeting = book(inbound, sam)
    assert not OwnMail.objects.exists()
    ((person, why),) = invitations.not_reached(meeting, TUESDAY)
    assert person == inbound.person and "does not work" in why


def test_a_colleague_hears_by_a_notice_in_their_mailbox(inbound: Prospect, sam: Any, sara: Any) -> None:
    meeting = book(inbound, sam, colleagues=[sara])
    notice = StaffMail.objects.get()
    assert notice.user == sara and "You are invited to a meeting" in notice.subject
    meetings.move_meeting(meeting=meeting, starts_at=None, by=sam, at=TUESDAY, invite=True)
    assert StaffMail.objects.count() == 2
    assert OwnMail.objects.filter(person=inbound.person).count() == 2


def test_hostile_words_stay_in_their_line(sam: Any) -> None:
    person = make_person(first_name="<b>\r\nBcc: x@y", last_name='"x"\nATTENDEE:mailto:z@z.example')
    book(
        make_inbound(sam, person), sam, subject='Gauge"\r\nBcc: x@y', place="a\r\nATTENDEE:mailto:q@q.example"
    )
    mail = OwnMail.objects.get()
    _method, said = event(mail)
    assert "\n" not in mail.subject
    assert str(said["ATTENDEE"]) == f"mailto:{person.email}"


# What they answer.


def answer(meeting: Meeting, address: str, **more: Any) -> bool:
    given = {"uid": f"{meeting.uid}@crm.example", "partstat": "ACCEPTED", "at": later(hours=1)}
    return meetings.note_answer(**({"address": address} | given | more))


def test_their_answer_stands_at_the_meeting_and_on_today(inbound: Prospect, sam: Any) -> None:
    meeting = book(inbound, sam, starts_at=later(hours=3))
    assert answer(meeting, f"MAILTO:{inbound.person.email.upper()}", partstat="tentative")
    guest = MeetingGuest.objects.get()
    assert (guest.answer, guest.answered_at) == ("tentative", later(hours=1))
    rows = {section.key: section.rows for section in today(sam, later(hours=2)).sections}
    assert [row.why for row in rows["meetings"]] == ["Gauge, perhaps"]


def test_only_the_newest_answer_to_the_newest_invitation_counts(inbound: Prospect, sam: Any) -> None:
    first, to = book(inbound, sam), inbound.person.email
    assert answer(first, to, partstat="DECLINED", at=later(hours=3))
    assert not answer(first, to, partstat="ACCEPTED", at=later(hours=2))
    assert not answer(first, to, partstat="DECLINED", at=later(hours=3))
    second = meetings.move_meeting(
        meeting=first, starts_at=later(days=4), by=sam, at=later(hours=4), invite=True
    )
    assert not answer(second, to, sequence=0, at=later(hours=5))
    assert answer(second, to, sequence=1, at=later(hours=6))
    assert [row.answer for row in MeetingGuest.objects.order_by("pk")] == ["declined", "accepted"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"uid": "x"}, {"uid": "3a7f0a3e-9f3a-4a54-8a53-1b2c3d4e5f62@crm.example"}, {"address": "z@z.example"},
        {"address": ""}, {"partstat": "DELEGATED"}, {"address": "\r\n"},
    ],
)  # fmt: skip
def test_an_answer_that_is_not_ours_changes_nothing(inbound: Prospect, sam: Any, wrong: dict) -> None:
    meeting = book(inbound, sam)
    assert not answer(meeting, **({"address": inbound.person.email} | wrong))
    assert MeetingGuest.objects.get().answer == ""


# The pages.


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


DAY = {"day": f"{NEXT_YEAR}-05-04", "clock": "10:00"}


def test_the_box_of_the_page_decides(rep: Client, inbound: Prospect) -> None:
    address = reverse("staff-meeting", args=[inbound.pk])
    rep.post(address, DAY | {"long": "1"})
    assert not OwnMail.objects.exists()
    page = rep.post(address, DAY | {"long": "1", "invite": "on"}, follow=True).content.decode()
    assert OwnMail.objects.count() == 1
    assert "The mail about it is on its way." in page and "invited, no answer yet" in page


def test_the_page_says_who_was_not_reached(rep: Client, inbound: Prospect) -> None:
    Person.objects.filter(pk=inbound.person_id).update(email="", email_key=None, phone_key="+41446681800")
    page = rep.post(
        reverse("staff-meeting", args=[inbound.pk]), DAY | {"long": "1", "invite": "on"}, follow=True
    )
    assert "There is no e-mail address." in page.content.decode()


def test_move_and_end_tell_them_where_the_box_says_so(rep: Client, inbound: Prospect, sam: Any) -> None:
    meeting = book(inbound, sam, starts_at=timezone.now() + timedelta(days=3))
    rep.post(reverse("staff-meeting-move", args=[meeting.pk]), DAY | {"invite": "on"})
    moved = Meeting.objects.get(outcome="booked")
    rep.post(reverse("staff-meeting-off", args=[moved.pk]), {"invite": "on"})
    assert list(OwnMail.objects.order_by("pk").values_list("subject", flat=True)) == [
        "Invitation: Gauge", "New time: Gauge", "Cancelled: Gauge",
    ]  # fmt: skip


def test_a_call_that_books_a_meeting_invites_to_it(rep: Client, inbound: Prospect) -> None:
    call = {
        "outcome": "conversation",
        "meet_day": f"{NEXT_YEAR}-05-04",
        "meet_clock": "10:00",
        "meet_invite": "on",
    }
    assert rep.post(reverse("staff-call", args=[inbound.pk]), call).status_code == 302
    assert OwnMail.objects.get().person == inbound.person
    assert "invited, no answer yet" in rep.get(reverse("staff-person", args=[inbound.pk])).content.decode()
