"""Which period and which credit rule a report page is asked for: words in the address, a Scope for the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.reports.scope import COHORT, EVENTS, FIRST_TOUCH, LAST_TOUCH, Scope

PERIODS: dict[str, str | Promise] = {
    "today": gettext_lazy("today"),
    "30d": gettext_lazy("last 30 days"),
    "90d": gettext_lazy("last 90 days"),
    "this-quarter": gettext_lazy("this quarter"),
    "last-quarter": gettext_lazy("last quarter"),
    "12m": gettext_lazy("last 12 months"),
    "all": gettext_lazy("all time"),
}
CREDITS: dict[str, str | Promise] = {
    FIRST_TOUCH: gettext_lazy("first touch"),
    LAST_TOUCH: gettext_lazy("last touch"),
}
VIEWS: dict[str, str | Promise] = {
    COHORT: gettext_lazy("cohort: by the day they became a lead"),
    EVENTS: gettext_lazy("events: what happened in the period"),
}


@dataclass(frozen=True)
class Asked:
    """The scope of a page, the words for its chips, and the query string that keeps it."""

    scope: Scope
    period: str
    words: str
    query: str

    @property
    def credit(self) -> str | Promise:
        return CREDITS[self.scope.by]

    @property
    def view(self) -> str | Promise:
        return VIEWS[self.scope.view]


def asked_for(data: QueryDict, *, today: date | None = None, default: str = "90d") -> Asked:
    """Read `period` (or `start` and `end`), `by`, `view`, `channel`, `campaign`, `segment`; nonsense falls back."""
    today = today or timezone.localdate()
    period, start, end = _dates(data, today, default)
    scope = Scope(
        start=start,
        end=end,
        by=_one_of(data.get("by", ""), CREDITS, FIRST_TOUCH),
        view=_one_of(data.get("view", ""), VIEWS, COHORT),
        channel=data.get("channel", "")[:80],
        campaign=data.get("campaign", "")[:80],
        segment=_id(data.get("segment", "")),
    )
    return Asked(scope, period, _words(period, start, end), query_of(scope, period))


def _id(asked: str) -> int | None:
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None


def _one_of(asked: str, known: dict[str, str | Promise], usual: str) -> str:
    return asked if asked in known else usual


def query_of(scope: Scope, period: str = "") -> str:
    """The same scope as a query string, for the links from a number to its rows."""
    query = QueryDict(mutable=True)
    if period in PERIODS:
        query["period"] = period
    else:
        query.update({k: v.isoformat() for k, v in (("start", scope.start), ("end", scope.end)) if v})
    extra = {"by": (scope.by, FIRST_TOUCH), "view": (scope.view, COHORT)}
    query.update({name: value for name, (value, usual) in extra.items() if value != usual})
    narrowed = ("channel", "campaign", "segment")
    query.update({name: str(getattr(scope, name)) for name in narrowed if getattr(scope, name)})
    return query.urlencode()


def _dates(data: QueryDict, today: date, default: str) -> tuple[str, date | None, date | None]:
    start, end = _day(data.get("start", "")), _day(data.get("end", ""))
    if (start or end) and data.get("period", "") not in PERIODS:
        return "", start, end
    period = data.get("period", default)
    period = period if period in PERIODS else default
    return period, *_named(period, today)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _named(period: str, today: date) -> tuple[date | None, date | None]:
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last_end = quarter - timedelta(days=1)
    return {
        "today": (today, today),
        "30d": (today - timedelta(days=29), today),
        "90d": (today - timedelta(days=89), today),
        "this-quarter": (quarter, today),
        "last-quarter": (date(last_end.year, 3 * ((last_end.month - 1) // 3) + 1, 1), last_end),
        "12m": (today - timedelta(days=364), today),
        "all": (None, None),
    }[period]


def _words(period: str, start: date | None, end: date | None) -> str:
    if start is None and end is None:
        return _("all time")
    first = formats.date_format(start, "j F Y") if start else _("the beginning")
    last = formats.date_format(end, "j F Y") if end else _("today")
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
