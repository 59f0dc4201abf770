"""Calendar files (RFC 5545): the invitation to one meeting, and a rep's own feed.

The feed is read without a login, by whoever knows its address. So it names person and company, and nothing else about
them: no address, no number, no word of a note.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from leads.models import Person
from prospects.models import FollowUp, Meeting, Rep

MADE_BY = "-//Headwater//Sales//EN"
BACK, AHEAD = timedelta(days=30), timedelta(days=366)
MOST = 1000  # of each kind, in one feed
A_TASK = timedelta(minutes=15)  # how long a follow-up stands in the calendar


def invitation(meeting: Meeting, *, at: datetime, organizer: str = "") -> bytes:
    """The file to send along: REQUEST for a meeting that is booked, CANCEL for one that was called off.

    A meeting that was moved keeps its uid and counts `sequence` up, so that calendars move their entry. `organizer` is
    the address that answers go to; in a file that is sent by hand it is the host's own.
    """
    off = meeting.outcome == Meeting.Outcome.MOVED  # where it went to another time, that row has the file
    calendar = _calendar("CANCEL" if off else "REQUEST")
    event = _event(f"{meeting.uid}", meeting.at, timedelta(minutes=meeting.minutes), at)
    event.add("summary", meeting.subject or _("Meeting with %(house)s") % {"house": settings.ORGANISATION})
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    event.add("sequence", meeting.sequence)
    if meeting.place:
        event.add("location", meeting.place)
    host = meeting.by or meeting.prospect.owner
    address = organizer or (host.email if host else "")
    if address:
        event.add("organizer", _address(address, str(host or settings.ORG_BRAND)))
    for guest in meeting.guests.select_related("person", "user").order_by("pk"):
        _invite(event, guest.person or guest.user)
    calendar.add_component(event)
    return calendar.to_ical()


def feed(user: Any, *, at: datetime) -> bytes:
    """Meetings of the last month and the coming year, and the follow-ups that are open. Two queries."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", settings.ORGANISATION)
    for meeting in _meetings(user, at):
        event = _event(f"{meeting.uid}", meeting.at, timedelta(minutes=meeting.minutes), at)
        event.add("summary", _about(_("Meeting"), meeting.prospect.person))
        event.add("sequence", meeting.sequence)
        if meeting.place:
            event.add("location", meeting.place)
        calendar.add_component(event)
    for promise in _promises(user, at):
        event = _event(f"follow-up-{promise.pk}", promise.due_at, A_TASK, at)
        event.add("summary", _about(str(promise.get_kind_display()).capitalize(), promise.prospect.person))
        event.add("transp", "TRANSPARENT")  # a task, which keeps no time of the day free
        calendar.add_component(event)
    return calendar.to_ical()


def letter(meeting: Meeting) -> str:
    """A mail in the rep's own program to all who have an address: when and where. The file is added by hand."""
    guests = [guest.person or guest.user for guest in meeting.guests.all()]
    to = ",".join(quote(guest.email, safe="@") for guest in guests if guest and guest.email)
    if not to:
        return ""
    starts = timezone.localtime(meeting.at)
    when = f"{date_format(starts, 'l j F Y, H:i')} ({starts.tzinfo})"
    subject = meeting.subject or _("Our meeting")
    body = "\n".join(filter(None, [when, _("%(n)d minutes") % {"n": meeting.minutes}, meeting.place]))
    return f"mailto:{to}?subject={quote(subject)}&body={quote(body)}"


def address_key(user: Any) -> str | None:
    """The secret of this user's feed, if they made one."""
    return Rep.objects.filter(user=user).values_list("calendar_key", flat=True).first()


def new_address(user: Any) -> str:
    """A fresh secret; the address before stops working at once."""
    key = secrets.token_urlsafe(32)
    Rep.objects.update_or_create(user=user, defaults={"calendar_key": key})
    return key


def reader(key: str) -> Any | None:
    """Whose feed this is; None for an unknown secret, and for somebody who no longer works here."""
    rep = Rep.objects.filter(calendar_key=key).select_related("user").first() if key else None
    works = rep is not None and rep.user.is_active and rep.user.has_perm("prospects.work_prospects")
    return rep.user if rep is not None and works else None


def upcoming(user: Any, at: datetime, days: int = 14) -> Iterable[Meeting]:
    """What the page of the calendar lists."""
    return _theirs(user).filter(at__gte=at - timedelta(hours=1), at__lt=at + timedelta(days=days))[:50]


def _theirs(user: Any) -> Any:
    own = Q(prospect__owner=user) | Q(by=user) | Q(guests__user=user)
    booked = Meeting.objects.filter(
        own, outcome__in=(Meeting.Outcome.BOOKED, Meeting.Outcome.HELD)
    ).distinct()
    return booked.select_related("prospect__person__company").order_by("at", "pk")


def _meetings(user: Any, at: datetime) -> Iterable[Meeting]:
    return _theirs(user).filter(at__gte=at - BACK, at__lt=at + AHEAD)[:MOST]


def _promises(user: Any, at: datetime) -> Iterable[FollowUp]:
    promises = FollowUp.objects.filter(owner=user, done_at=None, prospect__closed_at=None)
    soon = promises.filter(due_at__gte=at - BACK, due_at__lt=at + AHEAD)
    return soon.select_related("prospect__person__company").order_by("due_at", "pk")[:MOST]


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", MADE_BY)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(uid: str, starts: datetime, lasts: timedelta, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", at)
    # In UTC: the name of a zone needs its rules in the file, which some calendars read wrong (RFC 5545, 3.6.5).
    event.add("dtstart", starts.astimezone(UTC))
    event.add("dtend", (starts + lasts).astimezone(UTC))
    return event


def _invite(event: Event, guest: Any) -> None:
    """Who has no address cannot be invited by a calendar."""
    if not guest.email:
        return
    one = _address(guest.email, guest.name if isinstance(guest, Person) else str(guest))
    one.params["rsvp"] = vText("TRUE")
    one.params["partstat"] = vText("NEEDS-ACTION")
    event.add("attendee", one, encode=False)


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["cn"] = vText(name)
    return address


def _about(what: str, person: Person) -> str:
    name = f"{person.first_name} {person.last_name}".strip()
    company = person.company.name if person.company else person.company_name
    who = ", ".join(filter(None, [name, company])) or str(person)
    return f"{what}: {who}"
