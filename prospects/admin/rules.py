"""The rules of the sales side, for a manager: pipelines, stages with what they ask for, reasons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, HistoryAdmin, PartTable
from prospects.admin.stage_forms import PipelineForm, RuleForm, RuleFormSet, StageForm, why_not_archived
from prospects.models import Pipeline, Prospect, Reason, Stage, StageRule
from prospects.qualification import rule_words


class StageTable(PartTable):
    model = Stage
    form = StageForm
    ordering_field = "order"
    hide_ordering_field = True
    show_change_link = True
    fields = ("name", "slug", "kind", "probability", "ageing_days", "limit_days", "order")
    verbose_name_plural = _("Stages, in the order of the board")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Pipeline)
class PipelineAdmin(ArchiveAdmin):
    list_display = ("name", "is_default", "archived_at")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ["name"]}
    inlines = (StageTable,)
    form = PipelineForm
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

    def save_model(self, request: HttpRequest, obj: Pipeline, form: Any, change: bool) -> None:
        if obj.is_default:
            Pipeline.objects.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)

    def archive(self, request: HttpRequest, chosen: QuerySet[Pipeline]) -> None:
        super().archive(request, chosen.filter(is_default=False))
        if chosen.filter(is_default=True).exists():
            messages.warning(request, _("The default pipeline stays: new prospects go there."))


class EntryRules(PartTable):
    model = StageRule
    form = RuleForm
    formset = RuleFormSet
    fields = ("needs", "field")
    verbose_name_plural = _("What must be known before a prospect may enter")


@admin.register(Stage)
class StageAdmin(ArchiveAdmin, HistoryAdmin):
    form = StageForm
    list_display = (
        "name", "pipeline", "kind", "probability", "ageing_days", "limit_days", "asks_for", "archived_at",
    )  # fmt: skip
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
                "fields": (("probability", "ageing_days"), ("limit_days", "managers_only")),
                "description": _(
                    "A card that stands here longer than usual is marked. Rules and limits count for moves from now "
                    "on; whoever stands here already may stay."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("rules")

    @display(description=_("asks for"))
    def asks_for(self, stage: Stage) -> str:
        words = [*rule_words(stage.rules.all()).values()]
        return "; ".join([*words, str(_("a manager"))] if stage.managers_only else words) or "–"

    def archive(self, request: HttpRequest, chosen: QuerySet[Stage]) -> None:
        """Prospects that stand there stay and move on; nobody new enters."""
        kept = {stage.pk: why for stage in chosen if (why := why_not_archived(stage))}
        for why in kept.values():
            messages.warning(request, why)
        super().archive(request, chosen.exclude(pk__in=kept))


@admin.register(Reason)
class ReasonAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "outcome", "for_rejection", "for_loss", "archived_at")
    list_filter = ("outcome", "for_rejection", "for_loss")
    search_fields = ("name",)
    ordering_field = "order"
    hide_ordering_field = True
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a reason meant when it was given, it means for good."""
        used = obj is not None and Prospect.objects.filter(reason=obj).exists()
        return ("slug", "outcome", "exclusion") if used else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"slug": ["name"]}

    def archive(self, request: HttpRequest, chosen: QuerySet[Reason]) -> None:
        never = Reason.objects.in_use().filter(outcome=Reason.Outcome.SUPPRESS)
        if not never.exclude(pk__in=chosen).exists():
            messages.warning(
                request, _("One reason must say that a person is never contacted again: it stays.")
            )
            chosen = chosen.exclude(outcome=Reason.Outcome.SUPPRESS)
        super().archive(request, chosen)
