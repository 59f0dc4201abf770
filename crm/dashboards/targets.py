"""/staff/targets/: one grid of months and measures, what was wanted and what was reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import Conflict
from prospects import targets
from prospects.models import Target
from prospects.targets import FIRST_YEAR, LAST_YEAR, Whose
from prospects.targets_reached import reached
from prospects.views.answers import conflict

MOST = Decimal(10) ** 11


@dataclass(frozen=True)
class GridCell:
    """A field of the grid: its name, what stands in it, what was reached, and the share of the target."""

    name: str
    measure: str
    value: str
    reached: Decimal | None
    share: float | None
    wrong: bool = False


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def targets_page(request: HttpRequest) -> HttpResponse:
    """The grid of one year, of the house or one team, rep or campaign; managers type in it."""
    asked = targets.asked_whose(request.user, request.GET.get("whose", targets.HOUSE))
    if asked is None:
        raise Http404
    year = _year(request.GET.get("year", ""))
    if request.method == "POST":
        return _save(request, asked, year)
    return _page(request, asked, year)


def _save(request: HttpRequest, whose: Whose, year: int) -> HttpResponse:
    if not request.user.has_perm(targets.MAY_SET):
        return HttpResponse(status=403)
    cells, wrong = _typed(request.POST, whose, year)
    if wrong:
        return _page(request, whose, year, typed=request.POST, wrong=wrong, status=422)
    try:
        number = targets.save(
            whose=whose, year=year, cells=cells, seen=request.POST.get("seen", ""), by=request.user,
            at=timezone.now(),
        )  # fmt: skip
    except Conflict as lost:
        return conflict(request, lost)
    said = ngettext("%(n)d target changed.", "%(n)d targets changed.", number) % {"n": number}
    messages.success(request, said if number else _("Nothing changed."))
    return redirect(f"{reverse('staff-targets')}?whose={whose.key}&year={year}")


def _year(asked: str) -> int:
    known = asked.isascii() and asked.isdigit() and FIRST_YEAR <= int(asked[:5]) <= LAST_YEAR
    return int(asked) if known else timezone.localdate().year


def _name(month: date, measure: str) -> str:
    return f"{measure}-{month:%Y-%m}"


def _typed(data: QueryDict, whose: Whose, year: int) -> tuple[dict[targets.Cell, Decimal | None], set[str]]:
    """The whole grid as numbers, and the names of the fields that hold none."""
    cells: dict[targets.Cell, Decimal | None] = {}
    wrong = set()
    for month in targets.months_of(year):
        for measure in whose.measures:
            text = data.get(_name(month, measure), "").strip()
            try:
                cells[month, measure.value] = _number(text, measure) if text else None
            except (InvalidOperation, ValueError):
                wrong.add(_name(month, measure))
    return cells, wrong


def _number(text: str, measure: str) -> Decimal:
    """Digits and a point: `1,200` may mean two numbers, so it is asked again."""
    value = Decimal(text)
    whole = measure != Target.Measure.REVENUE
    if not value.is_finite() or value < 0 or value >= MOST or (whole and value != value.to_integral_value()):
        raise ValueError(text)
    return value.quantize(Decimal("0.01"))


def _page(
    request: HttpRequest,
    whose: Whose,
    year: int,
    *,
    typed: QueryDict | None = None,
    wrong: set[str] = frozenset(),  # type: ignore[assignment]
    status: int = 200,
) -> HttpResponse:
    wanted, there = targets.set_in(whose, year), reached(whose, year)
    months = [
        (month, [_cell(month, measure, wanted, there, typed, wrong) for measure in whose.measures])
        for month in targets.months_of(year)
    ]
    context = {
        "whose": whose,
        "choices": targets.whose_of(request.user),
        "year": year,
        "months": months,
        "measures": whose.measures,
        "sums": [_sum(measure, wanted, there) for measure in whose.measures],
        "seen": typed.get("seen", "") if typed else targets.stamp(wanted),
        "may_set": request.user.has_perm(targets.MAY_SET),
        "wrong": wrong,
        "today": timezone.localdate(),
        "currency": settings.CURRENCY,
    }
    return render(request, "crm/targets.html", context, status=status)


def _cell(
    month: date, measure: str, wanted: Any, there: Any, typed: QueryDict | None, wrong: set[str]
) -> GridCell:
    value, name = wanted.get((month, measure)), _name(month, measure)
    shown = _plain(value) if typed is None else typed.get(name, "")
    past = month <= timezone.localdate()
    got = there.get((month, measure), Decimal(0)) if past else None
    return GridCell(name, measure, shown, got, _share(got, value), name in wrong)


def _sum(measure: str, wanted: dict[targets.Cell, Decimal], there: dict[targets.Cell, Decimal]) -> GridCell:
    """The year: what was wanted, all that was reached, and the share of it in the months that have a target."""
    value = sum((v for (_month, one), v in wanted.items() if one == measure), Decimal(0))
    got = sum((v for (_month, one), v in there.items() if one == measure), Decimal(0))
    met = sum((v for cell, v in there.items() if cell[1] == measure and wanted.get(cell)), Decimal(0))
    return GridCell("", measure, f"{value:,.0f}" if value else "", got, _share(met, value or None))


def _share(got: Decimal | None, wanted: Decimal | None) -> float | None:
    return float(got / wanted) if got is not None and wanted else None


def _plain(value: Decimal | None) -> str:
    """As it is typed: without thousands, without needless decimals."""
    if value is None:
        return ""
    return f"{value:.0f}" if value == value.to_integral_value() else f"{value:.2f}"
