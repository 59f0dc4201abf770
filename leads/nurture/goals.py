"""Reaching what a sequence is for ends it with success; a reply or a meeting ends it anyway.

Who calls: answers to mails (reply), `prospects.meetings` (meeting), judged inquiries and downloads, and
`leads.lifecycle` (handover, customer).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Person, Submission, Touch, TouchKind
from leads.nurture.leaving import leave

Goal = MailSequence.Goal
# A happening that ends a sequence although it is not its goal: the switch of the sequence, and the reason given.
STOPS = {
    Goal.REPLY: ("stops_on_reply", "replied"),
    Goal.MEETING: ("stops_on_meeting", "a meeting was booked"),
}


def reached(*, person: Person, goal: str, at: datetime, by_form: Submission | None = None) -> int:
    """What `goal` names happened at `at`: ends the person's walks that have it as goal or stop on it.

    Returns how many ended. What happened before somebody entered, and the form they entered by, is no success of
    the sequence. Twice is once.
    """
    theirs = Enrolment.objects.filter(person=person, state=Enrolment.State.ACTIVE, started_at__lte=at)
    if by_form is not None:
        theirs = theirs.exclude(submission=by_form)
    with transaction.atomic():
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
        return _end(theirs, goal, at)


def downloaded(touches: Iterable[Touch]) -> int:
    """The goal of new touches, where they are downloads. Call inside a transaction, before leads are locked.

    The piece that a person's own form asked for does not count: it is how they came in.
    """
    new = [touch for touch in touches if touch.kind == TouchKind.DOWNLOAD]
    if not new:
        return 0
    walking = Enrolment.objects.filter(
        person__in={touch.person_id for touch in new},
        state=Enrolment.State.ACTIVE,
        sequence__goal=Goal.DOWNLOAD,
    )
    people = set(walking.values_list("person_id", flat=True))
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    theirs = [touch for touch in new if touch.person_id in people]
    return sum(_end(_by_another_piece(walking, touch), Goal.DOWNLOAD, touch.at) for touch in theirs)


def _by_another_piece(walking: QuerySet[Enrolment], touch: Touch) -> QuerySet[Enrolment]:
    own = Q(submission__page__asset=touch.asset_id) if touch.asset_id else Q(pk=None)
    return walking.filter(person=touch.person_id, started_at__lte=touch.at).exclude(own)


def _end(walking: QuerySet[Enrolment], goal: str, at: datetime) -> int:
    ended = leave(walking.filter(sequence__goal=goal), reason=f"goal: {goal}", at=at, goal_at=at)
    if goal in STOPS:
        switch, reason = STOPS[Goal(goal)]
        ended += leave(walking.filter(**{f"sequence__{switch}": True}), reason=reason, at=at)
    return ended
