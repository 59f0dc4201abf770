"""What may be changed on a stage and its entry rules: never so that verbs lose their way or rows become illegal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from prospects import known_facts
from prospects.models import Pipeline, Stage, StageMove, StageRule
from prospects.stages import CONTACTING, NAMED, TO_CONTACT

Kind, Needs = Stage.Kind, StageRule.Needs
ENDS_BY_REASON = (Kind.LOST, Kind.RETURNED, Kind.DISQUALIFIED)


class PipelineForm(forms.ModelForm):
    """One pipeline is the default, always, and new prospects must be able to begin and to end there."""

    class Meta:
        model = Pipeline
        fields = "__all__"  # noqa: DJ007 - the page says which

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "is_default" in self.changed_data:
            if not data.get("is_default"):
                self.add_error(
                    "is_default", _("Make another pipeline the default instead: new prospects need one.")
                )
            elif missing := self._missing():
                said = {"stages": ", ".join(missing)}
                self.add_error("is_default", _("First save these stages in it: %(stages)s.") % said)
        return data

    def _missing(self) -> list[str]:
        """Stages that the rules of the funnel name, and ends, that this pipeline has none of."""
        stages = Stage.objects.in_use().filter(pipeline=self.instance.pk) if self.instance.pk else []
        slugs, kinds = {stage.slug for stage in stages}, {stage.kind for stage in stages}
        ends = [str(label) for kind, label in Kind.choices if kind != Kind.OPEN and kind not in kinds]
        return [*(slug for slug in NAMED if slug not in slugs), *ends]

    def _get_validation_exclusions(self) -> set[str]:
        """The default until now steps back when this one is saved, so two of them are no error."""
        return {*super()._get_validation_exclusions(), "is_default"}


def was_entered(stage: Stage) -> bool:
    """Whether the history names this stage."""
    return StageMove.objects.filter(new=stage).exists() or stage.prospects.exists()


def why_not_archived(stage: Stage) -> str:
    """Why this stage has to stay in use; empty where it may go."""
    if stage.slug in NAMED:
        return _("“%(stage)s” stays: the rules of the funnel name it.") % {"stage": stage.name}
    others = Stage.objects.in_use().filter(pipeline=stage.pipeline_id, kind=stage.kind).exclude(pk=stage.pk)
    if stage.kind != Kind.OPEN and not others.exists():
        return _("“%(stage)s” stays: a cycle must be able to end like this.") % {"stage": stage.name}
    return ""


class StageForm(forms.ModelForm):
    """Name, order and time limits may always change; slug, kind and pipeline not once the history names the stage."""

    class Meta:
        model = Stage
        fields = "__all__"  # noqa: DJ007 - the pages say which

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        slug, kind = data.get("slug", self.instance.slug), data.get("kind", self.instance.kind)
        fixed = [name for name in ("slug", "kind", "pipeline") if name in self.changed_data]
        if self.instance.pk and fixed and (self.initial.get("slug") in NAMED or was_entered(self.instance)):
            self.add_error(
                fixed[0], _("This stays as it is: history, rules and reports know the stage by it.")
            )
        if data.get("managers_only") and not _may_be_kept(slug, kind):
            self.add_error(
                "managers_only",
                _("Reps must be able to begin and to give back: keep a later open stage or “won”."),
            )
        return data


def _may_be_kept(slug: str, kind: str) -> bool:
    """Whether a stage may be kept for managers."""
    return kind == Kind.WON or (kind == Kind.OPEN and slug not in (TO_CONTACT, CONTACTING))


class RuleForm(forms.ModelForm):
    """One entry rule; a fact is chosen from a list, so that none is misspelt."""

    field = forms.ChoiceField(
        label=gettext_lazy("Which fact"), required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = StageRule
        fields = ("needs", "field")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = known_facts.choices()
        kept = self.instance.field
        if kept and kept not in dict(offered):  # of an archived field
            offered.append((kept, known_facts.labels([kept])[kept]))
        choice = self.fields["field"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "–"), *offered]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        asks = data.get("needs") == Needs.FACT
        if asks and not data.get("field"):
            self.add_error("field", _("Say which fact."))
        if not asks:
            data["field"] = ""
        return data


class RuleFormSet(BaseInlineFormSet):
    """The rules of one stage together."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        needs = {data.get("needs") for data in kept if not data.get("DELETE")} - {None}
        stage = self.instance
        if needs and stage.slug == TO_CONTACT:
            raise ValidationError(_("Every new prospect begins here: this stage can ask for nothing."))
        if stage.kind in ENDS_BY_REASON and needs - {Needs.REASON}:
            raise ValidationError(_("Whoever says no must be let go: this end can ask for a reason only."))
