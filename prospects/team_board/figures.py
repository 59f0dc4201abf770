"""The numbers of the manager's page, each as the rows it counts: the page counts them, the link lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from prospects.feedback import recovered
from prospects.models import Call, Deal, Meeting, Prospect, SocialTouch, StageMove
from prospects.stages import SALES_QUALIFIED, too_long

Verdict = Prospect.Verdict


@dataclass(frozen=True)
class Span:
    """From `start` to before `end`; what is counted as of now is counted at `at`. `reps`: None means everybody's."""

    at: datetime
    start: datetime
    end: datetime
    reps: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Figure:
    """`rows` are what the number counts; `rep` whose work each is; `when` the moment it counts by; `prospect` whom
    it is about, seen from the row ("" for a prospect itself). `now`: as of now, whatever the period."""

    words: str | Promise
    rows: Callable[[Span], QuerySet[Any]]
    rep: str
    when: str
    prospect: str = "prospect"
    now: bool = False


def _open(span: Span) -> QuerySet[Prospect]:
    return Prospect.objects.open()


def _late(span: Span) -> QuerySet[Prospect]:
    return Prospect.objects.open().filter(first_acted_at=None, answer_by__lt=span.at)


def _waiting(span: Span) -> QuerySet[Prospect]:
    inbound = Prospect.objects.open().filter(origin=Prospect.Origin.INBOUND)
    return inbound.filter(first_acted_at=None)


def _answered(span: Span) -> QuerySet[Prospect]:
    """Whom a clock was running for, and who was first acted on in the period."""
    return Prospect.objects.filter(answer_by__isnull=False, **_within("first_acted_at", span))


def _within(field: str, span: Span) -> dict[str, datetime]:
    return {f"{field}__gte": span.start, f"{field}__lt": span.end}


