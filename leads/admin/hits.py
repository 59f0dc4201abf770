"""What was asked of our public addresses, and why it counts as a person's or a machine's. Nobody edits it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from campaigns.admin.base import ReadOnlyAdmin
from leads.admin.people import SEES_LEADS
from leads.models import Hit, Verdict


class LatestVerdict(admin.SimpleListFilter):
    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Verdict.Kind.choices, ("none", _("not judged yet"))]

    def queryset(self, request: HttpRequest, hits: QuerySet) -> QuerySet:
        if self.value() == "none":
            return hits.filter(read_as=None)
        return hits.filter(read_as=self.value()) if self.value() else hits


@admin.register(Hit)
class HitAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("at", "kind", "path", "verdict", "reasons", "agent")
    list_filter = (("kind", ChoicesDropdownFilter), LatestVerdict, ("at", RangeDateTimeFilter))
    list_filter_submit = True
    show_full_result_count = False
    ordering = ("-at", "-pk")
    fields = (
        ("at", "kind", "method"),
        "path",
        "agent",
        ("page", "asset", "campaign"),
        ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
        ("referrer", "click_id_kind"),
        "history",
    )
    readonly_fields = ("history",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_verdict().prefetch_related("verdicts")

    @display(description=_("verdict"), label={"human": "success", "machine": "danger", "unsure": "warning"})
    def verdict(self, hit: Hit) -> tuple[str, Any]:
        latest = _newest_first(hit)
        return (latest[0].verdict, latest[0].get_verdict_display()) if latest else ("", _("not judged yet"))

    @display(description=_("reasons"))
    def reasons(self, hit: Hit) -> str:
        latest = _newest_first(hit)
        return latest[0].reasons if latest else ""

    @display(description=_("verdicts, the latest counts"))
    def history(self, hit: Hit) -> SafeString:
        rows = ((one.version, one.get_verdict_display(), one.reasons) for one in _newest_first(hit))
        return format_html_join("", "<p>{}: {} {}</p>", rows)


def _newest_first(hit: Hit) -> list[Verdict]:
    return sorted(hit.verdicts.all(), key=lambda one: -one.version)
