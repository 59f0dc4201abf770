"""Tiles and table lines of the funnel page: a number, what it is made of, and how it stood one period before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.reports.figures import Funnel, Kpi, Step
from crm.reports.kpis import kpis
from leads.templatetags.staff_ui import count, figure, money, percent

TILES = (
    "leads",
    "cost_per_lead",
    "qualification_rate",
    "acceptance_rate",
    "sales_qualified_rate",
    "conversion",
)
MOST_CHANGE = 10
FALLING_IS_GOOD = {"cost_per_lead", "cost_per_qualified", "cost_per_customer", "time_to_conversion"}


@dataclass(frozen=True)
class Tile:
    """One tile. `says` is the arithmetic for the definition; `change` with `good` the step since the period before."""

    key: str
    name: str | Promise
    shown: str
    under: str
    url: str
    change: str = ""
    good: bool = True


@dataclass(frozen=True)
class TableLine:
    """One line of "The same in numbers"; `change` is against the period before."""

    step: Step
    change: str = ""
    good: bool = True


def tiles_of(report: Funnel, then: Funnel | None, query: str) -> list[Tile]:
    """The six tiles of the funnel page."""
    now_by_key = {kpi.key: kpi for kpi in kpis(report)}
    before_by_key = {kpi.key: kpi for kpi in kpis(then)} if then else {}
    return [_tile(now_by_key[key], before_by_key.get(key), query) for key in TILES if key in now_by_key]


def _tile(kpi: Kpi, before: Kpi | None, query: str) -> Tile:
    url = reverse("staff-rows", args=[kpi.rows]) + (f"?{query}" if query else "") if kpi.rows else ""
    change, good = _change(kpi, before)
    under = _under(kpi)
    if kpi.unit == "number" and before is not None and change:
        under = _("from %(n)s") % {"n": count(before.value)}
    return Tile(kpi.key, kpi.name, _shown(kpi), under, url, change, good)


def _shown(kpi: Kpi) -> str:
    if kpi.unit == "money":
        return money(kpi.value, settings.CURRENCY, 2)
    if kpi.unit == "share":
        return percent(kpi.value)
    if kpi.unit == "days":
        return _("%(n)s days") % {"n": figure(kpi.value)} if kpi.value is not None else "–"
    return count(kpi.value)


def _under(kpi: Kpi) -> str:
    """What the number is made of: `302 of 1,284`, `spend 59,320`, with those still open."""
    words = ""
    if kpi.unit == "money" and kpi.part is not None:
        words = _("spend %(amount)s") % {"amount": count(round(Decimal(kpi.part)))}
    elif kpi.part is not None and kpi.whole is not None:
        words = _("%(part)s of %(whole)s") % {"part": count(kpi.part), "whole": count(kpi.whole)}
    if kpi.open:
        words += _(" · %(n)s open") % {"n": count(kpi.open)}
    return words


def _change(kpi: Kpi, before: Kpi | None) -> tuple[str, bool]:
    if before is None or kpi.value is None or before.value is None:
        return "", True
    gap = float(kpi.value) - float(before.value)
    rising = gap >= 0
    good = not rising if kpi.key in FALLING_IS_GOOD else rising
    if kpi.unit == "share":
        return _("%(sign)s%(n)s pt") % {"sign": _sign(gap), "n": figure(abs(100 * gap))}, good
    if kpi.unit == "number":
        return _percent_change(gap, float(before.value)), good
    return f"{_sign(gap)}{figure(abs(gap), 2 if kpi.unit == 'money' else 1)}", good


def _percent_change(gap: float, before: float, places: int = 1) -> str:
    """Against the period before; left out where that one was next to nothing, and more than tenfold says nothing."""
    if not before or abs(gap / before) > MOST_CHANGE:
        return ""
    return f"{_sign(gap)}{figure(abs(100 * gap / before), places)}%"


def _sign(gap: float) -> str:
    return "+" if gap >= 0 else "−"


def table_lines(report: Funnel, then: Funnel | None) -> list[TableLine]:
    """All steps in order, each with its change since the period before."""
    lines = []
    for step in report.steps:
        before = then.step(step.key) if then else None
        if before is None or not before.count or step.count is None:
            lines.append(TableLine(step))
            continue
        gap = step.count - before.count
        lines.append(TableLine(step, _percent_change(gap, before.count, 0), gap >= 0))
    return lines
