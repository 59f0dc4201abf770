"""One-off mailings: a mail to a segment, at once, at a time, or at a clock time of each reader's own zone.

Underneath is a sequence of one step, published when the mailing starts; gate, ledger and sums are the same. Who is
in the segment is asked when it starts, not when the mail is due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from campaigns import sequences
from campaigns.errors import Conflict, Refused
from campaigns.models import EmailTemplate, SequenceStep, StepKind
from campaigns.models import Sequence as MailSequence
from leads import segments
from leads.models import Enrolment, Entry, Mailing, Person, Segment, SegmentMember
from leads.nurture.enrolment import enrol_many
from leads.nurture.leaving import leave

# A clock time that is over somewhere: so long ago it is still sent at once there, else on the next day.
STILL_AT_ONCE = timedelta(hours=12)
CANCELLED = "the mailing was cancelled"
OF_THE_SEQUENCE = ("name", "audience", "campaign", "topic", "priority")
OF_THE_MAILING = ("kind", "segment", "send_on", "send_at", "in_each_zone")


def create(
    *,
    name: str,
    template: EmailTemplate,
    segment: Segment,
    submit_key: UUID,
    by: Any,
    at: datetime,
    **more: Any,
) -> Mailing:
    """A mailing that is not started yet. `more`: kind, send_on, send_at, in_each_zone, and of its sequence audience,
    campaign, topic, priority. The same `submit_key` answers with the first one. Raises Refused for an odd time.
    """
    with transaction.atomic():
        twin = Mailing.objects.select_related("sequence").filter(submit_key=submit_key).first()
        if twin is not None:
            return twin
        sequence = MailSequence(
            name=name,
            slug=_free_slug(name),
            kind=MailSequence.Kind.MAILING,
            stops_on_reply=False,
            stops_on_meeting=False,
        )
        mailing = Mailing(sequence=sequence, segment=segment, submit_key=submit_key, created_at=at)
        _fill(mailing, more, at)
        sequence._history_user = by  # type: ignore[attr-defined]
        sequence.save()
        mailing.sequence = sequence
        mailing.save()
        SequenceStep.objects.create(sequence=sequence, kind=StepKind.MAIL, template=template)
    return mailing


def change(
    *, mailing: Mailing, by: Any, at: datetime, template: EmailTemplate | None = None, **columns: Any
) -> Mailing:
    """Other words, people or time, as `create`, while it is not started. Raises Conflict once it is."""
    with transaction.atomic():
        mailing = _locked(mailing)
        if mailing.started_at:
            raise Conflict(now=_("started"))
        _fill(mailing, columns, at)
        mailing.sequence._history_user = by  # type: ignore[attr-defined]
        mailing.sequence.save()
        mailing.save()
        if template is not None:
            mailing.sequence.steps.update(template=template)
    return mailing


def start(*, mailing: Mailing, by: Any, at: datetime, findings: Sequence[Mapping[str, Any]] = ()) -> Mailing:
    """Publish it, see who is in the segment now, and give each their time. Twice is the same as once.

    Raises Refused for a template that would fail, a day that is over, or a segment that nobody is in; Conflict where
    it was cancelled. Whether each person may get it is asked by the gate when the mail is due.
    """
    with transaction.atomic():
        mailing = _locked(mailing)
        if mailing.started_at:
            return mailing
        if mailing.sequence.archived_at:
            raise Conflict(now=_("cancelled"))
        if problem := problem_of(mailing, at=at):
            raise Refused(problem)
        sequences.publish(sequence=mailing.sequence, by=by, at=at, findings=findings)
        segments.refresh(segment=mailing.segment, at=at)
        members = SegmentMember.objects.filter(segment=mailing.segment).values("person")
        entered = enrol_many(
            people=Person.objects.filter(pk__in=members),
            sequence=mailing.sequence,
            at=at,
            entry=Entry.MAILING,
            due_in_zone=due_in_zone(mailing, at=at),
        )
        if not entered:
            raise Refused(_("Nobody in this segment belongs to those it is for."))
        mailing.started_at = mailing.enrolled_at = at
        mailing.started_by = by
        mailing.save(update_fields=["started_at", "started_by", "enrolled_at"])
        mailing.sequence.refresh_from_db()
    return mailing


def cancel(*, mailing: Mailing, by: Any, at: datetime) -> int:
    """Send no more of it; returns how many people it was taken from. What is being sent may still arrive."""
    with transaction.atomic():
        mailing = _locked(mailing)
        if not mailing.started_at:
            MailSequence.objects.filter(pk=mailing.sequence_id, archived_at=None).update(archived_at=at)
            return 0
        if mailing.sequence.state != MailSequence.State.ENDED:
            sequences.end(sequence=mailing.sequence, by=by, at=at)
        return leave(Enrolment.objects.filter(sequence=mailing.sequence_id), reason=CANCELLED, at=at)


def due_in_zone(mailing: Mailing, *, at: datetime) -> Callable[[ZoneInfo], datetime]:
    """When the mail is due for readers of a zone, if the mailing starts at `at`. Pure.

    Where the clock time is over already it is sent at once, up to `STILL_AT_ONCE`; where it is longer ago, at that
    time of the next day.
    """
    if mailing.send_on is None or mailing.send_at is None:
        return lambda _zone: at
    if not mailing.in_each_zone:
        ours = max(_moment(mailing, _own_zone()), at)
        return lambda _zone: ours
    return lambda zone: _in_zone(mailing, zone, at)


def problem_of(mailing: Mailing, *, at: datetime) -> str:
    """What is odd about its time, in words; empty where nothing is."""
    if (mailing.send_on is None) != (mailing.send_at is None):
        return _("Give a day and a time, or neither to send at once.")
    if mailing.send_on is None:
        return _("For each reader's zone give a day and a time.") if mailing.in_each_zone else ""
    if _moment(mailing, _own_zone()) < at - STILL_AT_ONCE:
        return _("This time lies in the past.")
    return ""


def _in_zone(mailing: Mailing, zone: ZoneInfo, at: datetime) -> datetime:
    due = _moment(mailing, zone)
    if due >= at - STILL_AT_ONCE:
        return max(due, at)
    return max(_moment(mailing, zone, days=1), at)


def _moment(mailing: Mailing, zone: ZoneInfo, days: int = 0) -> datetime:
    assert mailing.send_on and mailing.send_at
    day = mailing.send_on + timedelta(days=days)
    return datetime.combine(day, mailing.send_at, zone).astimezone(UTC)


def _own_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _locked(mailing: Mailing) -> Mailing:
    """Read after the lock: who waited for it must see what the other did, to the sequence as well."""
    locked = Mailing.objects.select_for_update().get(pk=mailing.pk)
    return Mailing.objects.select_related("sequence", "segment").get(pk=locked.pk)


def _fill(mailing: Mailing, columns: Mapping[str, Any], at: datetime) -> None:
    for name, value in columns.items():
        if name in OF_THE_SEQUENCE:
            setattr(mailing.sequence, name, value)
        elif name in OF_THE_MAILING:
            setattr(mailing, name, value)
        else:
            raise TypeError(f"A mailing has no {name}.")
    if problem := problem_of(mailing, at=at):
        raise Refused(problem)


def _free_slug(name: str) -> str:
    """The name as it stands in links (`utm_source`), with a number where it is taken."""
    base = slugify(name)[:70] or "mailing"
    taken = set(MailSequence.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbers if slug not in taken)
