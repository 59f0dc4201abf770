"""/staff/reports/forms/: what each field of a form costs and buys."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.models import LandingPage
from crm.dashboards.period import PERIODS, asked_for
from crm.reports.form_price import ENOUGH_BEGUN, ENOUGH_EACH, form_price, forms_in


@login_required
@permission_required("crm.view_reports", raise_exception=True)
def forms_page(request: HttpRequest) -> HttpResponse:
    """The price of the fields of one form; without a choice, of the form sent most."""
    asked = asked_for(request.GET, default="12m")
    forms = forms_in(asked.scope)
    slug = request.GET.get("page", "")[:80].replace("\x00", "")
    page = LandingPage.objects.filter(slug=slug).first() if slug else None
    page = page or (forms[0][0] if forms else None)
    context = {
        "asked": asked,
        "periods": PERIODS,
        "forms": forms,
        "price": form_price(page=page, scope=asked.scope) if page else None,
        "enough_begun": ENOUGH_BEGUN,
        "enough_each": ENOUGH_EACH,
    }
    return render(request, "crm/forms.html", context)
