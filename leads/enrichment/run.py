"""Find out about people whom nobody has looked up yet, and ask again where an enricher failed. A sweep.

Nobody is looked up who objected to profiling, asked to be erased, or is no lead. A value is kept only where the person
has not said it; it never touches a column of Person.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from leads.best_known import COLUMN_OF, SAID_BY_NOBODY
from leads.companies import company_for, link_due
from leads.enrichment.asking import NoAnswer, ask, enrichers
from leads.enrichment.protocol import Enricher, EnrichQuery, Found, Unusable, checked
from leads.mailboxes import domain_of, is_companys
from leads.models import EnrichTry, Fact, Lead, Person, PrivacyRequest, Submission
from leads.nudge import nudge
from leads.tracking import note_change

log = logging.getLogger(__name__)

LIMIT = 100
MOST_PASSED_OVER = 5000
WAITS = [timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12)]
LATE_LEADS = timedelta(days=1)


def enrich_due(*, at: datetime, limit: int = LIMIT) -> dict[str, int]:
    """Counts: people, values, failed (tried again later), dropped (a value that cannot be kept), not_asked, linked."""
    counts: Counter[str] = Counter()
    asked = enrichers()
    _queue_late_leads(at)
    counts["not_asked"] = _pass_over(at)
    for person in Person.objects.filter(enriched_at=None).select_related("company").order_by("-pk")[:limit]:
        counts.update(_look_up(person, asked, at))
    counts.update(_try_again(asked, at, limit))
    counts["linked"] = link_due(at=at)
    return {name: number for name, number in counts.items() if number}


def look_again(*, person: Person) -> None:
    """Put a person (back) into the queue."""
    Person.objects.filter(pk=person.pk).update(enriched_at=None)
    nudge("leads.enrichment.enrich_due")


def stop_looking(*, person: Person, at: datetime) -> None:
    """The person objected: nothing is asked about them any more."""
    EnrichTry.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk, enriched_at=None).update(enriched_at=at)


def may_be_looked_up() -> QuerySet[Person]:
    """Leads who did not object, are not erased and have not confirmed that they want to be."""
    erasure = PrivacyRequest.objects.filter(
        person=OuterRef("pk"), kind=PrivacyRequest.Kind.ERASURE, confirmed_at__isnull=False
    )
    return Person.objects.filter(
        ~Exists(erasure), lead__isnull=False, no_profiling=False, erased_at=None, merged_into=None
    )


def _queue_late_leads(at: datetime) -> None:
    """Somebody passed over as a cold contact who has answered since."""
    late = Lead.objects.filter(
        created_at__gte=at - LATE_LEADS, person__enriched_at__lt=F("created_at")
    ).values_list("person_id", flat=True)
    Person.objects.filter(pk__in=list(late)).update(enriched_at=None)


def _pass_over(at: datetime) -> int:
    """Cold contacts and people who objected leave the queue together, so that a list of them holds up nobody."""
    queue = Person.objects.filter(enriched_at=None).order_by("-pk")
    newest = list(queue.values_list("pk", flat=True)[:MOST_PASSED_OVER])
    asked = may_be_looked_up().filter(pk__in=newest).values("pk")
    return Person.objects.filter(pk__in=newest, enriched_at=None).exclude(pk__in=asked).update(enriched_at=at)


def _look_up(person: Person, asked: Sequence[Enricher], at: datetime) -> Counter[str]:
    counts: Counter[str] = Counter(people=1)
    company_for(person=person, at=at)
    query = query_for(person)
    found: list[tuple[str, Found]] = []
    failed: dict[str, str] = {}
    for enricher in asked:
        try:
            found += [(enricher.name, one) for one in _usable(enricher, query, counts)]
        except NoAnswer as error:
            failed[enricher.name] = str(error)
    with transaction.atomic():
        # Of two sweeps at once one writes; and not if the person has objected meanwhile.
        if not _still(person).filter(enriched_at=None).update(enriched_at=at):
            return Counter(late=1)
        counts["values"] = _keep(person, found, at)
        _owe(person, failed, at)
    counts["failed"] = len(failed)
    return counts


def _try_again(asked: Sequence[Enricher], at: datetime, limit: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    by_name = {enricher.name: enricher for enricher in asked}
    due = EnrichTry.objects.filter(due_at__lte=at).select_related("person__company").order_by("due_at")
    for row in due[:limit]:
        enricher = by_name.get(row.enricher)
        if enricher is None or not _still(row.person).exists():
            row.delete()
            continue
        try:
            found = _usable(enricher, query_for(row.person), counts)
        except NoAnswer as error:
            counts["failed"] += 1
            wait = WAITS[row.tries] if row.tries < len(WAITS) else None
            EnrichTry.objects.filter(pk=row.pk, tries=row.tries).update(
                tries=F("tries") + 1, due_at=at + wait if wait else None, error=str(error)
            )
            continue
        with transaction.atomic():
            if _still(row.person).exists() and row.delete()[0]:
                counts["values"] += _keep(row.person, [(enricher.name, one) for one in found], at)
    return counts


def query_for(person: Person) -> EnrichQuery:
    """What is known of a person. A domain only where it is a company's."""
    domain = domain_of(person.email_key)
    latest = Submission.objects.filter(person=person, ip__isnull=False).order_by("-at").first()
    return EnrichQuery(
        domain=domain if is_companys(domain) else "",
        email=person.email_key or "",
        phone=person.phone_key or "",
        ip=(latest.ip if latest else None) or "",
        company=person.company_name,
        company_id=person.company_id,
    )


def _still(person: Person) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=may_be_looked_up().filter(pk=person.pk).values("pk"))


def _usable(enricher: Enricher, query: EnrichQuery, counts: Counter[str]) -> list[Found]:
    kept = []
    for one in ask(enricher, query):
        try:
            kept.append(checked(one))
        except Unusable as error:
            log.warning("%s said something that cannot be kept: %s", enricher.name, error)
            counts["dropped"] += 1
    return kept


def _keep(person: Person, found: Sequence[tuple[str, Found]], at: datetime) -> int:
    """Write what the person has not said; the same value of the same enricher is not written twice."""
    said = _said_fields(person)
    old = set(
        Fact.objects.filter(person=person, source=Fact.Source.ENRICHED).values_list(
            "field", "value", "detail"
        )
    )
    facts = [
        Fact(
            person=person, field=one.field, value=one.value, source=Fact.Source.ENRICHED,
            detail=one.source or name, confidence=one.confidence, at=at, recorded_at=at,
        )
        for name, one in found
        if one.field not in said and (one.field, one.value, one.source or name) not in old
    ]  # fmt: skip
    Fact.objects.bulk_create(facts)
    if facts:
        note_change(person_ids=[person.pk], at=at)
    return len(facts)


def _said_fields(person: Person) -> set[str]:
    fresh = Person.objects.get(pk=person.pk)
    columns = {field for field, column in COLUMN_OF.items() if getattr(fresh, column)}
    facts = Fact.objects.filter(~Q(source__in=SAID_BY_NOBODY), person=person)
    return columns | set(facts.values_list("field", flat=True))


def _owe(person: Person, failed: dict[str, str], at: datetime) -> None:
    rows = [
        EnrichTry(person=person, enricher=name, due_at=at + WAITS[0], error=error)
        for name, error in failed.items()
    ]
    EnrichTry.objects.bulk_create(rows, ignore_conflicts=True)
