"""Other sites that show our forms: their origins, their forms, and the lines to paste there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin
from campaigns.embedding import clean_origins, form_tag, script_tag, site_by_key
from campaigns.models import EmbedSite


class EmbedSiteForm(forms.ModelForm):
    """Origins are kept as browsers write them."""

    def clean_origins(self) -> str:
        return clean_origins(self.cleaned_data["origins"])


@admin.register(EmbedSite)
class EmbedSiteAdmin(ArchiveAdmin):
    form = EmbedSiteForm
    list_display = ("name", "where", "how_many_forms", "last_seen_at", "archived_at")
    search_fields = ("name", "origins", "key")
    autocomplete_fields = ("pages",)
    readonly_fields = ("key", "to_paste", "last_seen_at")
    fieldsets = (
        (
            _("Which site"),
            {
                "fields": ("name", "origins", "pages"),
                "description": _(
                    "Only pages of these origins may show these forms, and only their page views are counted. "
                    "With and without www are two origins."
                ),
            },
        ),
        (
            _("What to paste there"),
            {
                "fields": ("to_paste",),
                "description": _(
                    "The script once, in the head of every page. A form's line where the form should stand."
                ),
            },
        ),
        (_("Is it there?"), {"fields": (("key", "last_seen_at"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(forms=Count("pages"))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        site_by_key.forget()

    @display(description=_("origins"))
    def where(self, site: EmbedSite) -> str:
        return ", ".join(site.origins.split())

    @display(description=_("forms"), ordering="forms")
    def how_many_forms(self, site: EmbedSite) -> int:
        return site.forms  # type: ignore[attr-defined]

    @display(description=_("lines"))
    def to_paste(self, site: EmbedSite) -> str | SafeString:
        if not site.pk:
            return str(_("The lines stand here once the site is saved."))
        lines = [(str(_("The script")), script_tag(site.key))]
        lines += [(page.title, form_tag(page.slug, page.title)) for page in site.pages.all()]
        return render_to_string("campaigns/admin/links.html", {"links": lines})
