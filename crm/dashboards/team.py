"""/staff/team/: the manager's page, and the rows behind each of its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from crm.dashboards.period import PERIODS, Asked, asked_for
from crm.dashboards.tiles import Tile
from crm.reports.kpis import SalesReady, sales_ready
from leads.keyset import keyset_page
from leads.templatetags.staff_ui import count, figure, money, percent
from prospects.models import Reason, Rep, Target, Team
from prospects.money.forecast import Forecast, forecast, won_by_owner
from prospects.months import month_of, months_later
from prospects.targets import FIRST_YEAR, LAST_YEAR, span_of
from prospects.team_board import FIGURES, Board, Figure, Span, board, rows_of
from prospects.team_board.figures import of_rep, reason_rows

MAY_SEE = "prospects.manage_prospects"
WORK = ("calls", "conversations", "booked", "held", "no_show", "sales_qualified", "won")
ANSWERS = ("answered", "in_time", "accepted", "rejected")
LOAD = ("waiting", "late", "idle", "too_long", "deals")
RECOVERED = ("returned", "came_back", "recovered", "forgotten")
REASON = "reason"


@login_required
@permission_required(MAY_SEE, raise_exception=True)
def team_page(request: HttpRequest) -> HttpResponse:
    """Stages by rep, load against capacity, work of the period, forecast against target, reasons over time."""
    now = timezone.now()
    asked, team = asked_for(request.GET, default="30d"), _team(request)
    span = _span(asked, now, team)
    money_ahead = forecast(at=now, owners=span.reps)
    shown = board(
        span,
        today=timezone.localdate(now),
        forecasts={k: v.weighted for k, v in money_ahead.by_owner.items()},
    )
    context = {
        "now": now, "asked": asked, "periods": PERIODS, "team": team, "teams": Team.objects.in_use(),
        "board": shown, "query": _query(asked, team), "figures": FIGURES, "work": WORK,
        "answers": ANSWERS, "load": LOAD,
        "recovered": RECOVERED,
        "tiles": _tiles(shown, sales_ready(at=now), money_ahead, now, team),
        "currency": settings.CURRENCY,
    }  # fmt: skip
    return render(request, "crm/team.html", context)


def _team(request: HttpRequest) -> Team | None:
    key = request.GET.get("team", "")
    known = key.isascii() and key.isdigit() and len(key) < 10
    return Team.objects.in_use().filter(pk=int(key)).first() if known else None


def _span(asked: Asked, now: datetime, team: Team | None) -> Span:
    """The days of the period as instants in the zone of the house."""
    zone = timezone.get_default_timezone()
    start = asked.scope.start
    end = (asked.scope.end or timezone.localdate(now)) + timedelta(days=1)
    first = datetime.combine(start, time(0), zone) if start else datetime(1970, 1, 1, tzinfo=zone)
    reps = None if team is None else tuple(Rep.objects.filter(team=team).values_list("user", flat=True))
    return Span(now, first, datetime.combine(end, time(0), zone), reps)


def _query(asked: Asked, team: Team | None) -> str:
    return asked.query + (f"&team={team.pk}" if team else "")


def _tiles(shown: Board, ready: SalesReady, ahead: Forecast, now: datetime, team: Team | None) -> list[Tile]:
    """What burns first, then the month's money."""
    whole = shown.together.numbers
    narrowed = f"?team={team.pk}" if team else ""

    def tile(key: str, under: str) -> Tile:
        url = reverse("staff-team-rows", args=[key]) + narrowed
        return Tile(key, FIGURES[key].words, count(whole.get(key, 0)), under, url)

    wait = _("median wait %(n)s h") % {"n": figure(ready.median_hours)} if ready.median_hours else ""
    part = _("of %(n)s open") % {"n": count(whole.get("open", 0))}
    return [
        tile("waiting", wait or part), tile("late", part), tile("idle", part), tile("too_long", part),
        _forecast_tile(ahead, now, team),
    ]  # fmt: skip


