"""Money to come and money that came: the forecast, what became of deals, and what customers are worth."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.kept import Kept
from prospects.models import Deal
from prospects.money import deals
from prospects.money.figures import Counted, deal_figures
from prospects.money.forecast import ENOUGH, MONTHS_BACK, Forecast, forecast
from prospects.money.value import HORIZONS, Cohort, cohorts
from prospects.views.answers import for_reps

PERIODS = {"12": 12, "24": 24, "all": None}


@for_reps
def forecast_page(request: HttpRequest) -> HttpResponse:
    """/staff/forecast/: a rep's own, a manager's all."""
    now, sees_all = timezone.now(), request.user.has_perm("prospects.manage_prospects")
    made = forecast(at=now, owners=None if sees_all else [request.user.pk or 0])
    period = request.GET.get("months", "12")
    period = period if period in PERIODS else "12"
    context = {
        "forecast": made,
        "months": [(_month_words(month, made.this_month), line) for month, line in made.months if line.n],
        "stages": [(made.odds[stage], made.by_stage[stage]) for stage in made.odds if stage in made.by_stage],
        "owners": _by_name(made) if sees_all else [],
        "counted": _counted((request.user, sees_all, period)),
        "period": period,
        "enough": ENOUGH,
        "months_back": MONTHS_BACK,
        "sees_all": sees_all,
    }
    return render(request, "prospects/forecast.html", context)


def _read_counted(asked: Any) -> Counted:
    """Of the closed deals of a period that this user may see; by the right as well, for that may change."""
    user, _sees_all, period = asked
    months, rows = PERIODS[period], deals.deals_of(user).exclude(status=Deal.Status.OPEN)
    since = timezone.now() - timedelta(days=(months or 0) * 30.4375)
    return deal_figures(rows.filter(closed_at__gte=since) if months else rows)


# What is long over changes little: a hundred thousand deals are read once in a minute, or in five, not once a page.
_counted: Kept[Counted] = Kept(_read_counted, seconds=60)
_cohorts: Kept[list[Cohort]] = Kept(lambda _key: cohorts(at=timezone.now()), seconds=300)


def _month_words(month: date | None, this_month: date) -> str:
    if month is None:
        return _("no day given")
    if month == date.min:
        return _("overdue, before this month")
    if month == date.max:
        return _("later")
    return date_format(month, "F Y") if month != this_month else _("this month")


def _by_name(made: Forecast) -> list[tuple[str, Any]]:
    users = get_user_model().objects.in_bulk([owner for owner in made.by_owner if owner])
    lines = [
        (str(users[owner]) if owner in users else _("nobody"), line) for owner, line in made.by_owner.items()
    ]
    return sorted(lines, key=lambda line: (-line[1].weighted, line[0]))


@login_required
@permission_required("prospects.manage_prospects", raise_exception=True)
def value_page(request: HttpRequest) -> HttpResponse:
    """/staff/forecast/value/: revenue of customers in their first months, by where they came from."""
    context = {"cohorts": _cohorts("all"), "horizons": HORIZONS}
    return render(request, "prospects/value.html", context)
