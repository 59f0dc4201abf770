"""Meetings: booked, held, missed, moved. One appointment keeps its uid however often it is moved (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.feedback.matching import key_of
from leads.models import Person
from leads.nurture.goals import Goal, reached
from prospects.correspondence import invitations
from prospects.first_act import note_first_act
from prospects.follow_ups import refuse_closed_kindly
from prospects.models import Call, Meeting, MeetingGuest, Prospect
from prospects.pressed_twice import twin_of
from prospects.transitions import lock, refuse_stranger

Outcome, Answer = Meeting.Outcome, MeetingGuest.Answer
ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "TENTATIVE": Answer.TENTATIVE, "DECLINED": Answer.DECLINED}


def book_meeting(
    *,
    prospect: Prospect,
    starts_at: datetime,
    by: Any,
    at: datetime,
    minutes: int = 30,
    subject: str = "",
    place: str = "",
    people: Iterable[Person] = (),
    colleagues: Iterable[Any] = (),
    call: Call | None = None,
    invite: bool = False,
    submit_key: Any = None,
) -> Meeting:
    """Agree on a meeting; a human act, so it stops the clock of the first answer, and cadences have their goal.

    The prospect's person is invited in any case; `people` are others of the same company, `colleagues` users of ours.
    `invite`: those who have an address get the invitation by mail, in the name of `by`.
    """
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = twin_of(Meeting, submit_key, prospect=prospect)
        if twin is not None:
            return twin
        refuse_closed_kindly(prospect)
        others, ours = _refuse_outsiders(prospect, by, people), list(colleagues)
        note_first_act(prospect, by=by, at=at)
        reached(person=prospect.person, goal=Goal.MEETING, at=at)
        meeting = Meeting.objects.create(
            prospect=prospect, at=starts_at, minutes=minutes, subject=subject, place=place, by=by,
            recorded_at=at, call=call, submit_key=submit_key,
        )  # fmt: skip
        _invite(meeting, [prospect.person, *others], ours)
        if invite and by is not None:
            invitations.send(meeting, by=by, at=at)
    return meeting


def close_meeting(*, meeting: Meeting, outcome: str, by: Any, at: datetime) -> Meeting:
    """Say how a booked meeting went: held or no-show. Raises Conflict where that was said already."""
    if outcome not in (Outcome.HELD, Outcome.NO_SHOW):
        raise Refused(_("A meeting was held, was a no-show, or was moved to another time."))
    with transaction.atomic():
        _end(meeting, outcome, by=by)
    return meeting


def move_meeting(
    *,
    meeting: Meeting,
    starts_at: datetime | None,
    by: Any,
    at: datetime,
    minutes: int | None = None,
    place: str | None = None,
    invite: bool = False,
    submit_key: Any = None,
) -> Meeting:
    """To another time: a new row with the same uid and guests. Without a time it is called off for now.

    `invite`: everybody invited hears of it by mail. Calendars that hold the invitation take the higher `sequence`.
    Raises Conflict where the meeting is over or was moved.
    """
    with transaction.atomic():
        lock(meeting.prospect)
        refuse_stranger(meeting.prospect, by)
        twin = twin_of(Meeting, submit_key, prospect=meeting.prospect)
        if twin is not None:
            return twin
        if starts_at is not None:
            refuse_closed_kindly(meeting.prospect)
        called_off = {"sequence": F("sequence") + 1} if starts_at is None else {}
        _end(meeting, Outcome.MOVED, by=by, **called_off)
        if starts_at is None:
            meeting.refresh_from_db(fields=["sequence"])
            if invite and by is not None:
                invitations.send(meeting, by=by, at=at)
            return meeting
        moved = Meeting.objects.create(
            prospect=meeting.prospect, at=starts_at, minutes=minutes or meeting.minutes, subject=meeting.subject,
            place=meeting.place if place is None else place, uid=meeting.uid, sequence=meeting.sequence + 1,
            moved_from=meeting, call=meeting.call, by=meeting.by, recorded_at=at, submit_key=submit_key,
        )  # fmt: skip
        guests = list(meeting.guests.select_related("person", "user"))
        _invite(moved, [one.person for one in guests if one.person], [one.user for one in guests if one.user])
        if invite and by is not None:
            invitations.send(moved, by=by, at=at)
    return moved


def note_answer(*, uid: str, address: str, partstat: str, at: datetime, sequence: int | None = None) -> bool:
    """What a calendar answered to an invitation (METHOD:REPLY of RFC 5546): `uid` and `partstat` as in the file.

    False, and nothing is changed, for a meeting or guest that is not ours, an answer to an invitation that was moved
    since (a lower `sequence`), and one that is older than what is known.
    """
    answer, bare = ANSWERS.get(partstat.strip().upper()), address.strip()
    key = key_of(bare[7:] if bare.lower().startswith("mailto:") else bare)
    try:
        number = UUID(uid.strip().partition("@")[0])
    except ValueError:
        return False
    meeting = Meeting.objects.filter(uid=number, outcome=Outcome.BOOKED).order_by("-sequence").first()
    if meeting is None or answer is None or not key or (sequence is not None and sequence < meeting.sequence):
        return False
    theirs = Q(person__email_key=key) | Q(user__email__iexact=key)
    guests = MeetingGuest.objects.filter(theirs, meeting=meeting).values_list("pk", flat=True)
    older = MeetingGuest.objects.filter(Q(answered_at=None) | Q(answered_at__lt=at), pk__in=list(guests))
    return bool(older.update(answer=answer, answered_at=at))


def possible_guests(prospect: Prospect, user: Any) -> QuerySet[Person]:
    """Others of the same company, but for those another rep works on: their addresses are not this rep's to use."""
    there = Person.objects.filter(company=prospect.person.company_id, erased_at=None, merged_into=None)
    if prospect.person.company_id is None:
        there = there.none()
    if not user.has_perm("prospects.manage_prospects"):
        there = there.filter(Q(sales_open=False) | Q(sales_owner=user))
    return there.exclude(pk=prospect.person_id).order_by("last_name", "first_name", "pk")


