"""Sequences as they are written, published, paused and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display

from campaigns import sequences
from campaigns.admin.base import ArchiveAdmin, HistoryAdmin, PartStack, ask, asks_first
from campaigns.admin.step_fields import ASKS, CHOSEN, OF_KIND, OF_QUESTION, WHEN, StepForm, StepLines
from campaigns.models import Sequence, SequenceStep


class StepList(PartStack):
    """The canvas: one line a step, opened to change it. Which fields it shows is decided by the kind (steps.js)."""

    model = SequenceStep
    form = StepForm
    formset = StepLines
    template = "campaigns/admin/steps.html"
    extra = 1
    fields = (
        "kind",
        "order",
        "template",
        "next_piece",
        *ASKS,
        "limit_hours",
        "rep_does",
        "note",
        *WHEN,
        "then",
        "otherwise",
    )
    verbose_name_plural = _("Steps")
    shows = {"kind": OF_KIND, "looks_at": {**OF_QUESTION, "*": [name for name in ASKS if name != "looks_at"]}}

    class Media:
        js = (Script("js/steps.js", defer=True),)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*CHOSEN)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Signs to write a new mail or change this one stand beside the template; the other choosers stay bare."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.is_relation and field is not None:
            writes = db_field.name == "template"
            field.widget.can_add_related &= writes
            field.widget.can_change_related &= writes
            field.widget.can_view_related = False
        return field


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
    inlines = (StepList,)
    actions_detail = ("pause", "resume", "end")
    change_form_before_template = "campaigns/admin/sequence_bar.html"
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", ("audience", "persona"), "campaign", "topic"),
                "description": _(
                    "For leads: stops when sales take over. For prospects: sent in the owner’s name, and only "
                    "while sales work on them. For customers: onboarding, renewal, referral. The campaign names "
                    "the mails’ links in reports; who does not want the topic gets none of them."
                ),
            },
        ),
        (
            _("When it ends for somebody, and when it may send"),
            {
                "classes": ("collapse",),
                "fields": (
                    "goal",
                    ("stops_on_reply", "stops_on_meeting"),
                    "priority",
                    ("quiet_from", "quiet_until"),
                ),
                "description": _(
                    "Whoever reaches the goal leaves with success and gets none of the mails to come. When one "
                    "person is on several sequences, the higher priority goes first; the others wait their turn. "
                    "Between the quiet hours nothing goes out, counted in the reader’s own zone."
                ),
            },
        ),
    )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **more: Any) -> Any:
        sequence = context.get("original")
        context["standing"] = self.latest(sequence) if sequence else ""
        return super().render_change_form(request, context, *args, **more)

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

    def buttons_for(self, sequence: Sequence) -> set[str]:
        return {
            Sequence.State.DRAFT: set(),
            Sequence.State.LIVE: {"pause", "end"},
            Sequence.State.PAUSED: {"resume", "end"},
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
