"""Sequences as they are written, published, paused and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from campaigns import sequences
from campaigns.admin.base import ArchiveAdmin, HistoryAdmin, PartTable, ask, asks_first
from campaigns.models import Sequence, SequenceStep


class StepTable(PartTable):
    model = SequenceStep
    ordering_field = "order"
    hide_ordering_field = True
    autocomplete_fields = ("template",)
    fields = ("kind", "delay_hours", "template", "note", "order")
    verbose_name_plural = _("Steps, in the order in which they are walked")


@admin.register(Sequence)
class SequenceAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "state_label", "audience", "campaign", "steps_count", "latest")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("audience", ChoicesDropdownFilter),
        ("campaign", AutocompleteSelectFilter),
    )
    search_fields = ("name", "slug", "goal")
    autocomplete_fields = ("campaign", "persona", "topic")
    prepopulated_fields = {"slug": ["name"]}
    list_select_related = ("campaign",)
    readonly_fields = ("state_word", "latest")
    inlines = (StepTable,)
    actions_detail = ("publish", "pause", "resume", "end")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", ("audience", "goal"), ("campaign", "persona"), "topic"),
                "description": _(
                    "Sales may write to their own prospects; a sequence for leads stops when sales take over."
                ),
            },
        ),
        (
            _("When it may send"),
            {
                "fields": (("quiet_from", "quiet_until"),),
                "description": _("Between these hours nothing goes out, counted in the reader's own zone."),
            },
        ),
        (
            _("What people walk on"),
            {
                "fields": ("state_word", "latest"),
                "description": _(
                    "People walk on a published version. Changes below reach the next people, after the next "
                    "publishing; whoever is inside stays on theirs."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(step_count=Count("steps")).prefetch_related("versions")

    @display(
        description=_("state"),
        ordering="state",
        label={
            Sequence.State.DRAFT: "info",
            Sequence.State.LIVE: "success",
            Sequence.State.PAUSED: "warning",
            Sequence.State.ENDED: "danger",
        },
    )
    def state_label(self, sequence: Sequence) -> tuple[str, Any]:
        return sequence.state, sequence.get_state_display()

    @display(description=_("state"))
    def state_word(self, sequence: Sequence) -> str:
        return sequence.get_state_display()

    @display(description=_("steps"), ordering="step_count")
    def steps_count(self, sequence: Sequence) -> int:
        return sequence.step_count  # type: ignore[attr-defined]

    @display(description=_("published version"))
    def latest(self, sequence: Sequence) -> str:
        versions = sorted(sequence.versions.all(), key=lambda version: -version.number) if sequence.pk else []
        if not versions:
            return str(_("None yet. Nobody can start it."))
        newest = versions[0]
        return _("Version %(number)d of %(day)s") % {
            "number": newest.number,
            "day": timezone.localtime(newest.published_at).strftime("%Y-%m-%d %H:%M"),
        }

    @action(
        description=_("Publish"),
        url_path="publish",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asks_first(
            _("Publish the steps as they are saved?"),
            _("New people walk on them. Whoever is inside stays on the version they began."),
            button=_("Publish"),
        ),
    )
    def publish(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, sequences.publish, _("A new version is live."))

    def buttons_for(self, sequence: Sequence) -> set[str]:
        return {
            Sequence.State.DRAFT: {"publish"},
            Sequence.State.LIVE: {"publish", "pause", "end"},
            Sequence.State.PAUSED: {"publish", "resume", "end"},
            Sequence.State.ENDED: set(),
        }[Sequence.State(sequence.state)]

    def _ask(self, request: HttpRequest, object_id: str, verb: Any, done: Any) -> HttpResponse:
        sequence = self.object_or_404(request, object_id)
        ask(request, lambda: verb(sequence=sequence, by=request.user, at=timezone.now()), done=done)
        return self.page_of(request, sequence)

    @action(
        description=_("Pause"),
        url_path="pause",
        permissions=["change"],
        dialog=asks_first(
            _("Stop sending at once?"),
            _("People stay where they are and go on when you resume."),
            button=_("Pause"),
        ),
    )
    def pause(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, sequences.pause, _("Paused. Nothing goes out."))

    @action(
        description=_("Resume"),
        url_path="resume",
        permissions=["change"],
        dialog=asks_first(
            _("Go on sending?"),
            _("What became due meanwhile goes out, one mail a person."),
            button=_("Resume"),
        ),
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, sequences.resume, _("It sends again."))

    @action(
        description=_("End"),
        url_path="end",
        permissions=["change"],
        dialog=asks_first(
            _("End this sequence for good?"),
            _("Nobody enters any more and nothing more is sent. It cannot be started again."),
            button=_("End it"),
        ),
    )
    def end(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, sequences.end, _("Ended."))