def possible_colleagues(user: Any) -> QuerySet[Any]:
    """Everybody else of ours who works prospects."""
    working = get_user_model().objects.with_perm("prospects.work_prospects", include_superusers=False)
    return working.exclude(pk=user.pk).order_by("first_name", "last_name", "pk")


def is_called_off(meeting: Meeting) -> bool:
    """Moved, and nobody said yet to when."""
    return meeting.outcome == Outcome.MOVED and not Meeting.objects.filter(moved_from=meeting).exists()


def _refuse_outsiders(prospect: Prospect, by: Any, people: Iterable[Person]) -> list[Person]:
    chosen = {person.pk: person for person in people if person.pk != prospect.person_id}
    known = (
        set(possible_guests(prospect, by).filter(pk__in=chosen).values_list("pk", flat=True))
        if chosen
        else set()
    )
    if set(chosen) - known:
        raise Refused(_("Invite people of the same company whom nobody else works on."))
    return list(chosen.values())


def _invite(meeting: Meeting, people: Iterable[Person], colleagues: Iterable[Any]) -> None:
    rows = [MeetingGuest(meeting=meeting, person=person) for person in people]
    rows += [MeetingGuest(meeting=meeting, user=user) for user in colleagues if user.pk != meeting.by_id]
    MeetingGuest.objects.bulk_create(rows)


def _end(meeting: Meeting, outcome: str, *, by: Any, **changed: Any) -> None:
    """Lock, and end what is still booked; the first who says so wins."""
    lock(meeting.prospect)
    refuse_stranger(meeting.prospect, by)
    booked = Meeting.objects.filter(pk=meeting.pk, outcome=Outcome.BOOKED)
    if not booked.update(outcome=outcome, **changed):
        raise Conflict(now=Meeting.objects.get(pk=meeting.pk).get_outcome_display())
    meeting.outcome = outcome
