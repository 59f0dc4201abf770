"""A meeting keeps its guests and its uid when it goes to another time; the first who says how it went wins."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import Conflict, Refused
from leads.models import Person
from prospects import meetings
from prospects.models import Meeting, Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person

pytestmark = pytest.mark.django_db
NEXT_YEAR = timezone.localdate().year + 1

KEY = "3a7f0a3e-9f3a-4a54-8a53-1b2c3d4e5f62"


def book(prospect: Prospect, by: Any, **more: Any) -> Meeting:
    return meetings.book_meeting(
        **({"prospect": prospect, "starts_at": later(days=2), "by": by, "at": TUESDAY} | more)
    )


def invited(meeting: Meeting) -> set[Any]:
    return {guest.person or guest.user for guest in meeting.guests.all()}


def there(prospect: Prospect, company: Any) -> Prospect:
    Person.objects.filter(pk=prospect.person_id).update(company=company)
    return Prospect.objects.get(pk=prospect.pk)


def test_the_person_is_invited_and_others_of_the_company(
    inbound: Prospect, company: Any, sam: Any, sara: Any
) -> None:
    prospect, boss = there(inbound, company), make_person(company=company)
    meeting = book(prospect, sam, people=[boss], colleagues=[sara, sam])
    assert invited(meeting) == {prospect.person, boss, sara}  # sam has the meeting anyway


def test_whom_another_rep_works_on_is_not_this_reps_to_invite(
    inbound: Prospect, company: Any, sam: Any, sara: Any
) -> None:
    prospect, theirs = there(inbound, company), make_person(company=company)
    make_cold(sara, theirs)
    with pytest.raises(Refused, match="same company"):
        book(prospect, sam, people=[theirs])
    with pytest.raises(Refused, match="same company"):
        book(prospect, sam, people=[make_person()])
    assert not Meeting.objects.exists()


def test_moved_is_a_new_row_with_the_same_uid_and_guests(inbound: Prospect, sam: Any, sara: Any) -> None:
    first = book(inbound, sam, place="Hall 4", colleagues=[sara])
    second = meetings.move_meeting(
        meeting=first, starts_at=later(days=5), by=sara, at=TUESDAY, submit_key=KEY
    )
    assert (second.uid, second.sequence, second.moved_from) == (first.uid, 1, first)
    assert (second.place, second.by, invited(second)) == ("Hall 4", sam, {inbound.person, sara})
    first.refresh_from_db()
    assert first.outcome == "moved" and not meetings.is_called_off(first)
    assert (
        meetings.move_meeting(meeting=first, starts_at=later(days=5), by=sara, at=TUESDAY, submit_key=KEY)
        == second
    )


def test_called_off_counts_the_sequence_up_and_leaves_no_meeting(inbound: Prospect, sam: Any) -> None:
    meeting = meetings.move_meeting(meeting=book(inbound, sam), starts_at=None, by=sam, at=TUESDAY)
    assert meeting.sequence == 1 and meetings.is_called_off(meeting)
    assert not Meeting.objects.filter(outcome="booked").exists()


def test_of_two_who_say_how_it_went_one_wins(inbound: Prospect, sam: Any) -> None:
    meeting = book(inbound, sam)
    meetings.close_meeting(meeting=meeting, outcome="held", by=sam, at=later(days=2))
    with pytest.raises(Conflict, match="held"):
        meetings.move_meeting(meeting=meeting, starts_at=later(days=9), by=sam, at=later(days=2))
    with pytest.raises(Refused):
        meetings.close_meeting(meeting=meeting, outcome="moved", by=sam, at=later(days=2))


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


DAY = {"day": f"{NEXT_YEAR}-05-04", "clock": "10:00", "long": "1"}


def test_the_page_books_with_guests_and_moves(
    rep: Client, inbound: Prospect, company: Any, sara: Any
) -> None:
    prospect, boss = there(inbound, company), make_person(company=company, first_name="Grace")
    address = reverse("staff-meeting", args=[prospect.pk])
    assert "Grace" in rep.get(address).content.decode()
    assert (
        rep.post(
            address, {**DAY, "people": [boss.pk], "colleagues": [sara.pk], "place": "Hall 4"}
        ).status_code
        == 302
    )
    meeting = Meeting.objects.get()
    assert invited(meeting) == {prospect.person, boss, sara}
    moved = {"day": f"{NEXT_YEAR}-05-05", "clock": "11:00", "place": ""}
    assert rep.post(reverse("staff-meeting-move", args=[meeting.pk]), moved).status_code == 302
    assert Meeting.objects.get(outcome="booked").place == ""
    assert f"5 May {NEXT_YEAR}" in rep.get(address).content.decode()


def test_a_meeting_in_the_past_is_refused_on_the_page(rep: Client, inbound: Prospect) -> None:
    address = reverse("staff-meeting", args=[inbound.pk])
    answer = rep.post(address, {"day": "2020-01-01", "clock": "10:00", "long": "1"})
    assert (
        answer.status_code == 422
        and "A meeting lies ahead: choose a later day or time." in answer.content.decode()
    )


@pytest.mark.parametrize("name", ["done", "move", "off", "invitation"])
def test_meetings_of_others_are_not_found(
    client: Client, sam: Any, sara: Any, vera: Any, nora: Any, maya: Any, name: str
) -> None:
    meeting = book(make_inbound(sara), sara)
    address = reverse(f"staff-meeting-{name}", args=[meeting.pk])
    ask = client.get if name == "invitation" else client.post
    for user, status in ((sam, 404), (maya, 403), (nora, 403)):
        client.force_login(user)
        assert ask(address).status_code == status
    meeting.refresh_from_db()
    assert meeting.outcome == "booked"
