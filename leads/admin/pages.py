"""The landing page's editor, with what only this floor knows: its form as a visitor sees it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.pages import LandingPageAdmin
from campaigns.models import LandingPage
from leads.countries import country_names
from leads.forms import CaptureForm

admin.site.unregister(LandingPage)


@admin.register(LandingPage)
class LandingPageWithForm(LandingPageAdmin):
    """Re-registered, because forms are made above the pages they stand on."""

    actions_detail: Any = (*LandingPageAdmin.actions_detail, "try_form", "field_prices")

    def buttons_for(self, page: LandingPage) -> set[str]:
        return {*super().buttons_for(page), "try_form", "field_prices"}

    @action(description=_("Try the form"), url_path="try-form", permissions=["change"])
    def try_form(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("staff-form-trial", self.object_or_404(request, object_id).pk)

    @action(description=_("Price of its fields"), url_path="field-prices", permissions=["change"])
    def field_prices(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('staff-forms')}?page={self.object_or_404(request, object_id).slug}")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "phone_country":
            names = [("", _("none: numbers begin with +")), *country_names(get_language() or "en")]
            return forms.ChoiceField(
                label=capfirst(db_field.verbose_name),
                choices=names,
                required=False,
                widget=UnfoldAdminSelectWidget,
                help_text=_("Numbers typed without a country are read as of here."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def form_of(self, page: LandingPage) -> Any:
        return CaptureForm(page=page)
