"""The pinned numbers as tiles (PRODUCT, "KPIs, pinned down"), made from one funnel so that no two disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm.reports.figures import Funnel, Kpi


@dataclass(frozen=True, kw_only=True)
class MarketingHome:
    """The tiles of the marketing home."""

    leads_today: int
    sends_waiting: int
    worker_late: bool
    machine_share: float | None


@dataclass(frozen=True, kw_only=True)
class SalesReady:
    """Prospects handed over and not yet touched by a person, now."""

    waiting: int
    unassigned: int
    open: int
    share: float | None
    median_hours: float | None


def kpis(report: Funnel) -> tuple[Kpi, ...]:
    """leads, cost_per_lead, cost_per_qualified, cost_per_customer, qualification_rate, acceptance_rate,
    sales_qualified_rate, conversion, time_to_conversion: in this order."""
    raise NotImplementedError


def marketing_home(*, at: datetime) -> MarketingHome:
    raise NotImplementedError


def sales_ready(*, at: datetime) -> SalesReady:
    raise NotImplementedError
