"""The pinned numbers as tiles (PRODUCT, "KPIs, pinned down"), made from one funnel so that no two disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.glossary import NUMBERS
from crm.reports.days import days_between, median_days, through_by
from crm.reports.figures import Funnel, Kpi, Line, share
from crm.reports.funnel import visits_and_machines
from crm.reports.reached import cycles_in, leads_in, sales_ready_now
from crm.reports.rows import still_open
from crm.reports.scope import Scope
from crm.status import status
from leads.models import Message
from prospects.models import Prospect


@dataclass(frozen=True, kw_only=True)
class MarketingHome:
    """The tiles of the marketing home that no period belongs to. The machine share is of the last 30 days."""

    leads_today: int
    sends_waiting: int
    in_doubt: int  # mails of which nobody knows whether they arrived
    worker_late: bool
    machine_share: float | None
    today: Scope  # opens the rows of `leads_today`


@dataclass(frozen=True, kw_only=True)
class SalesReady:
    """Prospects handed over and not yet touched by a person, now. `share` is of all open prospects."""

    waiting: int
    unassigned: int
    open: int
    share: float | None
    median_hours: float | None
    median_hours_unassigned: float | None


def kpis(report: Funnel) -> tuple[Kpi, ...]:
    """leads, cost_per_lead, cost_per_qualified, cost_per_customer, qualification_rate, acceptance_rate,
    sales_qualified_rate, conversion, time_to_conversion, time_from_handover: in this order. All inbound."""
    sums = report.together
    return (
        Kpi(key="leads", name=_("Leads generated"), unit="number", value=sums.leads, rows="leads"),
        *_costs(sums, known=report.scope.segment is None),
        _rate("qualification_rate", sums.qualified, sums.leads, "marketing_qualified"),
        _rate(
            "acceptance_rate", sums.accepted, sums.decided, "accepted", max(sums.qualified - sums.decided, 0)
        ),
        _rate("sales_qualified_rate", sums.sales_qualified, sums.accepted, "sales_qualified"),
        _rate("conversion", sums.won, sums.accepted, "won", still_open(report.scope).count()),
        *_times(report),
    )


def _costs(sums: Line, *, known: bool) -> tuple[Kpi, ...]:
    """Nothing is spent on a segment alone: its leads have no cost that anybody knows."""

    def cost(key: str, value: Decimal | None, number: int) -> Kpi:
        name = NUMBERS[key].name
        value = value if known else None
        return Kpi(key=key, name=name, unit="money", value=value, part=sums.spend, whole=number, rows="spend")

    return (
        cost("cost_per_lead", sums.cost_per_lead, sums.leads),
        cost("cost_per_qualified", sums.cost_per_qualified, sums.qualified),
        cost("cost_per_customer", sums.cost_per_customer, sums.won),
    )


def _rate(key: str, part: int, whole: int, rows: str, open_: int | None = None) -> Kpi:
    value = share(part, whole)
    return Kpi(
        key=key,
        name=NUMBERS[key].name,
        unit="share",
        value=value,
        part=part,
        whole=whole,
        open=open_,
        rows=rows,
    )


def _times(report: Funnel) -> tuple[Kpi, ...]:
    """Median and nine in ten, from becoming a lead and from the handover, of the accepted.

    Open ones count as still running. Lost and returned ones are left out: they are on no way to a sale. So are
    sales dated before the lead or on its very instant.
    """
    found = cycles_in(report.scope).filter(accepted_on__isnull=False)
    times = found.values_list("person__lead__created_at", "opened_at", "won_on", "closed_at")
    done: tuple[list[float], list[float]] = ([], [])
    running: tuple[list[float], list[float]] = ([], [])
    for created, opened, won, closed in times.iterator():
        if won and won > created and report.scope.holds(won):
            done[0].append(days_between(created, won))
            done[1].append(days_between(opened, won))
        elif not closed:
            running[0].append(days_between(created, report.at))
            running[1].append(days_between(opened, report.at))
    return tuple(
        Kpi(
            key=key,
            name=name,
            unit="days",
            value=through_by(0.5, done=done[side], running=running[side]),
            p90=through_by(0.9, done=done[side], running=running[side]),
            whole=len(done[side]),
            open=len(running[side]),
            rows="won",
        )
        for side, (key, name) in enumerate(
            [
                ("time_to_conversion", _("Time to conversion")),
                ("time_from_handover", _("Time from handover to conversion")),
            ]
        )
    )


def marketing_home(*, at: datetime) -> MarketingHome:
    """The tiles of the marketing home at `at`."""
    day = timezone.localtime(at, timezone.get_default_timezone()).date()
    today = Scope(start=day, end=day)
    month = Scope(start=day - timedelta(days=29), end=day)
    now = status(at=at)
    return MarketingHome(
        leads_today=leads_in(today).count(),
        sends_waiting=Message.objects.filter(state=Message.State.SCHEDULED, due_at__lte=at).count(),
        in_doubt=now.unknown,
        worker_late=not now.dispatching or now.mail_late or any(job.late for job in now.jobs),
        machine_share=visits_and_machines(month)[1],
        today=today,
    )


def sales_ready(*, at: datetime) -> SalesReady:
    """Who waits for a first human act at `at`, and how long (in hours)."""
    waiting = list(sales_ready_now().values_list("owner", "opened_at"))
    hours: dict[bool, list[float]] = {False: [], True: []}
    for owner, opened in waiting:
        hours[owner is None].append(days_between(opened, at) * 24)
    open_ = Prospect.objects.open().count()
    return SalesReady(
        waiting=len(waiting),
        unassigned=len(hours[True]),
        open=open_,
        share=share(len(waiting), open_),
        median_hours=median_days(hours[False]),
        median_hours_unassigned=median_days(hours[True]),
    )
