"""The invitation to a meeting by mail, and what they answer (RFC 5546, RFC 6047).

It goes out as every one-to-one mail does, in the name of whoever books; colleagues hear by a notice in their mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from leads.models import OwnMail, Person, StaffMail
from leads.own_mail import writing
from leads.sending import staff_mail
from leads.sending.gate import zone_of
from leads.sending.headers import writes_from
from prospects.calendar import invitation
from prospects.models import Meeting, MeetingGuest


def send(meeting: Meeting, *, by: Any, at: datetime) -> list[OwnMail]:
    """To everybody invited whom the gate lets through, in the transaction of the verb; off their calendars again where
    the meeting was called off. The same state of a meeting goes to each person once, however often this is called.
    """
    off, sent = meeting.outcome == Meeting.Outcome.MOVED, []
    # Calendars send the answer to the organizer, so it is the address that the mail comes from.
    file = invitation(meeting, at=at, organizer=writes_from(by)).decode()
    for guest in meeting.guests.select_related("person", "user").order_by("pk"):
        if guest.person is None:
            _tell_colleague(meeting, guest.user, at, off)
        elif writing.refusal(guest.person, at, invites=True) is None:
            sent.append(_mail(meeting, guest, by=by, at=at, calendar=file, off=off))
    return sent


def not_reached(meeting: Meeting, at: datetime) -> list[tuple[Person, str]]:
    """Who is invited and has no mail of it, and why the gate says no."""
    rows = meeting.guests.filter(person__isnull=False, mail=None).select_related("person").order_by("pk")
    found = [(row.person, writing.refusal(row.person, at, invites=True)) for row in rows if row.person]
    return [(person, no.words) for person, no in found if no]


def _mail(
    meeting: Meeting, guest: MeetingGuest, *, by: Any, at: datetime, calendar: str, off: bool
) -> OwnMail:
    assert guest.person is not None
    with translation.override(guest.person.language or settings.LANGUAGE_CODE):
        subject, text = words(meeting, guest.person, by, off)
    mail = writing.write(
        person=guest.person, user=by, subject=subject, text=text, at=at, calendar=calendar,
        key=uuid5(meeting.uid, f"{meeting.sequence}:{guest.person_id}"), answers=_before(meeting, guest),
    )  # fmt: skip
    MeetingGuest.objects.filter(pk=guest.pk).update(mail=mail)
    return mail


def _before(meeting: Meeting, guest: MeetingGuest) -> OwnMail | None:
    """The mail they had of this meeting before, so that all of them stand in one talk."""
    earlier = MeetingGuest.objects.filter(
        meeting__uid=meeting.uid, person=guest.person_id, mail__isnull=False
    )
    row = earlier.select_related("mail").order_by("-mail__at", "-pk").first()
    return row.mail if row else None


def words(meeting: Meeting, person: Person, by: Any, off: bool) -> tuple[str, str]:
    """Subject and text, the hour as their clock shows it."""
    starts = meeting.at.astimezone(zone_of(person))
    when = f"{date_format(starts, 'l j F Y, H:i')} ({starts.tzinfo})"
    about = meeting.subject or _("Meeting with %(house)s") % {"house": settings.ORG_BRAND}
    if off:
        subject, lead = _("Cancelled: %(about)s"), _("Our meeting does not take place:")
    elif meeting.moved_from_id:
        subject, lead = _("New time: %(about)s"), _("Our meeting has a new time:")
    else:
        subject, lead = _("Invitation: %(about)s"), _("Here is the invitation to our meeting:")
    hello = _("Hello %(name)s,") % {"name": person.first_name} if person.first_name.strip() else _("Hello,")
    length = _("%(n)d minutes") % {"n": meeting.minutes}
    facts = [about, when] if off else [about, when, length, *filter(None, [meeting.place])]
    name = by.get_full_name() or settings.ORG_BRAND
    return subject % {"about": about}, "\n\n".join([hello, lead, "\n".join(facts), name])


def _tell_colleague(meeting: Meeting, user: Any, at: datetime, off: bool) -> None:
    """In their own mailbox; their calendar feed holds the meeting anyway."""
    starts = timezone.localtime(meeting.at)
    who = meeting.prospect.person.name
    said = _("A meeting you are invited to is called off") if off else _("You are invited to a meeting")
    when = date_format(starts, "l j F Y, H:i")
    lines: Iterable[str] = filter(None, [f"{said}.", who, meeting.subject, when, meeting.place])
    text = "\n".join([*lines, f"{settings.BASE_URL}{reverse('staff-calendar')}"])
    staff_mail.queue(
        user=user, kind=StaffMail.Kind.NOTICE, key=f"meeting:{meeting.pk}:{meeting.sequence}:{user.pk}",
        subject=f"{said}: {who}, {when}", html=_page(text), text=text, at=at,
    )  # fmt: skip


def _page(text: str) -> str:
    body = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))
    return f"<!doctype html><html><body>{body}</body></html>"
