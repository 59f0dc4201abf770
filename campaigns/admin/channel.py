"""How visits are told apart: channels, and the ordered lines that turn an address into one, with a box to try them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from campaigns import channels
from campaigns.admin.base import ArchiveAdmin, StaffAdmin
from campaigns.models import Channel, ChannelRule


class HeededAtOnce:
    """What is saved here is used by this process at once, by the others within `settings.KEEP_SECONDS`."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(channels.forget)


@admin.register(Channel)
class ChannelAdmin(HeededAtOnce, ArchiveAdmin):
    list_display = ("name", "slug", "archived_at")
    search_fields = ("name", "slug")
    ordering_field = "order"
    hide_ordering_field = True
    prepopulated_fields = {"slug": ["name"]}
    fields = ("name", "slug", "order")


@admin.register(ChannelRule)
class ChannelRuleAdmin(HeededAtOnce, StaffAdmin):
    list_display = ("field", "words", "channel")
    list_display_links = ("field", "words")
    list_filter = ("field", "channel")
    list_select_related = ("channel",)
    list_before_template = "campaigns/admin/try_address.html"
    search_fields = ("words",)
    ordering_field = "order"
    hide_ordering_field = True
    autocomplete_fields = ("channel",)
    fieldsets = (
        (
            None,
            {
                "fields": ("field", "words", "channel", "order"),
                "description": _(
                    "The first line that fits decides how a visit came. Drag the lines on the list into order."
                ),
            },
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        own = path("try/", self.admin_site.admin_view(self.try_address), name="campaigns_channelrule_try")
        return [own, *super().get_urls()]

    def try_address(self, request: HttpRequest) -> HttpResponse:
        """Which line an address and a referring page come to. Nothing is kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        address, referrer = (request.GET.get(name, "")[:2000].strip() for name in ("address", "referrer"))
        read = channels.read_address(address)
        from_page = channels.read_referrer(referrer, own_host=request.get_host())
        origin = channels.Origin(utm=read.utm, click_id_kind=read.click_id_kind, referrer=from_page)
        tried = {
            "origin": origin,
            "host": channels.host_of(from_page),
            "found": channels.find_channel(origin),
        }
        context = {"address": address, "referrer": referrer, "tried": tried}
        if request.headers.get("HX-Request"):
            return render(request, "campaigns/admin/_tried.html", context)
        title = {"title": _("Try an address"), "opts": self.opts}
        return render(
            request, "campaigns/admin/tried.html", self.admin_site.each_context(request) | title | context
        )
