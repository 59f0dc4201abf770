"""Reads the past of leads, lot by lot: five queries a lot, each row as a plain tuple."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Expression, F, FloatField, Func, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from leads.models import Fact, Lead, LeadMove, Submission, Touch
from leads.scoring.backtest.past import SAID, FactRow, Given, Move, Past, Seen, states
from leads.scoring.backtest.span import Span
from leads.scoring.points import OPEN

LOT = 2000
_LEAD = ("person_id", "created_at", "recorded_at")
_PERSON = (
    "email_key", "phone", "phone_key", "job_title", "company_name", "country", "no_profiling", "created_at",
    "company_id",
)  # fmt: skip
_COMPANY = ("name", "domain", "industry", "size", "country", "founded_year", "custom")


def pasts(span: Span, *, until: datetime) -> Iterator[list[Past]]:
    """Every lead that was there by the end of the last day, in lots, by id. People erased or merged are left out.

    Verdicts are read up to `until`, everything else up to the last day's end.
    """
    last = 0
    leads = with_person(there_by(span.until)).order_by("pk")
    while lot := list(leads.filter(pk__gt=last)[:LOT]):
        yield lot_of(lot, span, until)
        last = lot[-1].pk


def there_by(end: datetime) -> QuerySet[Lead]:
    """Leads that were there and known by `end`."""
    alive = Q(person__erased_at=None, person__merged_into=None)
    return Lead.objects.filter(alive, created_at__lt=end, recorded_at__lt=end)


def with_person(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """With the columns of person and company that a profile is made of, and no others."""
    return leads.select_related("person__company").only(
        *_LEAD, *(f"person__{name}" for name in _PERSON), *(f"person__company__{name}" for name in _COMPANY)
    )


def lot_of(leads: Sequence[Lead], span: Span, until: datetime) -> list[Past]:
    """The past of these leads (with person and company), by their order."""
    people = [lead.person_id for lead in leads]
    touches, channels = _touches(people, span)
    facts, forms = _facts(people, span), _forms(people, span)
    moves = _moves([lead.pk for lead in leads], span, until)
    return [
        Past(
            lead=lead.pk,
            first=span.known_on(lead.created_at, lead.recorded_at),
            touches=touches[lead.person_id],
            facts=states(
                lead.person, facts[lead.person_id], forms[lead.person_id], channels[lead.person_id], span
            ),
            moves=moves[lead.pk],
            scored=not lead.person.no_profiling,
        )
        for lead in leads
    ]


def _touches(
    people: Sequence[int], span: Span
) -> tuple[Mapping[int, list[Seen]], Mapping[int, dict[int, str]]]:
    """Of each person the touches by the day they became known, and from which day on which channel was the first."""
    end = span.until
    rows = Touch.objects.filter(person__in=people, at__lt=end, recorded_at__lt=end).exclude(kind=OPEN)
    seen: dict[int, list[Seen]] = defaultdict(list)
    came: dict[int, list[tuple[int, float, int, str]]] = defaultdict(list)
    columns = ("person_id", "id", "kind", "asset__kind_id", "asset__journey_stage", "channel__slug")
    for person, pk, kind, asset_kind, stage, channel, at, known in rows.order_by().values_list(
        *columns, _second(F("at")), _second(Greatest("at", "recorded_at"))
    ):
        second, day = _float(at), span.of_second(_float(known))
        seen[person].append(Seen(day, second, pk, (kind, asset_kind, stage or "")))
        came[person].append((day, second, pk, channel))
    for touches in seen.values():
        touches.sort()
    return seen, defaultdict(dict, {person: _first_channels(rows) for person, rows in came.items()})


def _first_channels(rows: list[tuple[int, float, int, str]]) -> dict[int, str]:
    """Day → the channel of the earliest touch known by then; only span in which that changes."""
    found: dict[int, str] = {}
    first: tuple[float, int] | None = None
    for day, at, pk, channel in sorted(rows):
        if first is None or (at, pk) < first:
            first = (at, pk)
            found[day] = channel
    return found


def _facts(people: Sequence[int], span: Span) -> Mapping[int, list[FactRow]]:
    end = span.until
    rows = Fact.objects.filter(person__in=people, at__lt=end, recorded_at__lt=end).order_by()
    found: dict[int, list[FactRow]] = defaultdict(list)
    for person, *row, known in rows.values_list(
        "person_id", "field", "value", "source", "confidence", "at", "id",
        _second(Greatest("at", "recorded_at")),
    ):  # fmt: skip
        found[person].append(FactRow._make([*row, span.of_second(_float(known))]))
    return found


def _forms(people: Sequence[int], span: Span) -> Mapping[int, list[Given]]:
    """What people said on accepted forms of the things that columns hold; a form in quarantine counts when let in."""
    rows = Submission.objects.filter(
        person__in=people, state=Submission.State.ACCEPTED, at__lt=span.until
    ).order_by()
    found: dict[int, list[Given]] = defaultdict(list)
    for person, answers, known in rows.values_list(
        "person_id", "answers", _second(Greatest("at", Coalesce("released_at", "at")))
    ):
        day = span.of_second(_float(known))
        if day <= span.last:
            said = ((field, answers.get(field)) for field in SAID.values())
            found[person].extend(Given(field, value, day) for field, value in said if value)
    return found


def _moves(leads: Sequence[int], span: Span, until: datetime) -> Mapping[int, list[Move]]:
    rows = LeadMove.objects.filter(lead__in=leads, at__lte=until, recorded_at__lte=until).order_by("at", "pk")
    found: dict[int, list[Move]] = defaultdict(list)
    for lead, old, new, way, at, known in rows.values_list(
        "lead_id", "old", "new", "way", _second(F("at")), _second(Greatest("at", "recorded_at"))
    ):
        found[lead].append(Move(old, new, way, _float(at), span.of_second(_float(known))))
    return found


def _second(moment: Expression | F) -> Expression | F:
    """Seconds since 1970, where the database can say them: reading a moment costs ten times as much."""
    if connection.vendor != "postgresql":
        return moment
    return Func(moment, template="DATE_PART('epoch', %(expressions)s)", output_field=FloatField())


def _float(moment: Any) -> float:
    return moment if isinstance(moment, float) else moment.timestamp()
