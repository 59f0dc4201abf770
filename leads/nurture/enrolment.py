"""Who begins to walk a sequence, one person or many at once, and who leaves it. How a walk goes on: `advance.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.kept import Kept
from campaigns.models import PublishedStep, SequenceVersion
from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Entry, Lead, LeadStatus, Person, Submission
from leads.nudge import nudge
from leads.nurture import sets
from leads.nurture.leaving import leave
from leads.nurture.times import due_after
from leads.sending.gate import audience_refuses, zone_of

State = Enrolment.State
Audience = MailSequence.Audience
OPEN = (MailSequence.State.LIVE, MailSequence.State.PAUSED)

ANOTHER_ROUND = timedelta(days=90)  # a form soon after a finished round does not begin it all again
ADVANCE = "leads.nurture.advance.advance"


def enrol(
    *,
    person: Person,
    sequence: MailSequence,
    at: datetime,
    by: Any = None,
    submission: Submission | None = None,
    entry: str = "",
) -> Enrolment | None:
    """Let a person walk the newest version of a sequence. Who walks it already is answered with that enrolment.

    None where it does not take them: not live, not its audience, the same form again, or a form within
    `ANOTHER_ROUND` of the last round's end. Everybody else may begin another round at once.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        rounds = Enrolment.objects.filter(person=person, sequence=sequence).order_by("-round")
        last = rounds.first()
        if last and last.state == State.ACTIVE:
            return last
        if last and submission and (rounds.filter(submission=submission).exists() or _too_soon(last, at)):
            return None
        status = Lead.objects.filter(person=person).values_list("status", flat=True).first()
        start = _read_start(sequence.pk)
        row = _round(person, sequence, status, last, at, start)
        if row is None:
            return None
        row.submission, row.by = submission, by
        row.entry = entry or (Entry.FORM if submission else Entry.STAFF)
        row.save(force_insert=True)
    nudge(ADVANCE)
    return row


def _too_soon(last: Enrolment, at: datetime) -> bool:
    return last.ended_at is not None and at < last.ended_at + ANOTHER_ROUND


@dataclass(frozen=True)
class Start:
    """What a walk begins with: the sequence's state, its newest version, and that version's first step."""

    state: str
    version_id: int | None
    first: PublishedStep | None

    def due_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        return due_after(ended_at=at, rule=self.first, zone=zone) if self.first else at


def next_round(
    *, person: Person, sequence: MailSequence, status: str | None, last: Enrolment | None, at: datetime
) -> Enrolment | None:
    """The unsaved row by which a form makes a person walk; None where the sequence does not take them (now).

    ``status``: of their lead. ``last``: their newest round. The sequence is as of a moment ago at most.
    """
    if last and (last.state == State.ACTIVE or _too_soon(last, at)):
        return None
    return _round(person, sequence, status, last, at, start_of(sequence.pk))


def _round(
    person: Person,
    sequence: MailSequence,
    status: str | None,
    last: Enrolment | None,
    at: datetime,
    start: Start,
) -> Enrolment | None:
    closed = start.state not in OPEN or start.version_id is None
    if closed or person.erased_at or person.merged_into_id or audience_refuses(sequence, person, status):
        return None
    return Enrolment(
        person=person,
        sequence=sequence,
        version_id=start.version_id,
        round=last.round + 1 if last else 1,
        entry=Entry.FORM,
        due_at=start.due_at(at, zone_of(person)),
        started_at=at,
    )


def _read_start(sequence_id: int) -> Start:
    """Without steps there is no version to walk."""
    state = MailSequence.objects.values_list("state", flat=True).get(pk=sequence_id)
    newest = SequenceVersion.objects.filter(sequence=sequence_id).order_by("-number").first()
    first = newest.steps.order_by("position").first() if newest else None
    return Start(state, newest.pk if newest and first else None, first)


start_of = Kept(_read_start)


# Many at once.


def enrol_many(
    *,
    people: QuerySet[Person],
    sequence: MailSequence,
    at: datetime,
    entry: str,
    due_in_zone: Callable[[ZoneInfo], datetime] | None = None,
) -> int:
    """Let all of `people` walk the newest version who may and do not yet; returns how many began.

    One statement for each time the first step is due at, so mostly one, or one a zone. `due_in_zone`: when it is
    due, instead of what the first step says. Who has walked it before begins another round; choose `people` so.
    """
    start = _read_start(sequence.pk)
    if start.state not in OPEN or start.version_id is None:
        return 0
    who = _who_may(people, sequence)
    due = due_in_zone or (lambda zone: start.due_at(at, zone))
    row = Enrolment(sequence=sequence, version_id=start.version_id, entry=entry, started_at=at)
    began = 0
    with transaction.atomic():
        for due_at, zones in _times(who, due, alike=due_in_zone is None and not _has_an_hour(start)):
            row.due_at = due_at
            began += sets.enrol(who if zones is None else who.filter(time_zone__in=zones), row)
    if began:
        nudge(ADVANCE)
    return began


def _who_may(people: QuerySet[Person], sequence: MailSequence) -> QuerySet[Person]:
    """Of these people those who may begin now, each with the number of their next round."""
    rounds = Enrolment.objects.filter(person=OuterRef("pk"), sequence=sequence).order_by()
    last = rounds.values("person").annotate(last=Max("round")).values("last")
    may = Person.objects.filter(
        of_audience(sequence.audience),
        ~Exists(rounds.filter(state=State.ACTIVE)),
        pk__in=people.values("pk"),
        erased_at=None,
        merged_into=None,
    )
    return may.annotate(who=F("pk"), next_round=Coalesce(Subquery(last), 0) + 1)


def of_audience(audience: str) -> Q:
    """Whom a sequence takes, as a condition on people: the same that the gate asks of one (`audience_refuses`)."""
    if audience == Audience.PROSPECTS:
        return Q(sales_open=True)
    leads = Lead.objects.filter(person=OuterRef("pk"))
    if audience == Audience.CUSTOMERS:
        return Q(Exists(leads.filter(status=LeadStatus.CUSTOMER)))
    others = (LeadStatus.CUSTOMER, LeadStatus.DISQUALIFIED)
    return Q(Exists(leads.exclude(status__in=others)), sales_open=False)


def _has_an_hour(start: Start) -> bool:
    return start.first is not None and bool(start.first.weekdays or start.first.at_time)


def _times(
    who: QuerySet[Person], due: Callable[[ZoneInfo], datetime], *, alike: bool
) -> list[tuple[datetime, list[str] | None]]:
    """When the first step is due, and the names of the zones where it is due then; None: everywhere."""
    if alike:
        return [(due(ZoneInfo("UTC")), None)]
    found: dict[datetime, list[str]] = {}
    for name in who.order_by().values_list("time_zone", flat=True).distinct():
        found.setdefault(due(zone_of(Person(time_zone=name))), []).append(name)
    return list(found.items())


def exit_enrolments(
    *, person: Person, reason: str, at: datetime, sequence: MailSequence | None = None
) -> int:
    """Take a person out of all sequences (or one) and cancel what is scheduled; returns how many were left.

    A mail that is being sent at this moment may still arrive. Twice is the same as once.
    """
    with transaction.atomic():
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
        walking = Enrolment.objects.filter(person=person, state=State.ACTIVE)
        if sequence:
            walking = walking.filter(sequence=sequence)
        return leave(walking, reason=reason, at=at)
