"""What we do, through which channel, when, and at what cost."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter
from unfold.decorators import display

from campaigns import utm
from campaigns.admin.base import ArchiveAdmin, HistoryAdmin, OpenForDemand, PartTable, StaffAdmin
from campaigns.links import utm_url
from campaigns.models import Campaign, Offer, Programme, ShortLink, Spend


class CampaignOfProgramme(PartTable):
    model = Campaign
    fields = ("name", "channel", "starts_on", "ends_on", "budget")
    readonly_fields = fields
    show_change_link = True
    verbose_name_plural = _("Campaigns of this programme")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_delete_permission = has_add_permission


@admin.register(Programme)
class ProgrammeAdmin(ArchiveAdmin):
    list_display = ("name", "persona", "starts_on", "ends_on", "archived_at")
    list_filter = ("persona",)
    search_fields = ("name",)
    autocomplete_fields = ("persona",)
    prepopulated_fields = {"slug": ["name"]}
    inlines = (CampaignOfProgramme,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", "aim", "persona"),
                "description": _("A long effort. The results of its campaigns add up here."),
            },
        ),
        (_("When"), {"fields": ("starts_on", "ends_on")}),
    )


class SpendTable(PartTable):
    model = Spend
    tab = True
    fields = ("on", "amount", "currency", "rate", "note", "external_ref")
    per_page = 20


class ShortLinkTable(PartTable):
    model = ShortLink
    tab = True
    fields = ("code", "target")


class OfferTable(PartTable):
    model = Offer
    tab = True
    fields = ("name", "code", "discount_percent", "valid_from", "valid_until", "limit")


@admin.register(Campaign)
class CampaignAdmin(ArchiveAdmin, HistoryAdmin):
    form = OpenForDemand
    list_display: tuple[str, ...] = ("name", "channel", "programme", "runs", "budget_and_spend")
    list_filter = (
        ("channel", AutocompleteSelectFilter),
        ("programme", AutocompleteSelectFilter),
        "objective",
        ("starts_on", RangeDateFilter),
    )
    search_fields = ("name", "slug", "utm_campaign")
    autocomplete_fields = ("programme", "channel", "persona")
    prepopulated_fields = {"slug": ["name"]}
    inlines = (SpendTable, ShortLinkTable, OfferTable)
    readonly_fields = ("links",)
    fieldsets = (
        (
            _("What and for whom"),
            {
                "fields": (
                    "name",
                    ("programme", "channel"),
                    "objective",
                    ("persona", "owner"),
                ),
                "description": _(
                    "Lead generation asks for an address before it gives. Demand generation never does: its "
                    "pieces are open and meant to be passed on."
                ),
            },
        ),
        (
            _("When and for how much"),
            {
                "fields": (("starts_on", "ends_on"), "budget"),
                "description": _("What is really spent goes, dated, under Spend. Costs per lead use that."),
            },
        ),
        (
            _("How visits are told apart"),
            {
                "fields": ("slug", ("utm_source", "utm_medium"), "utm_campaign", "links"),
                "description": _("Made from the channel and the name. Leave them empty and save."),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("channel", "programme")
            .annotate(spent=Sum("spend__base_amount"))
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "utm_campaign" in form.base_fields:
            form.base_fields["utm_campaign"].required = False
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = (
                get_user_model().objects.with_perm("campaigns.change_campaign").filter(is_active=True)
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        utm.fill(obj)
        super().save_model(request, obj, form, change)

    @display(description=_("runs"), ordering="starts_on")
    def runs(self, campaign: Campaign) -> str:
        return f"{localize(campaign.starts_on) or '…'} – {localize(campaign.ends_on) or '…'}"

    @display(description=_("spent of budget"), ordering="spent")
    def budget_and_spend(self, campaign: Campaign) -> str:
        spent, budget = getattr(campaign, "spent", None) or 0, campaign.budget
        return f"{spent:,.0f} / {budget:,.0f} {settings.CURRENCY}"

    @display(description=_("links to give out"))
    def links(self, campaign: Campaign) -> str | SafeString:
        if not campaign.pk:
            return str(_("The links stand here once the campaign is saved."))
        pages = [
            (page.title, utm_url(f"{settings.BASE_URL}/p/{page.slug}/", campaign))
            for page in campaign.pages.all()
        ]
        shorts = [(link.code, f"{settings.BASE_URL}/go/{link.code}/") for link in campaign.short_links.all()]
        return render_to_string("campaigns/admin/links.html", {"links": pages + shorts})


@admin.register(Offer)
class OfferAdmin(ArchiveAdmin):
    list_display = ("name", "code", "discount_percent", "valid_from", "valid_until", "limit", "archived_at")
    list_filter = (("campaign", AutocompleteSelectFilter), "persona")
    search_fields = ("name", "code")
    autocomplete_fields = ("campaign", "persona")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "code", "terms", "discount_percent"),
                "description": _("The deal records the code, so the report knows what was taken and won."),
            },
        ),
        (
            _("For whom and how long"),
            {"fields": ("campaign", "persona", ("valid_from", "valid_until"), "limit")},
        ),
    )


@admin.register(Spend)
class SpendAdmin(StaffAdmin):
    list_display = ("on", "campaign", "amount", "currency", "base_amount", "note")
    list_filter = (("campaign", AutocompleteSelectFilter), ("on", RangeDateFilter), "currency")
    search_fields = ("note", "external_ref", "campaign__name")
    autocomplete_fields = ("campaign",)
    list_select_related = ("campaign",)
    date_hierarchy = "on"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "campaign",
                    "on",
                    ("amount", "currency"),
                    ("rate", "rate_on"),
                    "note",
                    "external_ref",
                ),
                "description": _("Dated by the day it was spent, not by the day of the invoice."),
            },
        ),
    )


@admin.register(ShortLink)
class ShortLinkAdmin(StaffAdmin):
    list_display = ("code", "campaign", "target")
    list_filter = (("campaign", AutocompleteSelectFilter),)
    search_fields = ("code", "target")
    autocomplete_fields = ("campaign",)
    list_select_related = ("campaign",)
    fields = ("code", "campaign", "target")
