"""Who shows no sign of interest for months is asked once, and left in peace if they do not answer.

A sign is what a person does: a click, a form, a visit, a reply, a choice on their own page. An opened mail is none,
machines open too much. The rules stand in the sending policy; without a sequence that asks nobody is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Sequence as MailSequence
from campaigns.sending import policy
from leads import consent
from leads.consent import MARKETING
from leads.models import (
    ConsentEvent,
    Enrolment,
    Entry,
    LeadStatus,
    Message,
    Person,
    Suppression,
    TopicChoice,
    Touch,
    TouchKind,
)
from leads.nurture.enrolment import enrol_many
from leads.nurture.leaving import leave
from leads.tracking import note_change

MONTH = timedelta(days=30)
NO_SIGN = Suppression.Reason.NO_SIGN
CHUNK = 1000


def ask_or_stop(*, at: datetime) -> dict[str, int]:
    """Job of the night: let the silent into the sequence that asks, and stop those who did not answer it."""
    rules = policy()
    if not rules.sunset_months or rules.sunset_sequence is None:
        return {}
    sequence = rules.sunset_sequence
    stopped = _stop(_unanswered(sequence, at - timedelta(days=rules.sunset_days)), at)
    silent = _silent(sequence, at - MONTH * rules.sunset_months)
    asked = enrol_many(people=silent, sequence=sequence, at=at, entry=Entry.SEGMENT)
    return {"asked": asked, "stopped": stopped}


def _silent(sequence: MailSequence, since: datetime) -> QuerySet[Person]:
    """Leads of long standing who get our mail, are not with sales, and gave no sign and were not asked since."""
    asked = Enrolment.objects.filter(person=OuterRef("pk"), sequence=sequence, started_at__gte=since)
    return _left_alone().filter(
        ~_sign(since), ~Exists(asked), _agreed(), lead__created_at__lt=since, email_key__isnull=False
    )


def _unanswered(sequence: MailSequence, until: datetime) -> QuerySet[Person]:
    """Those whom the question reached by then, and who gave no sign since they were let in."""
    mails = Message.objects.filter(
        state=Message.State.SENT, ended_at__lte=until, enrolment__sequence=sequence
    )
    reached = mails.filter(person=OuterRef("pk"))
    last = Enrolment.objects.filter(person=OuterRef("pk"), sequence=sequence).order_by("-round")
    people = _left_alone().annotate(asked_at=last.values("started_at")[:1])
    answered = _sign(OuterRef("asked_at"))
    newest = Exists(reached.filter(enrolment__started_at=OuterRef("asked_at")))
    return people.filter(newest, ~answered, email_key__isnull=False)


def _left_alone() -> QuerySet[Person]:
    """Not with sales, and no customer."""
    return Person.objects.filter(
        lead__isnull=False, sales_open=False, erased_at=None, merged_into=None
    ).exclude(lead__status__in=(LeadStatus.CUSTOMER, LeadStatus.DISQUALIFIED))


def _sign(since: datetime | OuterRef) -> Q:
    """Whether a person did anything since."""
    theirs = {"person": OuterRef("pk"), "at__gte": since}
    touches = Touch.objects.filter(**theirs).exclude(kind=TouchKind.OPEN)
    agreed = ConsentEvent.objects.filter(**theirs, given=True)
    return Q(Exists(touches)) | Q(Exists(agreed)) | Q(Exists(TopicChoice.objects.filter(**theirs)))


def _agreed() -> Q:
    """Their latest word on marketing mail is yes: who gets none need not be asked."""
    words = ConsentEvent.objects.filter(person=OuterRef("pk"), purpose=MARKETING, pending=False)
    return Q(Exists(words.filter(given=True).exclude(Exists(_later_no()))))


def _later_no() -> QuerySet[ConsentEvent]:
    later = ConsentEvent.objects.filter(
        person=OuterRef("person"), purpose=MARKETING, pending=False, given=False, at__gte=OuterRef("at")
    )
    return later.exclude(pk=OuterRef("pk"))


def _stop(people: QuerySet[Person], at: datetime) -> int:
    found = [(pk, key) for pk, key in people.values_list("pk", "email_key") if key]
    return sum(_stop_some(some, at) for some in (found[n : n + CHUNK] for n in range(0, len(found), CHUNK)))


def _stop_some(some: Sequence[tuple[int, str]], at: datetime) -> int:
    """Suppressed unless they are already; their walks end. Twice is once."""
    hashes = {digest: pk for pk, key in some for digest in consent.email_hashes(key)}
    known = Suppression.objects.filter(consent.standing(at), email_hash__in=hashes, topic=None)
    already = {hashes[digest] for digest in known.values_list("email_hash", flat=True)}
    new = [(pk, key) for pk, key in some if pk not in already]
    with transaction.atomic():
        ids = [pk for pk, _key in new]
        list(
            Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk")
        )
        Suppression.objects.bulk_create(
            Suppression(
                email_hash=consent.email_hash(key), person_id=pk, reason=NO_SIGN, at=at, evidence="asked once"
            )
            for pk, key in new
        )
        leave(Enrolment.objects.filter(person__in=ids), reason=NO_SIGN, at=at)
        note_change(person_ids=ids, at=at)
    return len(new)
