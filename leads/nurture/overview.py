"""All sequences at a glance: who is inside, what went out, how many reached the goal, and whether mail is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Message
from leads.sending import limits

WEEK = timedelta(days=7)
LATE = timedelta(minutes=5)


@dataclass
class Line:
    """One sequence as listed. `late_since`: when its oldest mail should have gone out; None while nothing is late."""

    sequence: MailSequence
    version: int | None = None
    inside: int = 0
    done: int = 0  # finished or left
    won: int = 0  # reached the goal
    sent: int = 0
    late_since: datetime | None = None

    @property
    def people(self) -> int:
        return self.inside + self.done

    @property
    def goal_rate(self) -> float | None:
        """Of those who are through; nothing can be said of a sequence without a goal or with nobody through."""
        ended = self.done
        return self.won / ended if self.sequence.goal and ended else None


def lines(sequences: Iterable[MailSequence], *, at: datetime, sent_in: timedelta | None = WEEK) -> list[Line]:
    """Numbers for these sequences, in a fixed number of queries. What the gate or a limit keeps back is not late.

    ``sent_in``: mails sent within this time are counted; None: ever.
    """
    found = {sequence.pk: Line(sequence) for sequence in sequences}
    versions = (
        MailSequence.objects.filter(pk__in=found)
        .order_by()
        .values_list("pk")
        .annotate(Max("versions__number"))
    )
    for pk, number in versions:
        found[pk].version = number
    walks = Enrolment.objects.filter(sequence__in=found).order_by().values_list("sequence", "state")
    for pk, state, people, won in walks.annotate(
        people=Count("pk"), won=Count("pk", filter=~Q(goal_at=None))
    ):
        line = found[pk]
        line.won += won
        if state == Enrolment.State.ACTIVE:
            line.inside += people
        else:
            line.done += people
    mails = (
        Message.objects.filter(enrolment__sequence__in=found).order_by().values_list("enrolment__sequence")
    )
    gone = mails.filter(state=Message.State.SENT)
    if sent_in:
        gone = gone.filter(claimed_at__gt=at - sent_in)
    for pk, number in gone.annotate(number=Count("pk")):
        found[pk].sent = number
    if limits.room(at=at).marketing:
        due = mails.filter(state=Message.State.SCHEDULED, due_at__lt=at - LATE)
        for pk, oldest in due.annotate(oldest=Min("due_at")):
            found[pk].late_since = oldest
    return list(found.values())
