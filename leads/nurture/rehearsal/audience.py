"""Whom a rehearsal walks: real people, as if they came in now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Mod

from campaigns.models import LandingPage
from campaigns.models import Sequence as MailSequence
from leads import segments
from leads.models import EntryRule, Mailing, Person, Segment, Submission
from leads.nurture import entries

MOST = 50_000  # people walked; above that a draw, and the page says so
REPLAYED = timedelta(days=30)
SPREAD, SLOTS = 7919, 10_007  # two primes: a draw by id that is the same every time and follows no order


class Source(StrEnum):
    """Where the audience comes from."""

    MAILING = "mailing"
    SEGMENT = "segment"
    RULES = "rules"
    FORMS = "forms"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Audience:
    """`names`: the segment, the ways in or the pages it was taken from."""

    source: Source
    names: list[str]
    people: QuerySet[Person]


def audience_of(*, sequence: MailSequence, at: datetime, segment: Segment | None = None) -> Audience:
    """The chosen segment; else a mailing's; else whom the ways in would take now; else who sent its forms lately."""
    mailing = Mailing.objects.filter(sequence=sequence).select_related("segment").first()
    if segment is not None:
        return Audience(Source.SEGMENT, [segment.name], segments.people(segment))
    if mailing is not None:
        return Audience(Source.MAILING, [mailing.segment.name], segments.people(mailing.segment))
    return _by_rules(sequence, at) or _by_forms(sequence, at) or Audience(Source.NOBODY, [], _nobody())


def _nobody() -> QuerySet[Person]:
    return Person.objects.none()


def _by_rules(sequence: MailSequence, at: datetime) -> Audience | None:
    """Whom sales give back nobody knows beforehand."""
    rules = EntryRule.objects.filter(sequence=sequence, is_on=True).exclude(kind=EntryRule.Kind.RETURNED)
    found = list(rules.select_related("segment"))
    if not found:
        return None
    taken = reduce(or_, (Q(pk__in=entries.candidates(rule, at=at).values("pk")) for rule in found))
    names = [str(rule.segment or rule.grade) for rule in found]
    return Audience(Source.RULES, names, Person.objects.filter(taken))


def _by_forms(sequence: MailSequence, at: datetime) -> Audience | None:
    pages = list(LandingPage.objects.filter(sequence=sequence).order_by("title"))
    if not pages:
        return None
    sent = Submission.objects.filter(
        page__in=pages, state=Submission.State.ACCEPTED, at__gt=at - REPLAYED, person__isnull=False
    )
    people = Person.objects.filter(pk__in=sent.values("person"), erased_at=None, merged_into=None)
    return Audience(Source.FORMS, [page.title for page in pages], people)


def drawn(people: QuerySet[Person], *, number: int, most: int) -> QuerySet[Person]:
    """All of them, or about `most`, drawn by their ids: the same people at every try."""
    if number <= most:
        return people.order_by("pk")
    slots = max(1, SLOTS * most // number)
    return people.annotate(draw=Mod(F("pk") * SPREAD, SLOTS)).filter(draw__lt=slots).order_by("pk")[:most]
