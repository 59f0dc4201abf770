"""What each line of a segment may ask: which comparisons, which values, and what is wrong with one, in words.

A line with a problem holds nobody, turned round or not: a slip must not write to everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.comparing import number_in, read_grade
from campaigns.models import (
    Asset,
    Campaign,
    Channel,
    ConsentText,
    IdealValue,
    JourneyStage,
    LandingPage,
    Persona,
)
from leads.countries import country_names
from leads.models import LeadStatus, Segment, SegmentCondition, TouchKind

Field, Compare = SegmentCondition.Field, SegmentCondition.Compare
Row = type[Persona | Channel | Campaign]
MOST_DAYS = 3650
MOST_NUMBER = 1_000_000_000
YES, NO = "yes", "no"
STAGE = re.compile(r"[a-z0-9_-]{1,40}")

SLUGS: dict[str, Row] = {Field.PERSONA: Persona, Field.CHANNEL: Channel, Field.CAMPAIGN: Campaign}
NUMBERS = frozenset((Field.FIT, Field.ENGAGEMENT, Field.SIZE))
_IS, _KNOWN = (Compare.IS,), (Compare.IS, Compare.KNOWN)
_ORDER = (Compare.IS, Compare.FROM, Compare.UNTIL)
# Comparisons that a field knows; those that are not here know only "is one of".
COMPARES: dict[str, tuple[str, ...]] = {
    Field.GRADE: (Compare.IS, Compare.FROM, Compare.KNOWN),
    Field.FIT: _ORDER,
    Field.ENGAGEMENT: _ORDER,
    Field.SIZE: (*_ORDER, Compare.KNOWN),
    Field.FACT: (*_ORDER, Compare.KNOWN),
    **dict.fromkeys(
        (
            Field.PERSONA, Field.JOURNEY, Field.EXCLUSION, Field.CHANNEL, Field.CAMPAIGN, Field.COUNTRY,
            Field.LANGUAGE, Field.TITLE, Field.COMPANY, Field.INDUSTRY, Field.SALES_STAGE,
        ),
        _KNOWN,
    ),
}  # fmt: skip


def said(value: str) -> list[str]:
    """``Optics, Pumps`` → each of them as written: any may be the one."""
    return [word for part in value.split(",") if (word := part.strip())]


def compares_of(field: str) -> tuple[str, ...]:
    """The comparisons that a field knows."""
    return COMPARES.get(field, _IS)


def problem_of(line: SegmentCondition) -> str:
    """Why nobody could meet this line, in words; empty where nothing is wrong with it."""
    if line.compare not in compares_of(line.field):
        return _("%(field)s cannot be compared like this; it may be: %(known)s.") % {
            "field": line.get_field_display(),
            "known": ", ".join(str(Compare(one).label) for one in compares_of(line.field)),
        }
    if line.field == Field.FACT and not line.name.strip():
        return _("Say the name of the fact, such as plant_size.")
    if line.field == Field.DID:
        return _bad_deed(line)
    if line.compare == Compare.KNOWN or (line.field == Field.WITH_SALES and not line.value.strip()):
        return ""
    if not said(line.value):
        return _("Say which value.")
    if line.field in SLUGS:
        return _unknown(said(line.value.casefold()), SLUGS[line.field])
    check = _CHECKS.get(line.field)
    if check is None:
        return _("Choose what this line looks at.")
    if line.field in NUMBERS or (line.field == Field.FACT and line.compare != Compare.IS):
        return _bad_number(line.value, one_only=line.compare != Compare.IS)
    return check(line.value) or (_circle_in(line) if line.field == Field.SEGMENT else "")


def _circle_in(line: SegmentCondition) -> str:
    way = circle(line.segment_id, [line]) if line.segment_id else []
    if not way:
        return ""
    names = " → ".join(f"“{one.name}”" for one in way)
    return _("This goes round in a circle: %(names)s. A segment cannot ask for itself.") % {"names": names}


def named_segments(lines: Iterable[SegmentCondition]) -> list[int]:
    """Ids of the segments that these lines name."""
    return sorted({pk for line in lines if line.field == Field.SEGMENT for pk in ids_in(line.value)})


def ids_in(value: str) -> list[int]:
    return [int(one) for one in said(value) if one.isascii() and one.isdigit() and len(one) < 19]


def circle(segment_id: int, lines: Iterable[SegmentCondition]) -> list[Segment]:
    """The segments on the way from these lines back to `segment_id`; empty where no line leads there."""
    named: dict[int, list[int]] = {}
    for owner, value in SegmentCondition.objects.filter(field=Field.SEGMENT).values_list("segment", "value"):
        named.setdefault(owner, []).extend(ids_in(value))
    named[segment_id] = named_segments(lines)
    way = _way_back(segment_id, segment_id, named, [], set())
    by_id = Segment.objects.in_bulk(way)
    return [by_id[pk] for pk in way if pk in by_id]


def _way_back(
    here: int, goal: int, named: dict[int, list[int]], passed: list[int], tried: set[int]
) -> list[int]:
    """Each segment is tried once: many that name many have more ways between them than anybody could go."""
    for one in named.get(here, []):
        if one == goal:
            return [*passed, one]
        if one not in tried:
            tried.add(one)
            if way := _way_back(one, goal, named, [*passed, one], tried):
                return way
    return []


def _bad_deed(line: SegmentCondition) -> str:
    if line.name not in TouchKind.values:
        return _("Choose what they did: %(known)s.") % {"known": ", ".join(TouchKind.values)}
    if line.times < 1:
        return _("At least once; for “never” tick “not”.")
    if line.days is not None and not 1 <= line.days <= MOST_DAYS:
        return _("Days are a number from 1 to %(most)d.") % {"most": MOST_DAYS}
    pieces = said(line.value.casefold())
    rows = [
        model.objects.filter(slug__in=pieces).values_list("slug", flat=True) for model in (Asset, LandingPage)
    ]
    known = {slug for some in rows for slug in some}
    wrong = [one for one in pieces if one not in known]
    return (
        _("There is no piece or page with the short name “%(name)s”.") % {"name": wrong[0]} if wrong else ""
    )


def _unknown(slugs: Sequence[str], model: Row) -> str:
    known = set(model.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    wrong = [one for one in slugs if one not in known]
    if not wrong:
        return ""
    return _("There is no %(what)s with the short name “%(name)s”.") % {
        "what": model._meta.verbose_name,
        "name": wrong[0],
    }


def _one_of(known: Sequence[str], words: str | Promise) -> Callable[[str], str]:
    def check(value: str) -> str:
        if set(said(value.casefold())) <= set(known):
            return ""
        return str(words) % {"known": ", ".join(known)}

    return check


def _bad_grade(value: str) -> str:
    return (
        "" if read_grade(value) else _("A grade is a letter from A to D and a digit from 1 to 4, such as B2.")
    )


def _bad_country(value: str) -> str:
    known = {code.casefold() for code, _name in country_names("en")}
    return "" if set(said(value.casefold())) <= known else _("A country is two letters, such as NL.")


def _bad_language(value: str) -> str:
    fits = all(re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", one) for one in said(value.casefold()))
    return "" if fits else _("A language is two letters, such as de.")


def _bad_days(value: str) -> str:
    days = value.strip()
    fits = days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS
    return "" if fits else _("Days are a number from 1 to %(most)d.") % {"most": MOST_DAYS}


def _bad_number(value: str, *, one_only: bool) -> str:
    numbers = [number_in(one) for one in ([value] if one_only else said(value))]
    if all(one is not None and abs(one) <= MOST_NUMBER for one in numbers):
        return ""
    return _("This must be a number, such as 50.")


def _bad_stage(value: str) -> str:
    fits = all(STAGE.fullmatch(one) for one in said(value.casefold()))
    return "" if fits else _("A sales stage is its short name, such as meeting or proposal.")


def _bad_segment(value: str) -> str:
    wanted = ids_in(value)
    if len(wanted) != len(said(value)) or Segment.objects.filter(pk__in=wanted).count() != len(set(wanted)):
        return _("There is no such segment.")
    old = Segment.objects.filter(pk__in=wanted).exclude(archived_at=None).first()
    return _("The segment “%(name)s” is archived.") % {"name": old.name} if old else ""


def _anything(value: str) -> str:
    return ""


_CHECKS: dict[str, Callable[[str], str]] = {
    Field.STATUS: _one_of(LeadStatus.values, gettext_lazy("A status is one of: %(known)s.")),
    Field.GRADE: _bad_grade,
    Field.COUNTRY: _bad_country,
    Field.LANGUAGE: _bad_language,
    Field.TOUCHED: _bad_days,
    Field.BECAME: _bad_days,
    Field.JOURNEY: _one_of(JourneyStage.values, gettext_lazy("A journey stage is one of: %(known)s.")),
    Field.EXCLUSION: _one_of(
        [one for one in IdealValue.Exclusion.values if one], gettext_lazy("An exclusion is one of: %(known)s.")
    ),
    Field.CONSENT: _one_of(ConsentText.Purpose.values, gettext_lazy("A purpose is one of: %(known)s.")),
    Field.WITH_SALES: _one_of((YES, NO), gettext_lazy("Say one of: %(known)s.")),
    Field.SALES_STAGE: _bad_stage,
    Field.SEGMENT: _bad_segment,
    **dict.fromkeys(
        (
            Field.FIT, Field.ENGAGEMENT, Field.SIZE, Field.FACT, Field.TITLE, Field.COMPANY, Field.INDUSTRY,
        ),
        _anything,
    ),
}  # fmt: skip
