"""What is known of a person as conditions in SQL: of several values the one that counts (leads.best_known).

A score reads the same: what the person said, then what is kept of their company, then what anybody else says.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Func
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual, IExact, LessThanOrEqual

from campaigns.comparing import number_in
from leads.best_known import BY_HAND, RANK, SAID_BY_NOBODY, SET_BY_HAND
from leads.models import Fact, SegmentCondition
from leads.segments.lines import Compare, said

OUTSIDE = 2_000_000_000  # beyond every number that a line may name

_RANK = Case(
    When(field__in=SET_BY_HAND, source__in=BY_HAND, then=Value(-1)),
    *(When(source=source, then=Value(rank)) for source, rank in RANK.items()),
    default=Value(9),
    output_field=IntegerField(),
)
# Of values that were found out the surest counts; of the others the latest.
_SURE = Case(
    When(source__in=SAID_BY_NOBODY, then=F("confidence")), default=Value(0), output_field=DecimalField()
)


class NumberIn(Func):
    """The number a text begins with, thousands marks left out: 51 of "51–200", 1000 of "1,000+"; else null."""

    output_field = IntegerField()

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:  # type: ignore[override]
        """SQLite reads the leading digits itself; a text that is no number would become 0."""
        bare = "REPLACE(REPLACE(REPLACE(%(expressions)s, ',', ''), '''', ''), ' ', '')"
        template = f"CASE WHEN {bare} GLOB '[0-9]*' THEN CAST(SUBSTR({bare}, 1, 9) AS INTEGER) END"
        sql, params = super().as_sql(compiler, connection, template=template, **more)
        return sql, [*params, *params]

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        bare = "REPLACE(REPLACE(REPLACE(%(expressions)s, ',', ''), '''', ''), ' ', '')"
        template = f"CAST(SUBSTRING({bare} FROM '^[0-9]{{1,9}}') AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **more)


def counting(field: str, matches: Q) -> Exists:
    """The fact of this name that counts meets `matches` (over columns of Fact, `number` included)."""
    facts = _facts(field)
    better = facts.filter(person=OuterRef("person")).filter(
        Q(rank__lt=OuterRef("rank"))
        | Q(rank=OuterRef("rank"), sure__gt=OuterRef("sure"))
        | Q(rank=OuterRef("rank"), sure=OuterRef("sure"), at__gt=OuterRef("at"))
        | Q(rank=OuterRef("rank"), sure=OuterRef("sure"), at=OuterRef("at"), pk__gt=OuterRef("pk"))
    )
    return Exists(facts.filter(matches, ~Exists(better), person=OuterRef("pk")))


def some_fact(field: str, *, source: str = "") -> Exists:
    """There is a fact of this name at all (from this source)."""
    facts = Fact.objects.filter(person=OuterRef("pk"), field=field)
    return Exists(facts.filter(source=source) if source else facts)


def kept_or_told(field: str, *, kept: Q, unkept: Q, told: Q) -> Q:
    """Said by the person, else kept of the company, else told by anybody else. `unkept`: the company tells nothing.

    What the person said outranks all other facts, so the fact that counts is theirs as soon as there is one.
    """
    said_so = Q(some_fact(field, source=Fact.Source.SAID))
    return (Q(counting(field, told)) & (unkept | said_so)) | (kept & ~said_so)


def kept_under(name: str, line: SegmentCondition) -> Q:
    """What is kept of the company under this name, compared as the line says. Never null: "not" may stand before it."""
    text = Coalesce(KeyTextTransform(name, "company__custom"), Value(""), output_field=CharField())
    if line.compare == Compare.KNOWN:
        return ~Q(Exact(text, ""))
    if line.compare == Compare.IS:
        return reduce(or_, (Q(IExact(text, one)) for one in said(line.value)))
    bound = int(number_in(line.value) or 0)
    if line.compare == Compare.FROM:
        return Q(GreaterThanOrEqual(Coalesce(NumberIn(text), Value(-OUTSIDE)), bound))
    return Q(LessThanOrEqual(Coalesce(NumberIn(text), Value(OUTSIDE)), bound))


def _facts(field: str) -> QuerySet[Fact]:
    return Fact.objects.filter(field=field).annotate(rank=_RANK, sure=_SURE, number=NumberIn("value"))
