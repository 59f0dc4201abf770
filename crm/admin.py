"""The house: who signs in, what ran, what was imported. Loaded last, so it may re-register what is below."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from campaigns.admin.base import ReadOnlyAdmin, StaffAdmin
from campaigns.admin.campaign import CampaignAdmin, OfferAdmin
from campaigns.admin.page_tests import PageTestAdmin
from campaigns.models import Campaign, Offer, PageTest
from crm.admin_reading import of_campaign
from crm.models import ImportLine, ImportRun, JobRun, User
from crm.reports import offers, wordings
from crm.reports.funnel import funnel
from crm.reports.scope import Scope

admin.site.unregister(Group)  # a role is what crm/roles.py says, and is not edited by hand

admin.site.unregister(Campaign)
admin.site.unregister(PageTest)
admin.site.unregister(Offer)


@admin.register(Campaign)
class CampaignWithResults(CampaignAdmin):
    """The campaign list with what came of each, by first touch, from the same definition as the funnel."""

    list_display = (
        "name", "channel", "runs", "budget_and_spend", "leads", "qualified", "won", "cost_per_lead",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "what_they_read"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is not None:
            fieldsets.append((_("What those whom it brought have read"), {"fields": ("what_they_read",)}))
        return fieldsets

    @display(description=_("open pieces"))
    def what_they_read(self, campaign: Campaign) -> str | SafeString:
        return of_campaign(campaign)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        lines = {line.key: line for line in funnel().campaigns}
        for campaign in changelist.result_list:
            campaign.line = lines.get(campaign.slug)
        return changelist

    @display(description=_("leads"))
    def leads(self, campaign: Campaign) -> int:
        return campaign.line.leads if campaign.line else 0  # type: ignore[attr-defined]

    @display(description=_("qualified"))
    def qualified(self, campaign: Campaign) -> int:
        return campaign.line.qualified if campaign.line else 0  # type: ignore[attr-defined]

    @display(description=_("won"))
    def won(self, campaign: Campaign) -> int:
        return campaign.line.won if campaign.line else 0  # type: ignore[attr-defined]

    @display(description=_("cost per lead"))
    def cost_per_lead(self, campaign: Campaign) -> str:
        cost = campaign.line.cost_per_lead if campaign.line else None  # type: ignore[attr-defined]
        return f"{cost:,.2f}" if cost is not None else "–"


@admin.register(Offer)
class OfferWithResult(OfferAdmin):
    """The offers with what became of each so far; the rows behind the numbers are in the report."""

    def get_list_display(self, request: HttpRequest) -> Any:
        return (
            "name",
            "code",
            "discount_percent",
            "valid_until",
            "shown",
            "taken",
            "won",
            "given",
            "archived_at",
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        lines = {line.offer.pk: line for line in offers.offers(Scope())}
        for offer in changelist.result_list:
            offer.line = lines.get(offer.pk)
        return changelist

    @display(description=_("mailed, seen"))
    def shown(self, offer: Offer) -> str:
        line = offer.line  # type: ignore[attr-defined]
        return f"{line.mailed}, {line.seen}" if line else "–"

    @display(description=_("taken"))
    def taken(self, offer: Offer) -> SafeString | str:
        line = offer.line  # type: ignore[attr-defined]
        where = reverse("staff-offer-rows", args=[offer.pk, offers.TAKEN])
        return format_html('<a href="{}?period=all">{}</a>', where, line.taken) if line else "–"

    @display(description=_("won"))
    def won(self, offer: Offer) -> SafeString | str:
        line = offer.line  # type: ignore[attr-defined]
        where = reverse("staff-offer-rows", args=[offer.pk, offers.WON])
        return format_html('<a href="{}?period=all">{}</a>', where, line.won) if line else "–"

    @display(description=_("discount given"))
    def given(self, offer: Offer) -> str:
        line = offer.line  # type: ignore[attr-defined]
        return f"{line.given:,.2f}" if line else "–"


@admin.register(PageTest)
class PageTestWithResult(PageTestAdmin):
    """The tests of two wordings with what they found (docs/pages.md)."""

    list_display = ("__str__", "state_label", "visitors_each", "found", "started_at", "ended_at", "kept")

    @display(description=_("result"))
    def found(self, test: PageTest) -> str:
        return str(wordings.result(test, at=timezone.now()).words) if test.started_at else "–"

    @display(description=_("figures"))
    def figures(self, test: PageTest) -> SafeString | str:
        if not test.started_at:
            return str(_("Here stand the figures once the test runs."))
        return SafeString(render_to_string("crm/_wordings.html", wordings.shown(test, at=timezone.now())))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, StaffAdmin):
    """An operator lets people in and gives them a role; only a superuser makes superusers."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "called", "email", "role", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    filter_horizontal = ("groups",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Who it is"), {"fields": (("first_name", "last_name"), "email", "time_zone")}),
        (
            _("What they may do"),
            {
                "fields": ("is_active", "is_staff", "groups"),
                "description": _(
                    "The role decides. The admin opens to marketing, sales managers and operators only, and "
                    "there too each sees what the role allows."
                ),
            },
        ),
        (_("When"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        users = super().get_queryset(request).prefetch_related("groups")
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    @display(description=_("name"), ordering="last_name")
    def called(self, user: User) -> str:
        return user.get_full_name() or "–"

    @display(description=_("role"))
    def role(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    seen_with = "crm.view_jobrun"
    list_display = ("name", "period", "state_label", "started_at", "seconds", "attempt")
    list_filter = (("state", ChoicesDropdownFilter), "name")
    search_fields = ("name", "period")
    readonly_fields = ("state_word", "counted")
    fields = (
        ("name", "period"),
        ("state_word", "attempt", "holder"),
        ("started_at", "finished_at", "seconds"),
        "counted",
        "error",
    )

    @display(description=_("state"))
    def state_word(self, run: JobRun) -> str:
        return run.get_state_display()

    @display(
        description=_("state"),
        ordering="state",
        label={"running": "info", "done": "success", "failed": "danger"},
    )
    def state_label(self, run: JobRun) -> tuple[str, Any]:
        return run.state, run.get_state_display()

    @display(description=_("counted"))
    def counted(self, run: JobRun) -> SafeString | str:
        return format_html_join("", "{}: {} · ", run.counts.items()) or "–"


class LineTable(TabularInline):
    """What stayed out of an import, by line."""

    model = ImportLine
    fields = ("line", "kind", "reason")
    extra = 0
    per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ImportRunAdmin.seen_with)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    seen_with = "crm.view_importrun"
    list_display = ("started_at", "file_name", "mapping", "campaign", "state_label", "seconds")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("file_name", "mapping")
    list_select_related = ("campaign",)
    readonly_fields = ("state_word", "counted")
    inlines = (LineTable,)
    fields = (
        ("file_name", "mapping", "campaign"),
        ("state_word", "by"),
        ("started_at", "finished_at", "seconds"),
        "counted",
        "notes",
        "error",
    )

    @display(description=_("state"))
    def state_word(self, run: ImportRun) -> str:
        return run.get_state_display()

    @display(
        description=_("state"),
        ordering="state",
        label={"running": "info", "done": "success", "failed": "danger"},
    )
    def state_label(self, run: ImportRun) -> tuple[str, Any]:
        return run.state, run.get_state_display()

    @display(description=_("counted"))
    def counted(self, run: ImportRun) -> SafeString | str:
        return format_html_join("", "{}: {} · ", run.counts.items()) or "–"
