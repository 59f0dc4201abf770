"""Calendar files: the invitation that moves with its meeting, and a feed that tells no more than who and when."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from prospects import calendar, follow_ups, meetings
from prospects.models import Meeting, Prospect, Rep
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_person

pytestmark = pytest.mark.django_db


def book(prospect: Prospect, by: Any, **more: Any) -> Meeting:
    given = {"starts_at": later(days=2), "subject": "Gauge, line 2", "place": "Hall 4; left, then up\nring"}
    return meetings.book_meeting(**({"prospect": prospect, "by": by, "at": TUESDAY} | given | more))


def read(content: bytes) -> tuple[Calendar, Any]:
    file = Calendar.from_ical(content)
    return file, file.walk("VEVENT")[0]


def test_an_invitation_names_who_when_and_where(inbound: Prospect, sam: Any, sara: Any) -> None:
    meeting = book(inbound, sam, colleagues=[sara])
    file, event = read(calendar.invitation(meeting, at=TUESDAY))
    assert (file["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert event["UID"].startswith(str(meeting.uid))
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (later(days=2), later(days=2, minutes=30))
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Gauge, line 2", "Hall 4; left, then up\nring")
    assert str(event["ORGANIZER"]) == f"mailto:{sam.email}"
    assert [str(one) for one in event["ATTENDEE"]] == [
        f"mailto:{inbound.person.email}",
        f"mailto:{sara.email}",
    ]


def test_a_moved_meeting_moves_the_entry_and_one_called_off_takes_it_out(inbound: Prospect, sam: Any) -> None:
    first = book(inbound, sam)
    second = meetings.move_meeting(meeting=first, starts_at=later(days=4), by=sam, at=TUESDAY)
    _file, event = read(calendar.invitation(second, at=TUESDAY))
    assert (event["UID"].split("@")[0], event["SEQUENCE"]) == (str(first.uid), 1)
    off = meetings.move_meeting(meeting=second, starts_at=None, by=sam, at=TUESDAY)
    file, event = read(calendar.invitation(off, at=TUESDAY))
    assert (file["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)


def test_lines_are_no_longer_than_the_standard_allows(inbound: Prospect, sam: Any) -> None:
    content = calendar.invitation(book(inbound, sam, place="ß" * 300), at=TUESDAY)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


@pytest.fixture
def known(sam: Any) -> Prospect:
    person = make_person(
        first_name="Ada", last_name="Lovelace", email="ada@secret.example", email_key="ada@secret.example",
        phone="+41446681800", phone_key="+41446681800", company_name="Works", job_title="Countess",
    )  # fmt: skip
    return make_inbound(sam, person)


def test_the_feed_tells_name_and_company_and_no_more(known: Prospect, sam: Any) -> None:
    book(known, sam)
    due = later(days=1)
    follow_ups.plan_follow_up(
        prospect=known, kind="call", due_at=due, by=sam, at=TUESDAY, text="Asked for a rebate"
    )
    content = calendar.feed(sam, at=TUESDAY).decode()
    said = [str(event["SUMMARY"]) for event in Calendar.from_ical(content).walk("VEVENT")]
    assert said == ["Meeting: Ada Lovelace, Works", "Call: Ada Lovelace, Works"]
    for secret in ("ada@secret.example", "41446681800", "rebate", "Gauge", "Countess"):
        assert secret not in content


def test_a_nameless_person_is_no_address_in_the_feed(sam: Any) -> None:
    book(make_inbound(sam, make_person(first_name="", last_name="")), sam)
    assert "works.example" not in calendar.feed(sam, at=TUESDAY).decode()


def test_the_feed_holds_own_meetings_and_those_one_is_invited_to(
    sam: Any, sara: Any, known: Prospect
) -> None:
    book(known, sam, colleagues=[sara])
    book(make_inbound(sam), sam)
    assert [calendar.feed(user, at=TUESDAY).count(b"BEGIN:VEVENT") for user in (sam, sara)] == [2, 1]


def test_the_feed_is_read_without_a_login_until_a_new_address_is_made(client: Client, sam: Any) -> None:
    client.force_login(sam)
    address = reverse("staff-calendar-new")
    client.post(address)
    first = Rep.objects.get(user=sam).calendar_key
    assert first and first in client.get(reverse("staff-calendar")).content.decode()
    client.logout()
    answer = client.get(reverse("staff-calendar-feed", args=[first]))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer["Content-Type"].startswith("text/calendar")
    client.force_login(sam)
    client.post(address)
    client.logout()
    assert client.get(reverse("staff-calendar-feed", args=[first])).status_code == 404


def test_who_left_has_no_calendar(client: Client, sam: Any) -> None:
    key = calendar.new_address(sam)
    sam.is_active = False
    sam.save()
    assert client.get(reverse("staff-calendar-feed", args=[key])).status_code == 404
    assert client.get(reverse("staff-calendar-feed", args=["None"])).status_code == 404


def test_the_invitation_of_a_meeting_that_is_over_is_gone(
    client: Client, sam: Any, inbound: Prospect
) -> None:
    meeting = book(inbound, sam)
    address = reverse("staff-meeting-invitation", args=[meeting.pk])
    client.force_login(sam)
    answer = client.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="invitation.ics"'
    meetings.close_meeting(meeting=meeting, outcome="held", by=sam, at=timezone.now())
    assert client.get(address).status_code == 404


def test_only_sales_has_a_calendar(client: Client, maya: Any, nora: Any, sam: Any) -> None:
    for user, status in ((maya, 403), (nora, 403), (sam, 200)):
        client.force_login(user)
        assert client.get(reverse("staff-calendar")).status_code == status
