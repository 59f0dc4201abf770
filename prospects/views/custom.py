"""Custom fields of a prospect and of a deal, each on a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.custom_fields import Entity, change_custom, fields_of
from prospects.forms.custom import custom_form
from prospects.models import Deal, Prospect
from prospects.money.deals import deals_of
from prospects.views.answers import for_reps


@for_reps
def of_prospect(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/prospects/<id>/fields/"""
    prospect = get_object_or_404(Prospect.objects.visible_to(request.user).for_person_page(), pk=pk)
    return _page(request, prospect, Entity.PROSPECT, {"prospect": prospect, "lead": prospect.person.name})


@for_reps
def of_deal(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/deals/<id>/fields/"""
    deal = get_object_or_404(deals_of(request.user).select_related("prospect__person", "account"), pk=pk)
    return _page(request, deal, Entity.DEAL, {"deal": deal, "lead": deal.title})


def _page(request: HttpRequest, row: Prospect | Deal, entity: str, about: dict[str, Any]) -> HttpResponse:
    fields = fields_of(entity)
    form = custom_form(fields)(request.POST or None, fields=fields, custom=row.custom)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_custom(
                row=row, said=form.said, by=request.user, at=timezone.now(), seen=form.cleaned_data["seen"]
            )
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing changed."))
            return redirect("staff-person" if isinstance(row, Prospect) else "staff-deal", pk=row.pk)
    context = {"form": form, "title": _("Your own fields"), "button": _("Save"), **about}
    if not fields:
        context["nothing"] = _(
            "No field of your own is defined. Who may change campaigns adds one in the admin."
        )
    return render(request, "prospects/form_page.html", context, status=422 if form.is_bound else 200)
