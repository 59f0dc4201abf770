"""A line of a segment in words, for the list, for what uses it, and for the log of what was taken out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import ConsentText, IdealValue, JourneyStage
from leads.models import LeadStatus, Segment, SegmentCondition, TouchKind
from leads.segments.lines import NO, SLUGS, Compare, Field, ids_in, said

NOT_SAID_TWICE = (Compare.IS, "")
_LABELS: dict[str, Any] = {
    Field.STATUS: LeadStatus,
    Field.JOURNEY: JourneyStage,
    Field.EXCLUSION: IdealValue.Exclusion,
    Field.CONSENT: ConsentText.Purpose,
}


def in_words(line: SegmentCondition) -> str:
    """“not status: new, nurturing”; “downloaded, 2 times within 30 days: paper”; “grade B2 or better”."""
    words = _sentence(line) or _compared(line)
    return _("not %(what)s") % {"what": words} if line.negate else words


def _sentence(line: SegmentCondition) -> str:
    """Fields that are said in a sentence of their own; empty for the others."""
    value = line.value.strip()
    if line.field == Field.WITH_SALES:
        return _("not with sales") if value.casefold() == NO else _("with sales")
    if line.field == Field.GRADE and line.compare != Compare.KNOWN:
        return _("grade %(grade)s or better") % {"grade": value.upper()}
    if line.field in (Field.BECAME, Field.TOUCHED) and value.isdecimal():
        days = ngettext("within %(n)d day", "within %(n)d days", int(value)) % {"n": int(value)}
        if line.field == Field.BECAME:
            return _("became a lead %(within)s") % {"within": days}
        return _("last touch %(within)s") % {"within": days}
    return ""


def _compared(line: SegmentCondition) -> str:
    what = _deed(line) if line.field == Field.DID else str(line.get_field_display())
    if line.field == Field.FACT:
        what = line.name
    how = "" if line.compare in NOT_SAID_TWICE else f" {line.get_compare_display()}"
    value = "" if line.compare == Compare.KNOWN else _value(line)
    return f"{what}{how}: {value}" if value and not how else f"{what}{how} {value}".rstrip()


def _deed(line: SegmentCondition) -> str:
    kind = str(TouchKind(line.name).label) if line.name in TouchKind.values else line.name
    times = ngettext("%(n)d time", "%(n)d times", line.times) % {"n": line.times}
    if not line.days:
        return f"{kind}, {times}"
    days = ngettext("within %(n)d day", "within %(n)d days", line.days) % {"n": line.days}
    return f"{kind}, {times} {days}"


def _value(line: SegmentCondition) -> str:
    parts = said(line.value)
    if line.field in SLUGS:
        return ", ".join(_named(SLUGS[line.field], "slug", said(line.value.casefold())))
    if line.field == Field.SEGMENT:
        return ", ".join(_named(Segment, "pk", ids_in(line.value)))
    if line.field in _LABELS:
        labels = dict(_LABELS[line.field].choices)
        return ", ".join(str(labels.get(part.casefold(), part)) for part in parts)
    return ", ".join(parts)


def _named(model: Any, column: str, wanted: list[Any]) -> list[str]:
    """Names of the rows; where there is none, what was said."""
    known = {getattr(row, column): row.name for row in model.objects.filter(**{f"{column}__in": wanted})}
    return [str(known.get(one, one)) for one in wanted]
