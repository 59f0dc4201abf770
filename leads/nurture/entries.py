"""Letting people into sequences: by the ways in that are on, many at a time, and by hand, with a word for each.

`let_in` is a job. Those who came into a segment or reached a grade since it looked last are taken at once; once an
hour it looks at all of them, which also finds who could not enter then (with sales, say) and now can. Whoever sales
give back enters in the same transaction (`ways_in.let_in_returned`), whoever sends a form by the form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from campaigns.comparing import grade_at_least, read_grade
from campaigns.errors import Refused
from campaigns.models import Sequence as MailSequence
from leads import segments
from leads.lifecycle import start_nurture_of_many
from leads.models import Enrolment, Entry, EntryRule, Lead, LeadScore, Person, SegmentMember
from leads.nurture.enrolment import enrol, enrol_many
from leads.nurture.ways_in import Kind, fresh, rules_on
from leads.sending.gate import audience_refuses

HOUR = timedelta(hours=1)
# What is written now is seen by others when its transaction ends: so far back "since the last look" reaches.
OVERLAP = timedelta(minutes=10)
GRADES = [letter + digit for letter in "ABCD" for digit in "1234"]
MOST_BY_HAND = 500
ENTRY = {Kind.SEGMENT: Entry.SEGMENT, Kind.GRADE: Entry.GRADE, Kind.RETURNED: Entry.RETURNED}


def let_in(*, at: datetime) -> dict[str, int]:
    """Enrol whom the segment and grade rules take now. Set-based; twice is the same as once. Counts: rules, entered."""
    counts = {"rules": 0, "entered": 0}
    for rule in [*rules_on(Kind.SEGMENT), *rules_on(Kind.GRADE)]:
        since = _since(rule, at)
        _bring_up_to_date(rule, at)
        if since is not None and not _anything_new(rule, since):
            continue
        counts["rules"] += 1
        counts["entered"] += _enter(rule, since, at)
    return counts


def candidates(rule: EntryRule, *, at: datetime, since: datetime | None = None) -> QuerySet[Person]:
    """Whom the rule would let in at `at`, whatever the state of its sequence; of a whole audience, or since a time.

    Who is in a segment is as of its last refresh. `RETURNED` names nobody: those come one by one.
    """
    people = Person.objects.filter(merged_into=None, erased_at=None)
    if rule.kind == Kind.SEGMENT:
        members = SegmentMember.objects.filter(segment=rule.segment_id, person=OuterRef("pk"))
        people = people.filter(Exists(members.filter(since__gte=since) if since else members))
    elif rule.kind == Kind.GRADE:
        people = people.filter(lead__score__in=_scores(rule, since))
    else:
        people = people.none()
    return fresh(people, rule, at=at)


def problems(rule: EntryRule) -> list[str]:
    """What a way in lacks, in words; empty when nothing."""
    if rule.kind == Kind.SEGMENT and rule.segment_id is None:
        return [_("Choose the segment.")]
    if rule.again_after_days == 0:
        return [_("Once more after a day at the earliest; leave it empty for each person once.")]
    if rule.kind == Kind.GRADE and not read_grade(rule.grade):
        return [_("A grade is a letter from A to D and a digit from 1 to 4, such as B2.")]
    return []


def _since(rule: EntryRule, at: datetime) -> datetime | None:
    """None: look at all, the first time in each hour."""
    if rule.looked_at is None or rule.looked_at.replace(minute=0, second=0, microsecond=0) + HOUR <= at:
        return None
    return rule.looked_at - OVERLAP


def _bring_up_to_date(rule: EntryRule, at: datetime) -> None:
    """A segment is refreshed only while a way in is open: what was stored before that, or by other lines, is no use."""
    segment = rule.segment
    if segment and (segment.evaluated_at is None or segment.evaluated_at <= at - HOUR):
        segments.refresh(segment=segment, at=at)
        segment.evaluated_at = at


def _anything_new(rule: EntryRule, since: datetime) -> bool:
    if rule.kind == Kind.SEGMENT and rule.segment:
        evaluated = rule.segment.evaluated_at
        return bool(evaluated and evaluated >= since)
    return _scores(rule, since).exists()


def _scores(rule: EntryRule, since: datetime | None) -> QuerySet[LeadScore]:
    wanted = [grade for grade in GRADES if grade_at_least(grade, read_grade(rule.grade))]
    scores = LeadScore.objects.filter(grade__in=wanted)
    return scores.filter(computed_at__gte=since) if since else scores


@transaction.atomic
def _enter(rule: EntryRule, since: datetime | None, at: datetime) -> int:
    people = candidates(rule, at=at, since=since)
    entered = enrol_many(people=people, sequence=rule.sequence, at=at, entry=ENTRY[Kind(rule.kind)])
    if entered:
        start_nurture_of_many(sequence=rule.sequence, entered_at=at, at=at)
    EntryRule.objects.filter(pk=rule.pk).update(looked_at=at)
    return entered


@dataclass(frozen=True)
class ByHand:
    """What became of one person of those somebody chose: on the sequence now, or why not."""

    person: Person
    entered: bool
    words: str


def enrol_by_hand(*, people: Iterable[Person], sequence: MailSequence, by: Any, at: datetime) -> list[ByHand]:
    """Start a sequence for people that staff chose, each with a result. Raises Refused where it takes nobody now.

    Who was there before begins another round. Whether a mail may go out is still the gate's to say.
    """
    chosen = list(people)[: MOST_BY_HAND + 1]
    if len(chosen) > MOST_BY_HAND:
        raise Refused(
            _("At most %(most)d people at a time; for more, make a segment.") % {"most": MOST_BY_HAND}
        )
    if sequence.state != MailSequence.State.LIVE or not sequence.versions.exists():
        raise Refused(_("This sequence is not live: publish it first."))
    chosen.sort(key=lambda person: person.pk)  # whoever else locks several of them takes them in this order
    with transaction.atomic():
        results = [_by_hand(person, sequence, by, at) for person in chosen]
        start_nurture_of_many(sequence=sequence, entered_at=at, at=at, by=by)
    return results


def _by_hand(person: Person, sequence: MailSequence, by: Any, at: datetime) -> ByHand:
    walking = Enrolment.objects.filter(person=person, sequence=sequence, state=Enrolment.State.ACTIVE)
    if walking.exists():
        return ByHand(person, False, _("is on it already"))
    if enrol(person=person, sequence=sequence, at=at, by=by, entry=Entry.STAFF):
        return ByHand(person, True, _("begins now"))
    return ByHand(person, False, _why_not(person, sequence))


def _why_not(person: Person, sequence: MailSequence) -> str:
    if person.erased_at or person.merged_into_id:
        return _("is no longer a person of their own")
    status = Lead.objects.filter(person=person).values_list("status", flat=True).first()
    return audience_refuses(sequence, person, status) or _("could not enter")