def _forecast_tile(ahead: Forecast, now: datetime, team: Team | None) -> Tile:
    """Won this month and the open deals due in it, weighted, against the target."""
    month = month_of(now)
    won = won_by_owner(since=month, until=months_later(month, 1))
    reps = None if team is None else set(Rep.objects.filter(team=team).values_list("user", flat=True))
    done = sum((v for k, v in won.items() if reps is None or k in reps), Decimal(0))
    due = dict(ahead.months)[month].weighted if month in dict(ahead.months) else Decimal(0)
    whose = f"team:{team.pk}" if team else "house"
    target = Target.objects.filter(month=month, measure=Target.Measure.REVENUE, whose=whose).first()
    under = _("won %(won)s, no target yet") % {"won": money(done)}
    if target and target.value:
        share = percent((done + due) / target.value, 0)
        under = _("won %(won)s; %(share)s of %(target)s") % {
            "won": money(done), "share": share, "target": money(target.value),
        }  # fmt: skip
    url = f"{reverse('staff-targets')}?whose={whose}"
    return Tile("forecast", _("Forecast this month"), money(done + due, settings.CURRENCY), under, url)


@dataclass(frozen=True)
class RowLine:
    """A row behind a number: about whom, what, when, whose."""

    prospect: Any
    what: str
    at: datetime | None
    who: Any
    amount: Decimal | None = None


@login_required
@permission_required(MAY_SEE, raise_exception=True)
def team_rows(request: HttpRequest, key: str) -> HttpResponse:
    """/staff/team/rows/<number>/: exactly the rows that the number counted."""
    asked, team = asked_for(request.GET, default="30d"), _team(request)
    span = _span(asked, timezone.now(), team)
    shown, rows = _asked_rows(request, key, span)
    about = f"{shown.prospect}__" if shown.prospect else ""
    related = [f"{about}person__company", f"{about}stage", f"{about}owner", *_others(shown, key)]
    page = keyset_page(
        rows.select_related(*related), keys=(f"-{shown.when}", "-pk"), cursor=request.GET.get("at", "")
    )
    context = {
        "figure": shown, "asked": asked, "team": team, "query": _query(asked, team), "page": page,
        "lines": [_line(row, shown) for row in page.rows], "total": rows.count(),
        "currency": settings.CURRENCY,
    }  # fmt: skip
    return render(request, "crm/team_rows.html", context)


def _others(shown: Figure, key: str) -> list[str]:
    if key in ("calls", "conversations", "booked", "held", "no_show", "sales_qualified"):
        return ["by"]
    return ["reason"] if not shown.prospect else []


def _asked_rows(request: HttpRequest, key: str, span: Span) -> tuple[Figure, QuerySet[Any]]:
    if key == REASON:
        reason = get_object_or_404(Reason, slug=request.GET.get("reason", ""))
        return Figure(reason.name, lambda span: reason_rows(span, reason.slug), "owner", "closed_at", ""), (
            reason_rows(_of_month(request, span), reason.slug)
        )
    if key not in FIGURES:
        raise Http404(key)
    rows, shown = rows_of(key, span), FIGURES[key]
    rep = request.GET.get("rep", "")
    if rep == "nobody":
        rows = rows.filter(of_rep(shown, None))
    elif rep.isascii() and rep.isdigit() and len(rep) < 10:
        rows = rows.filter(of_rep(shown, int(rep)))
    return shown, rows


def _of_month(request: HttpRequest, span: Span) -> Span:
    """`month=2026-11` narrows to it."""
    try:
        month = parse_date(f"{request.GET.get('month', '')}-01")
    except ValueError:
        month = None
    known = month is not None and FIRST_YEAR <= month.year <= LAST_YEAR
    return Span(span.at, *span_of(month), span.reps) if month and known else span


def _line(row: Any, shown: Figure) -> RowLine:
    prospect = row.prospect if shown.prospect else row
    when = getattr(row, shown.when)
    if not shown.prospect:
        words = row.reason.name if row.reason else row.stage.name
        return RowLine(row, words, when, row.owner)
    if hasattr(row, "base_amount"):
        owner = prospect.owner if prospect else None
        return RowLine(prospect, row.title or str(row.get_status_display()), when, owner, row.base_amount)
    if hasattr(row, "outcome"):
        return RowLine(prospect, str(row.get_outcome_display()), when, row.by or prospect.owner)
    return RowLine(prospect, row.why, when, row.by or prospect.owner)
