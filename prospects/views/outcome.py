"""What sales made of a lead, for those who may know it: stage, owner, verdict, reason, amount, and no more."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prospects import agreement
from prospects.models import Deal, Prospect
from prospects.views.answers import in_place


@login_required
@permission_required("prospects.see_outcomes", raise_exception=True)
def outcome_of(request: HttpRequest, person_pk: int) -> HttpResponse:
    """A panel that the lead's page loads into its slot; without a script it is a page of its own."""
    cycles = (
        Prospect.objects.filter(person=person_pk)
        .select_related("stage", "owner", "reason")
        .order_by("-opened_at")
    )
    amounts = Deal.objects.filter(prospect__person=person_pk).order_by()
    shown = list(cycles[:20])
    context = {
        "cycles": shown,
        "agreed": agreement.of_verdicts([cycle.pk for cycle in shown]),
        "amounts": dict(amounts.values_list("prospect").annotate(total=Sum("base_amount"))),
        "person_pk": person_pk,
    }
    name = "prospects/_outcome.html" if in_place(request) else "prospects/outcome.html"
    return render(request, name, context)
