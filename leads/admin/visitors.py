"""Whose browser it was: each link with its evidence, and the way to take it apart."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from campaigns.admin.base import ReadOnlyAdmin, ask, asks_first
from leads import visitors
from leads.models import VisitorLink

SEES_LEADS, CHANGES_LEADS = "leads.view_lead", "leads.change_lead"


@admin.register(VisitorLink)
class VisitorLinkAdmin(ReadOnlyAdmin):
    """A link is evidence. Several people on one browser stay several people."""

    seen_with = SEES_LEADS
    list_display = ("browser", "who", "evidence", "at", "others", "unlinked_at")
    list_filter = (("evidence", ChoicesDropdownFilter),)
    search_fields = ("person__email", "person__first_name", "person__last_name", "visitor__key")
    list_select_related = ("visitor__site", "person", "unlinked_by")
    fields = ("browser", "agreed", "who", "evidence", "at", "others", ("unlinked_at", "unlinked_by"))
    readonly_fields = ("browser", "agreed", "who", "others")
    actions_detail = ("take_apart",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("visitor__links__person")

    @display(description=_("browser"))
    def browser(self, link: VisitorLink) -> str:
        return str(link.visitor.key)[:8]

    @display(description=_("agreed to be remembered"))
    def agreed(self, link: VisitorLink) -> str:
        where = link.visitor.site.name if link.visitor.site else _("on a form of ours")
        return f"{timezone.localtime(link.visitor.first_seen_at):%Y-%m-%d %H:%M}, {where}"

    @display(description=_("person"), ordering="person__last_name")
    def who(self, link: VisitorLink) -> SafeString:
        url = reverse("admin:leads_person_change", args=[link.person_id])
        return format_html('<a href="{}">{}</a>', url, link.person.name)

    @display(description=_("also seen there"))
    def others(self, link: VisitorLink) -> str:
        names = {one.person.name for one in link.visitor.links.all() if one.person_id != link.person_id}
        return ", ".join(sorted(names)) or "–"

    def has_take_apart_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(CHANGES_LEADS)

    @action(
        description=_("Not this person"),
        url_path="take-apart",
        permissions=["take_apart"],
        dialog=asks_first(
            _("Was this browser somebody else’s?"),
            _(
                "The visits it gave to this person are taken back, and the score follows. The link is not made again."
            ),
            button=_("Take apart"),
        ),
    )
    def take_apart(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        link = self.object_or_404(request, object_id)
        ask(
            request,
            lambda: visitors.unlink(link=link, by=request.user, at=timezone.now()),
            done=_("Taken apart."),
        )
        return self.page_of(request, link)
