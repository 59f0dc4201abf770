"""/staff/reports/offers/: what became of each offer, and the rows behind each number."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Offer
from crm.dashboards.period import PERIODS, asked_for
from crm.reports import offers
from leads.keyset import keyset_page
from prospects.models import Prospect

ORDER = {
    offers.MAILED: ("-ended_at", "-pk"),
    offers.SEEN: ("-last", "-visitor_key"),
    offers.TAKEN: ("-opened_at", "-pk"),
    offers.WON: ("-opened_at", "-pk"),
}


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def offers_page(request: HttpRequest) -> HttpResponse:
    """Shown, taken, won, given, one line an offer."""
    asked = asked_for(request.GET, default="12m")
    context = {
        "asked": asked,
        "periods": PERIODS,
        "lines": offers.offers(asked.scope),
        "currency": settings.CURRENCY,
    }
    return render(request, "crm/offers.html", context)


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def offer_rows(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """The rows behind one number, as far as this reader may see whose they are; they count up to the number shown."""
    offer = get_object_or_404(Offer, pk=pk)
    asked = asked_for(request.GET, default="12m")
    try:
        found = offers.rows(offer=offer, number=number, scope=asked.scope)
    except KeyError:
        raise Http404(number) from None
    page = keyset_page(found, keys=ORDER[number], cursor=request.GET.get("at", ""))
    context = {
        "asked": asked,
        "offer": offer,
        "number": number,
        "count": found.count(),
        "page": page,
        "mine": _mine(request.user, page.rows) if number in (offers.TAKEN, offers.WON) else set(),
        "currency": settings.CURRENCY,
    }
    return render(request, "crm/offer_rows.html", context)


def _mine(user: Any, deals: list[Any]) -> set[int]:
    """Prospects among these deals whose page this reader may open."""
    behind = [deal.prospect_id for deal in deals if deal.prospect_id]
    return set(Prospect.objects.visible_to(user).filter(pk__in=behind).values_list("pk", flat=True))
