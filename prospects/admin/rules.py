"""The rules of the sales side, for a manager: stages with what they ask for, reasons, assignment."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, HistoryAdmin, PartTable
from prospects.models import AssignmentMember, AssignmentRule, Pipeline, Reason, Stage, StageRule


class StageTable(PartTable):
    model = Stage
    ordering_field = "order"
    hide_ordering_field = True
    show_change_link = True
    fields = ("name", "slug", "kind", "probability", "ageing_days", "order")
    verbose_name_plural = _("Stages, in the order of the board")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Pipeline)
class PipelineAdmin(ArchiveAdmin):
    list_display = ("name", "is_default", "archived_at")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ["name"]}
    inlines = (StageTable,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", "is_default"),
                "description": _(
                    "A new prospect goes into the default pipeline. Reports know stages by slug."
                ),
            },
        ),
    )


class EntryRules(PartTable):
    model = StageRule
    fields = ("needs",)
    verbose_name_plural = _("What must be known before a prospect may enter")


@admin.register(Stage)
class StageAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "pipeline", "kind", "probability", "ageing_days", "asks_for")
    list_filter = ("pipeline", "kind")
    search_fields = ("name", "slug")
    list_select_related = ("pipeline",)
    autocomplete_fields = ("pipeline",)
    inlines = (EntryRules,)
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("pipeline", "kind"), "order")}),
        (
            _("For the forecast and the board"),
            {
                "fields": (("probability", "ageing_days"),),
                "description": _("A card that stands here longer than usual is marked."),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("rules")

    @display(description=_("asks for"))
    def asks_for(self, stage: Stage) -> str:
        return "; ".join(str(rule) for rule in stage.rules.all()) or "–"


@admin.register(Reason)
class ReasonAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "outcome", "for_rejection", "for_loss", "archived_at")
    list_filter = ("outcome", "for_rejection", "for_loss")
    search_fields = ("name",)
    ordering_field = "order"
    hide_ordering_field = True
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "slug"),
                    ("outcome", "exclusion"),
                    ("for_rejection", "for_loss"),
                    "order",
                ),
                "description": _("The reason carries what happens next, so a verdict is one choice."),
            },
        ),
    )


class MemberTable(PartTable):
    model = AssignmentMember
    fields = ("user", "weight", "given")
    readonly_fields = ("given",)
    verbose_name_plural = _("Who takes turns")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            reps = get_user_model().objects.with_perm("prospects.work_prospects")
            kwargs["queryset"] = reps.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "field", "words", "team", "archived_at")
    search_fields = ("name", "words")
    ordering_field = "order"
    hide_ordering_field = True
    inlines = (MemberTable,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", ("field", "words"), "order"),
                "description": _(
                    "The first rule that fits decides; drag them into order on the list. Within a rule the "
                    "member with the fewest given, by weight, is next. No rule fits: the prospect waits unassigned."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("members__user")

    @display(description=_("who"))
    def team(self, rule: AssignmentRule) -> str:
        return ", ".join(str(member.user) for member in rule.members.all()) or "–"