def _by_whom(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Whoever did it; where an import does not say, whoever owns the prospect."""
    return rows.annotate(who=Coalesce("by", "prospect__owner"))


def _calls(span: Span) -> QuerySet[Call]:
    return _by_whom(Call.objects.filter(**_within("at", span)))


def _social(span: Span) -> QuerySet[SocialTouch]:
    """What we did there; their answers are no work of a rep."""
    rows = SocialTouch.objects.exclude(what=SocialTouch.What.ANSWERED)
    return _by_whom(rows.filter(**_within("at", span)))


def _meetings(outcome: str) -> Callable[[Span], QuerySet[Meeting]]:
    return lambda span: _by_whom(Meeting.objects.filter(outcome=outcome, **_within("at", span)))


def _booked(span: Span) -> QuerySet[Meeting]:
    """By the day it was agreed on; one that was moved is not booked a second time."""
    return _by_whom(Meeting.objects.filter(moved_from=None, **_within("recorded_at", span)))


def _qualified(span: Span) -> QuerySet[StageMove]:
    """The first entry into sales-qualified of each cycle, by whoever moved it there."""
    moves = StageMove.objects.filter(new__slug=SALES_QUALIFIED, **_within("at", span))
    return _by_whom(moves.filter(at=F("prospect__sales_qualified_at")))


def _ended(verdict: str) -> Callable[[Span], QuerySet[Prospect]]:
    return lambda span: Prospect.objects.filter(verdict=verdict, **_within("closed_at", span))


def _deals(status: str) -> Callable[[Span], QuerySet[Deal]]:
    def rows(span: Span) -> QuerySet[Deal]:
        found = Deal.objects.filter(status=status)
        return found if status == Deal.Status.OPEN else found.filter(**_within("closed_at", span))

    return rows


FIGURES: dict[str, Figure] = {
    "open": Figure(_("Open"), _open, "owner", "opened_at", "", now=True),
    "waiting": Figure(_("Sales-ready, untouched"), _waiting, "owner", "opened_at", "", now=True),
    "late": Figure(_("Clock broken"), _late, "owner", "answer_by", "", now=True),
    "idle": Figure(
        _("No next step"), lambda span: Prospect.objects.without_next_step(span.at), "owner", "stage_since", "",
        now=True,
    ),
    "too_long": Figure(
        _("Too long in the stage"), lambda span: Prospect.objects.filter(too_long(span.at)), "owner", "stage_since",
        "", now=True,
    ),
    "accepted": Figure(
        _("Accepted"), lambda span: Prospect.objects.filter(**_within("accepted_at", span)), "owner", "accepted_at", ""
    ),
    "rejected": Figure(_("Rejected"), _ended(Verdict.REJECTED), "owner", "closed_at", ""),
    "answered": Figure(_("First answers"), _answered, "owner", "first_acted_at", ""),
    "in_time": Figure(
        _("In time"), lambda span: _answered(span).filter(first_acted_at__lte=F("answer_by")), "owner",
        "first_acted_at", "",
    ),
    "sales_qualified": Figure(_("Sales-qualified"), _qualified, "who", "at"),
    "calls": Figure(
        _("Calls out"), lambda span: _calls(span).filter(direction=Call.Direction.OUT), "who", "at"
    ),
    "conversations": Figure(
        _("Conversations"), lambda span: _calls(span).filter(outcome=Call.Outcome.CONVERSATION), "who", "at"
    ),
    "social": Figure(_("Social touches"), _social, "who", "at"),
    "booked": Figure(_("Meetings booked"), _booked, "who", "recorded_at"),
    "held": Figure(_("Meetings held"), _meetings(Meeting.Outcome.HELD), "who", "at"),
    "no_show": Figure(_("No-shows"), _meetings(Meeting.Outcome.NO_SHOW), "who", "at"),
    "won": Figure(_("Deals won"), _deals(Deal.Status.WON), "prospect__owner", "closed_at"),
    "deals": Figure(_("Deals open"), _deals(Deal.Status.OPEN), "prospect__owner", "opened_at", now=True),
    "returned": Figure(
        _("Sent back to nurture"), lambda span: recovered.returned(span.start, span.end), "owner", "closed_at", ""
    ),
    "came_back": Figure(
        _("Came back"), lambda span: recovered.came_back(span.start, span.end), "owner", "opened_at", ""
    ),
    "forgotten": Figure(
        _("Day passed, not back"), lambda span: recovered.forgotten(span.at), "owner", "closed_at", "", now=True
    ),
    "recovered": Figure(
        _("Came back and bought"), lambda span: recovered.won_again(span.start, span.end), "owner", "closed_at", ""
    ),
}  # fmt: skip


def rows_of(key: str, span: Span) -> QuerySet[Any]:
    """What stands behind a number, of the reps asked for. Raises KeyError for a number nobody knows."""
    figure = FIGURES[key]
    rows = figure.rows(span)
    return rows if span.reps is None else rows.filter(**{f"{figure.rep}__in": span.reps})


def counts(span: Span) -> dict[str, dict[int | None, int]]:
    """Number → rep → how many; None is nobody's. One statement for all numbers.

    Not one of them joins to many, so each row is counted once without DISTINCT, which would sort them all.
    """
    parts = []
    for key, figure in FIGURES.items():
        rows = rows_of(key, span).order_by().annotate(figure=Value(key, output_field=CharField()))
        names = ("figure", figure.rep)
        parts.append(rows.values(*names).annotate(n=Count("pk")).values_list(*names, "n"))
    found: dict[str, dict[int | None, int]] = {key: {} for key in FIGURES}
    for key, rep, number in parts[0].union(*parts[1:], all=True):
        found[key][rep] = number
    return found


def reason_rows(span: Span, slug: str) -> QuerySet[Prospect]:
    """Cycles that ended for this reason in the period."""
    rows = Prospect.objects.filter(reason__slug=slug, **_within("closed_at", span))
    return rows if span.reps is None else rows.filter(owner__in=span.reps)


def of_rep(figure: Figure, rep: int | None) -> Q:
    return Q(**{figure.rep: rep}) if rep is not None else Q(**{f"{figure.rep}__isnull": True})
