"""Whom the ways in of a sequence take: each person once, or again so many days after their last round ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Entry, EntryRule, Person
from leads.nurture.enrolment import enrol

Kind = EntryRule.Kind


def rules_on(kind: str) -> QuerySet[EntryRule]:
    """The ways in of a kind that are on, of sequences that take people. Who is in an archived segment nobody knows."""
    return EntryRule.objects.filter(
        Q(segment=None) | Q(segment__archived_at=None),
        kind=kind,
        is_on=True,
        sequence__state=MailSequence.State.LIVE,
        sequence__archived_at=None,
    ).select_related("sequence", "segment")


def fresh(people: QuerySet[Person], rule: EntryRule, *, at: datetime) -> QuerySet[Person]:
    """Those of `people` whom the rule may take now: not there already, not there before or long enough ago."""
    rounds = Enrolment.objects.filter(sequence=rule.sequence, person=OuterRef("pk"))
    if rule.again_after_days is None:
        return people.exclude(Exists(rounds))
    since = at - timedelta(days=rule.again_after_days)
    return people.exclude(Exists(rounds.filter(state=Enrolment.State.ACTIVE))).exclude(
        Exists(rounds.filter(ended_at__gt=since))
    )


def let_in_returned(*, person: Person, at: datetime) -> int:
    """Sales gave a person back: every sequence that takes such people takes them. Returns how many did."""
    entered = 0
    for rule in rules_on(Kind.RETURNED):
        if fresh(Person.objects.filter(pk=person.pk), rule, at=at).exists():
            entered += enrol(person=person, sequence=rule.sequence, at=at, entry=Entry.RETURNED) is not None
    return entered
