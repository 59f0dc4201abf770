"""Scoring models: two tables of rules, limits, and publishing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.base import HistoryAdmin, PartTable, ask, asks_first
from campaigns.models import JourneyStage
from leads.models import JourneyRule, ScoringModel, ScoringRule
from leads.scoring import versions


class LineForm(forms.ModelForm):
    """A line of the rules. One that could not work is refused when it is saved, with what to do."""

    group = ""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors:
            return
        if isinstance(self.instance, JourneyRule):
            found = list(versions.journey_faults(self.instance))
        else:
            self.instance.group = self.group
            found = list(versions.rule_faults(self.instance))
        for column, wrong in found:
            self.add_error(column if column in self.fields else None, wrong)


class FitForm(LineForm):
    group = ScoringRule.Group.FIT

    class Meta:
        help_texts = {
            "field": _(
                "Each line counts by itself. Seniority and mailbox are read from job title and address."
            ),
            "fact_name": _("Only for “a fact by name”: the person's, else their company's own field."),
            "words": _("Separated by commas, or * for any; a value with a comma in double quotes."),
            "minimum": _("Of a number; both limits are included."),
        }


class EngagementForm(LineForm):
    group = ScoringRule.Group.ENGAGEMENT

    class Meta:
        help_texts = {
            "touch_kind": _("Empty: any. Opens never count, machines open mails too."),
            "ceiling_touches": _("At most so many touches in so many days; give both or none."),
        }

    journey_stage = forms.ChoiceField(
        label=_("journey stage of the asset"), choices=[("", "–"), *JourneyStage.choices], required=False,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class ModelForm(forms.ModelForm):
    """Bounds and half-lives that could not go live are named when they are saved, too."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            for wrong in versions.faults_of_limits(self.instance):
                self.add_error(None, wrong)


class RuleTable(PartTable):
    model = ScoringRule
    form: type[forms.ModelForm] = LineForm
    tab = True
    ordering_field = "order"
    hide_ordering_field = True
    group = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(group=self.group)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.group = self.group
        return formset

    def open_for_change(self, parent: Any) -> bool:
        return parent is None or parent.state == ScoringModel.State.DRAFT


class FitRules(RuleTable):
    group = ScoringRule.Group.FIT
    form = FitForm
    verbose_name_plural = _("Fit: who they are (letter)")
    fields = ("label", "field", "fact_name", "words", "minimum", "maximum", "points", "order")


class EngagementRules(RuleTable):
    group = ScoringRule.Group.ENGAGEMENT
    form = EngagementForm
    verbose_name_plural = _("Engagement: what they do (digit)")
    fields = (
        "label",
        "touch_kind",
        "asset_kind",
        "journey_stage",
        "points",
        "half_life",
        "cool_down_hours",
        "ceiling_touches",
        "ceiling_days",
        "order",
    )


class JourneyRules(PartTable):
    model = JourneyRule
    form = LineForm
    tab = True
    fields = ("stage", "touch_kind", "asset_kind", "times")
    verbose_name_plural = _("How far they have come (journey stage)")

    def open_for_change(self, parent: Any) -> bool:
        return parent is None or parent.state == ScoringModel.State.DRAFT


@admin.register(ScoringModel)
class ScoringModelAdmin(HistoryAdmin):
    list_display = ("__str__", "state_label", "qualifies", "note", "published_at")
    list_filter = ("state",)
    search_fields = ("note",)
    readonly_fields = ("state_word", "published_at")
    form = ModelForm
    inlines = (FitRules, EngagementRules, JourneyRules)
    actions_detail = ("publish", "new_version")
    fieldsets = (
        (None, {"fields": (("number", "state_word", "published_at"), "note")}),
        (
            _("Where the letters and digits begin"),
            {
                "fields": (
                    ("fit_a", "fit_b", "fit_c"),
                    ("engagement_1", "engagement_2", "engagement_3"),
                    ("fit_ceiling", "engagement_ceiling"),
                ),
                "description": _("The letter is fit, the digit engagement. D and 4 are what is left."),
            },
        ),
        (
            _("When a grade makes a lead marketing-qualified"),
            {
                "fields": (("qualify_fit", "qualify_engagement"), "again_margin", "required_facts"),
                "description": _(
                    "Both must be reached and all facts known. An inquiry needs neither. Whom sales gave back "
                    "needs a new sign and more points than the threshold, so that nobody goes back and forth."
                ),
            },
        ),
        (
            _("How fast interest fades"),
            {
                "fields": (("half_life_1", "half_life_2", "half_life_3"),),
                "description": _(
                    "After a half-life a touch counts half. A rule names one of the three; none under 3 days."
                ),
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, ScoringModel) and obj.state != ScoringModel.State.DRAFT:
            return False
        return super().has_change_permission(request, obj)

    def buttons_for(self, model: ScoringModel) -> set[str]:
        return {"publish"} if model.state == ScoringModel.State.DRAFT else {"new_version"}

    def has_draft_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_add_permission(request)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for rule in formset.save(commit=False):
            if isinstance(rule, ScoringRule):
                rule.group = formset.group
            rule.save()
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()

    @display(description=_("state"))
    def state_word(self, model: ScoringModel) -> str:
        return model.get_state_display()

    @display(
        description=_("state"),
        ordering="state",
        label={"draft": "info", "live": "success", "retired": "warning"},
    )
    def state_label(self, model: ScoringModel) -> tuple[str, Any]:
        return model.state, model.get_state_display()

    @display(description=_("qualifies from"))
    def qualifies(self, model: ScoringModel) -> str:
        return f"{model.qualify_fit}{model.qualify_engagement}"

    @action(
        description=_("Publish"),
        url_path="publish",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asks_first(
            _("Judge all leads by these rules?"),
            _("The rules that are live now retire. All scores are worked out again."),
            button=_("Publish"),
        ),
    )
    def publish(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        model = self.object_or_404(request, object_id)
        ask(
            request,
            lambda: versions.publish(model=model, by=request.user, at=timezone.now()),
            done=_("These rules are live."),
        )
        return self.page_of(request, model)

    @action(
        description=_("New version from this"),
        url_path="copy",
        permissions=["draft"],
        dialog=asks_first(
            _("Begin a new version?"),
            _("A draft with the same rules. What is live goes on meanwhile."),
            button=_("Begin"),
        ),
    )
    def new_version(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        model = self.object_or_404(request, object_id)
        draft = ask(request, lambda: versions.draft_from(model=model, by=request.user, at=timezone.now()))
        return self.page_of(request, draft or model)
