"""Who there is, as the values that a profile looks at: each distinct set of values once, with how many have it.

All are read up to `EXACT`; of more, a sample spread evenly over their numbers, the same each time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet
from django.utils import timezone

from campaigns.kept import Kept
from leads.best_known import best
from leads.models import Company, Fact, LeadStatus, Person
from leads.one_of import AnyOf
from leads.scoring.facts import seen_facts
from leads.scoring.matching import FactsSeen, FitRule, value_of
from leads.scoring.people import Human

EXACT = 50_000
SAMPLE = 20_000
KEPT_SECONDS = 60.0
_BATCH = 5_000
_FACTS = ("job_title", "country", "industry", "company_size", "founded_year")
_DOMAIN = FitRule(field="domain")
# An odd number near 2³² divided by the golden ratio: whatever repeats along the numbers, the sample does not follow it.
_SPREAD, _TURN = 2_654_435_761, 2**32
_MARGIN = 1.3  # so many more are looked at than are taken


class Kind(StrEnum):
    """Whom one looks at. Customers are leads too; a cold contact is a person whom nobody made a lead."""

    LEADS = "leads"
    CUSTOMERS = "customers"
    COLD = "cold"
    COMPANIES = "companies"


class Known(NamedTuple):
    """The values that lines look at; empty or None: not known."""

    company_size: float | None = None
    founded_year: int | None = None
    industry: str = ""
    country: str = ""
    job_title: str = ""
    domain: str = ""

    def seen(self) -> FactsSeen:
        """For the comparison that scoring uses."""
        return FactsSeen(
            email=f"x@{self.domain}" if self.domain else "", job_title=self.job_title, country=self.country,
            industry=self.industry, company_size=self.company_size, founded_year=self.founded_year,
        )  # fmt: skip


@dataclass(frozen=True)
class Population:
    """`total` exist, `read` of them are in `groups`: fewer where they are a sample."""

    groups: Mapping[Known, int]
    total: int
    _by: dict[int, list[tuple[Known, int]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def read(self) -> int:
        return sum(self.groups.values())

    def by(self, place: int) -> list[tuple[Known, int]]:
        """Each distinct value at this place of `Known`: somebody who has it, and how many have."""
        if place not in self._by:
            first: dict[object, Known] = {}
            numbers: Counter[object] = Counter()
            for known, number in self.groups.items():
                first.setdefault(known[place], known)
                numbers[known[place]] += number
            self._by[place] = [(first[value], number) for value, number in numbers.items()]
        return self._by[place]

    @property
    def is_sample(self) -> bool:
        return self.read < self.total


class _FactRow(NamedTuple):
    """A fact in the shape of the model."""

    pk: int
    field: str
    value: str
    source: str
    confidence: Decimal
    at: datetime


def _load(kind: Kind) -> Population:
    rows = _rows_of(kind)
    total = rows.count()
    if total > EXACT:
        place = ExpressionWrapper(F("pk") * _SPREAD % _TURN, output_field=BigIntegerField())
        near = rows.annotate(place=place).filter(place__lt=int(_TURN * min(1.0, _MARGIN * SAMPLE / total)))
        rows = near.order_by("place", "pk")[:SAMPLE]
    ids = list(rows.values_list("pk", flat=True))
    groups: Counter[Known] = Counter()
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        groups.update(_companies(some) if kind == Kind.COMPANIES else _people(some, timezone.now()))
    return Population(groups, total if total > EXACT else sum(groups.values()))


population: Kept[Population] = Kept(_load, KEPT_SECONDS)


def _rows_of(kind: Kind) -> QuerySet[Any]:
    if kind == Kind.COMPANIES:
        return Company.objects.order_by()
    people = Person.objects.filter(merged_into=None, erased_at=None)
    match kind:
        case Kind.LEADS:
            return people.filter(lead__isnull=False)
        case Kind.CUSTOMERS:
            return people.filter(lead__status=LeadStatus.CUSTOMER)
    return people.filter(lead=None)


def _companies(ids: list[int]) -> Iterable[Known]:
    columns = ("size", "founded_year", "industry", "country", "domain")
    for size, year, industry, country, domain in Company.objects.filter(pk__in=ids).values_list(*columns):
        yield Known(None if size is None else float(size), year, industry, country, "", domain or "")


def _people(ids: list[int], at: datetime) -> Iterable[Known]:
    return (known for _pk, known in known_of(ids, at=at))


def known_of(ids: list[int], *, at: datetime) -> Iterator[tuple[int, Known]]:
    """Each person with what is known of them. What counts of each value is decided as scoring decides it."""
    facts: dict[int, list[_FactRow]] = defaultdict(list)
    told = Fact.objects.filter(AnyOf("person", ids), field__in=_FACTS, at__lte=at).order_by()
    for person, *fact in told.values_list("person_id", *_FactRow._fields):
        facts[person].append(_FactRow._make(fact))
    rows = list(
        Person.objects.filter(AnyOf("pk", ids)).values_list(
            "pk", "email_key", "company_id", "job_title", "country"
        )
    )
    asked = ("name", "domain", "industry", "size", "country", "founded_year", "custom")
    companies = Company.objects.only(*asked).in_bulk(
        {company for _pk, _e, company, _t, _c in rows if company}
    )
    for pk, email, company, title, country in rows:
        human: Any = Human(email, "", "", companies.get(company), "", title, country)
        counts: Any = best(facts[pk]) if pk in facts else {}  # type: ignore[arg-type]
        seen = seen_facts(human, counts)
        yield pk, Known(
            seen.company_size, seen.founded_year, seen.industry, seen.country, seen.job_title,
            str(value_of(_DOMAIN, seen, 0) or ""),
        )  # fmt: skip
