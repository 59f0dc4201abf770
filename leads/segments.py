"""Segments: saved conditions over leads, as one SQL condition, and their stored membership.

All lines must hold. A segment without a line, or with a value that cannot be, holds nobody: a slip must not write to
everybody. Only leads are members: cold contacts, merged and erased people are in no segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.comparing import grade_at_least, read_grade
from campaigns.models import Campaign, Channel, Persona
from campaigns.step_rules import choices
from leads.countries import country_names
from leads.models import EntryRule, LeadStatus, Person, Segment, SegmentCondition, SegmentMember

Field = SegmentCondition.Field
REFRESHED_EVERY = timedelta(minutes=5)
MOST_DAYS = 3650
GRADES = [letter + digit for letter in "ABCD" for digit in "1234"]
_SLUGS: dict[str, tuple[type[Persona | Channel | Campaign], str]] = {
    Field.PERSONA: (Persona, "lead__persona__slug__in"),
    Field.CHANNEL: (Channel, "lead__first_touch__channel__slug__in"),
    Field.CAMPAIGN: (Campaign, "lead__first_touch__campaign__slug__in"),
}


def people(segment: Segment, *, at: datetime | None = None) -> QuerySet[Person]:
    """Who is in it at `at` (now), worked out anew. One SELECT, not yet run."""
    return matching(list(segment.conditions.all()), at=at or timezone.now())


def matching(conditions: Sequence[SegmentCondition], *, at: datetime) -> QuerySet[Person]:
    """The leads for whom every one of these lines holds; they need not be saved."""
    if not conditions or any(problem_of(line) for line in conditions):
        return Person.objects.none()
    found = Person.objects.filter(lead__isnull=False, merged_into=None, erased_at=None)
    for line in conditions:
        holds = _CONDITIONS[line.field](line.value, at)
        found = found.filter(~holds if line.negate else holds)
    return found


def count(segment: Segment) -> int:
    """How many are in it now."""
    return people(segment).count()


def sample(segment: Segment, number: int = 10) -> list[Person]:
    """Some who are in it now, the newest first, to look at."""
    return list(people(segment).order_by("-pk")[:number])


def refresh(*, segment: Segment, at: datetime) -> dict[str, int]:
    """Store who is in it: new members are added, the others go. Two statements; returns counts: added, removed.

    Twice at once waits for the first.
    """
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        now = people(segment, at=at)
        stays = Exists(now.filter(pk=OuterRef("person")))
        removed, _by_model = SegmentMember.objects.filter(~stays, segment=segment).delete()
        added = _add(segment, now, at)
        Segment.objects.filter(pk=segment.pk).update(evaluated_at=at)
    return {"added": added, "removed": removed}


def refresh_due(*, at: datetime) -> dict[str, int]:
    """Segments that let people into sequences by themselves, each at most every five minutes."""
    watched = EntryRule.objects.filter(kind=EntryRule.Kind.SEGMENT, is_on=True).values("segment")
    stale = Q(evaluated_at=None) | Q(evaluated_at__lte=at - REFRESHED_EVERY)
    counts = {"segments": 0, "added": 0, "removed": 0}
    for segment in Segment.objects.in_use().filter(stale, pk__in=watched).order_by("pk"):
        result = refresh(segment=segment, at=at)
        counts = {name: number + result.get(name, 1) for name, number in counts.items()}
    return counts


def problem_of(line: SegmentCondition) -> str:
    """Why nobody could meet this line, in words; empty where nothing is wrong with it."""
    said = choices(line.value)
    if not said:
        return _("Say which value.")
    if line.field in _SLUGS:
        model, _path = _SLUGS[line.field]
        known = set(model.objects.filter(slug__in=said).values_list("slug", flat=True))
        return _unknown([one for one in said if one not in known], model)
    check = _CHECKS.get(line.field)
    return check(line.value) if check else _("Choose what this line looks at.")


def _unknown(slugs: Sequence[str], model: type[Persona | Channel | Campaign]) -> str:
    if not slugs:
        return ""
    return _("There is no %(what)s with the short name “%(name)s”.") % {
        "what": model._meta.verbose_name,
        "name": slugs[0],
    }


def _bad_status(value: str) -> str:
    if set(choices(value)) <= set(LeadStatus.values):
        return ""
    return _("A status is one of: %(known)s.") % {"known": ", ".join(LeadStatus.values)}


def _bad_grade(value: str) -> str:
    return (
        "" if read_grade(value) else _("A grade is a letter from A to D and a digit from 1 to 4, such as B2.")
    )


def _bad_country(value: str) -> str:
    known = {code.casefold() for code, _name in country_names("en")}
    return "" if set(choices(value)) <= known else _("A country is two letters, such as NL.")


def _bad_days(value: str) -> str:
    days = value.strip()
    fits = days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS
    return "" if fits else _("Days are a number from 1 to %(most)d.") % {"most": MOST_DAYS}


_CHECKS: dict[str, Callable[[str], str]] = {
    Field.STATUS: _bad_status,
    Field.GRADE: _bad_grade,
    Field.COUNTRY: _bad_country,
    Field.TOUCHED: _bad_days,
}


def grades_from(wanted: str) -> list[str]:
    """``B2`` → the grades as good or better: A1, A2, B1, B2."""
    return [grade for grade in GRADES if grade_at_least(grade, read_grade(wanted))]


def _slug(path: str) -> Callable[[str, datetime], Q]:
    return lambda value, at: Q(**{path: choices(value)})


_CONDITIONS: dict[str, Callable[[str, datetime], Q]] = {
    Field.STATUS: lambda value, at: Q(lead__status__in=choices(value)),
    Field.GRADE: lambda value, at: Q(lead__score__grade__in=grades_from(value)),
    Field.COUNTRY: lambda value, at: Q(country__in=[code.upper() for code in choices(value)]),
    Field.TOUCHED: lambda value, at: Q(lead__last_touch__at__gte=at - timedelta(days=int(value))),
    **{field: _slug(path) for field, (_model, path) in _SLUGS.items()},
}


def _add(segment: Segment, now: QuerySet[Person], at: datetime) -> int:
    """INSERT … SELECT, which the ORM does not know: a million members never pass through this process."""
    try:
        sql, params = now.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:  # a line that nobody can meet
        return 0
    table = connection.ops.quote_name(SegmentMember._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (segment_id, person_id, since) "
            f"SELECT %s, found.id, %s FROM ({sql}) found WHERE true ON CONFLICT DO NOTHING",
            [segment.pk, connection.ops.adapt_datetimefield_value(at), *params],
        )
        return cursor.rowcount
