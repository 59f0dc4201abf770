"""Segments as one SQL condition: each line a condition over columns and indexes, none of which multiplies rows.

Lines are joined by "all" or "any". A segment without a line, or with a line that cannot be, holds nobody. Only leads
are members: cold contacts, merged and erased people are in no segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns.comparing import grade_at_least, number_in, read_grade
from campaigns.models import Asset, LandingPage
from campaigns.step_rules import choices
from leads.models import ConsentEvent, Person, Segment, SegmentCondition, SegmentMember, Touch
from leads.segments.engagement import as_shown
from leads.segments.known import counting, kept_or_told, kept_under, some_fact
from leads.segments.lines import NO, SLUGS, Compare, Field, ids_in, problem_of, said

GRADES = [letter + digit for letter in "ABCD" for digit in "1234"]
_LEADS = Q(lead__isnull=False, merged_into=None, erased_at=None)


@dataclass(frozen=True)
class Asked:
    """A line, the time it is asked for, and whom (None: everybody) – for the one condition that must group touches."""

    line: SegmentCondition
    at: datetime
    among: Sequence[int] | None

    @property
    def words(self) -> list[str]:
        return choices(self.line.value)

    @property
    def known(self) -> bool:
        return self.line.compare == Compare.KNOWN

    def since(self, days: int | str) -> datetime:
        return self.at - timedelta(days=int(days))


def matching(
    lines: Sequence[SegmentCondition],
    *,
    at: datetime,
    match: str = Segment.Match.ALL,
    among: Sequence[int] | None = None,
) -> QuerySet[Person]:
    """The leads who meet these lines at `at` (of `among`, ids of people); they need not be saved. Not yet run."""
    if not lines or any(problem_of(line) for line in lines):
        return Person.objects.none()
    holds = [_one(Asked(line, at, among)) for line in lines]
    found = Person.objects.filter(_LEADS)
    if among is not None:
        found = found.filter(pk__in=among)
    return found.filter(reduce(or_ if match == Segment.Match.ANY else and_, holds))


def _one(asked: Asked) -> Q:
    holds = _CONDITIONS[asked.line.field](asked)
    return ~holds if asked.line.negate else holds


def grades_from(wanted: str) -> list[str]:
    """``B2`` → the grades as good or better: A1, A2, B1, B2."""
    return [grade for grade in GRADES if grade_at_least(grade, read_grade(wanted))]


def _column(path: str) -> Callable[[Asked], Q]:
    """A column of words, empty where nothing is known."""
    return lambda asked: ~Q(**{path: ""}) if asked.known else Q(**{f"{path}__in": asked.words})


def _slug(path: str) -> Callable[[Asked], Q]:
    def condition(asked: Asked) -> Q:
        if asked.known:
            return Q(**{f"{path}__isnull": False})
        ids = list(SLUGS[asked.line.field].objects.filter(slug__in=asked.words).values_list("pk", flat=True))
        return Q(**{f"{path}__in": ids})

    return condition


def _grade(asked: Asked) -> Q:
    return Q(lead__score__grade__in=GRADES if asked.known else grades_from(asked.line.value))


def numbered(path: str, line: SegmentCondition) -> Q:
    """A column of whole numbers compared as the line says."""
    if line.compare == Compare.KNOWN:
        return Q(**{f"{path}__isnull": False})
    if line.compare == Compare.IS:
        return Q(**{f"{path}__in": [int(number_in(one) or 0) for one in said(line.value)]})
    bound = number_in(line.value) or 0
    return Q(**{f"{path}__{'gte' if line.compare == Compare.FROM else 'lte'}": bound})


def _fit(asked: Asked) -> Q:
    return Q(lead__score__grade__in=GRADES) & numbered("lead__score__fit", asked.line)


def _texts(path: str, line: SegmentCondition) -> Q:
    """A column of free text, without case."""
    if line.compare == Compare.KNOWN:
        return ~Q(**{path: ""})
    if line.compare == Compare.IS:
        return reduce(or_, (Q(**{f"{path}__iexact": one}) for one in said(line.value)))
    return numbered("number", line)


def _unkept(column: str) -> Q:
    return Q(**{f"company__{column}__isnull": True}) | Q(**{f"company__{column}": ""})


def _country(asked: Asked) -> Q:
    codes = [code.upper() for code in asked.words]
    own = ~Q(country="") if asked.known else Q(country__in=codes)
    kept = Q(company__country__gt="") if asked.known else Q(company__country__in=codes)
    told = kept_or_told("country", kept=kept, unkept=_unkept("country"), told=_texts("value", asked.line))
    return own | (Q(country="") & told)


def _language(asked: Asked) -> Q:
    if asked.known:
        return ~Q(language="")
    return reduce(or_, (Q(language__istartswith=one) for one in asked.words))


def _title(asked: Asked) -> Q:
    if asked.known:
        return ~Q(job_title="") | Q(some_fact("job_title"))
    words = "|".join(re.escape(one) for one in said(asked.line.value))
    whole = rf"(^|\W)({words})(\W|$)"
    told = Q(counting("job_title", Q(value__iregex=whole)))
    return Q(job_title__iregex=whole) | (Q(job_title="") & told)


def _company(asked: Asked) -> Q:
    return Q(company__isnull=False) if asked.known else Q(company__domain__in=asked.words)


def _industry(asked: Asked) -> Q:
    kept = Q(company__industry__gt="") if asked.known else _texts("company__industry", asked.line)
    told = _texts("value", asked.line)
    return kept_or_told("industry", kept=kept, unkept=_unkept("industry"), told=told)


def _size(asked: Asked) -> Q:
    return kept_or_told(
        "company_size",
        kept=numbered("company__size", asked.line),
        unkept=Q(company__size__isnull=True),
        told=numbered("number", asked.line),
    )


def _fact(asked: Asked) -> Q:
    """The fact that counts; where the person has none of this name, what is kept of their company under it."""
    name = asked.line.name.strip()
    kept = kept_under(name.removeprefix("custom_"), asked.line)
    return Q(counting(name, _texts("value", asked.line))) | (~Q(some_fact(name)) & kept)


def _touched(asked: Asked) -> Q:
    return Q(lead__last_touch__at__gte=asked.since(asked.line.value))


def _became(asked: Asked) -> Q:
    return Q(lead__created_at__gte=asked.since(asked.line.value))


def _did(asked: Asked) -> Q:
    """Touches of a kind up to now, so many, within days, of certain pieces or pages."""
    line = asked.line
    touches = Touch.objects.filter(kind=line.name, at__lte=asked.at).order_by()
    if line.days:
        touches = touches.filter(at__gte=asked.since(line.days))
    if asked.words:
        touches = touches.filter(Q(asset__in=_ids(Asset, asked)) | Q(page__in=_ids(LandingPage, asked)))
    if line.times == 1:
        return Q(Exists(touches.filter(person=OuterRef("pk"))))
    if asked.among is not None:
        touches = touches.filter(person__in=asked.among)
    often = touches.values("person").annotate(number=Count("pk")).filter(number__gte=line.times)
    return Q(pk__in=often.values("person"))


def _ids(model: type[Asset | LandingPage], asked: Asked) -> list[int]:
    return list(model.objects.filter(slug__in=asked.words).values_list("pk", flat=True))


def _consent(asked: Asked) -> Q:
    """The latest row that counts says yes; one that waits for its confirmation does not count."""
    holds = []
    for purpose in asked.words:
        rows = ConsentEvent.objects.filter(purpose=purpose, pending=False)
        later = rows.filter(person=OuterRef("person")).filter(
            Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
        )
        holds.append(Q(Exists(rows.filter(~Exists(later), person=OuterRef("pk"), given=True))))
    return reduce(or_, holds)


def _with_sales(asked: Asked) -> Q:
    return Q(sales_open=asked.words != [NO])


def _segment(asked: Asked) -> Q:
    members = SegmentMember.objects.filter(segment__in=ids_in(asked.line.value), person=OuterRef("pk"))
    return Q(Exists(members))


_CONDITIONS: dict[str, Callable[[Asked], Q]] = {
    Field.STATUS: _column("lead__status"),
    Field.GRADE: _grade,
    Field.FIT: _fit,
    Field.ENGAGEMENT: lambda asked: as_shown(asked.line, asked.at),
    Field.PERSONA: _slug("lead__persona"),
    Field.JOURNEY: _column("lead__journey_stage"),
    Field.EXCLUSION: _column("lead__exclusion"),
    Field.CHANNEL: _slug("lead__first_touch__channel"),
    Field.CAMPAIGN: _slug("lead__first_touch__campaign"),
    Field.BECAME: _became,
    Field.TOUCHED: _touched,
    Field.DID: _did,
    Field.CONSENT: _consent,
    Field.COUNTRY: _country,
    Field.LANGUAGE: _language,
    Field.TITLE: _title,
    Field.COMPANY: _company,
    Field.INDUSTRY: _industry,
    Field.SIZE: _size,
    Field.FACT: _fact,
    Field.SALES_STAGE: _column("sales_stage"),
    Field.WITH_SALES: _with_sales,
    Field.SEGMENT: _segment,
}
