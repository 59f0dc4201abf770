"""The fields of a step as a marketer thinks of them: a span in its unit, days to tick, and only what the kind needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from campaigns import step_words
from campaigns.models import LooksAt, SequenceStep, StepKind, StepRule
from campaigns.models.archive import Archivable
from campaigns.step_words import DAY, WEEK

WHEN = ("delay_hours", "weekdays", "at_time")
ASKS = ("looks_at", "field", "compares", "value", "asset", "page", "topic", "within_days")
# What each kind of step has a use for; the rest is hidden by steps.js, and emptied when it is saved.
OF_KIND: dict[str, tuple[str, ...]] = {
    StepKind.MAIL: ("template", "next_piece", "other_words", *WHEN, "then"),
    StepKind.WAIT: (*WHEN, "then"),
    StepKind.WAIT_FOR: (*ASKS, "limit_hours", "then", "otherwise"),
    StepKind.BRANCH: (*ASKS, *WHEN, "then", "otherwise"),
    StepKind.FOLLOW_UP: ("rep_does", "note", *WHEN, "then"),
    StepKind.CHANGE: ("field", "value", "topic", *WHEN, "then"),
    StepKind.END: (),
}
# The same for what a branch or a wait asks.
OF_QUESTION: dict[str, tuple[str, ...]] = {
    "": (),
    LooksAt.CLICK: ("compares", "within_days"),
    LooksAt.DOWNLOAD: ("compares", "asset", "within_days"),
    LooksAt.PAGE: ("compares", "page", "within_days"),
    LooksAt.FORM: ("compares", "page", "within_days"),
    LooksAt.REPLY: ("compares", "within_days"),
    LooksAt.GRADE: ("compares", "value"),
    LooksAt.FIELD: ("field", "compares", "value"),
    LooksAt.CONSENT: ("compares", "value"),
    LooksAt.TOPIC: ("compares", "topic"),
    LooksAt.STATUS: ("compares", "value"),
    LooksAt.STAGE: ("compares", "value"),
}
EMPTY = {"delay_hours": 0, "next_piece": False, "compares": "is", "rep_does": StepRule.RepDoes.CALL}
UNITS = [(1, gettext_lazy("hours")), (DAY, gettext_lazy("days")), (WEEK, gettext_lazy("weeks"))]
DAYS = [
    ("1", gettext_lazy("Mon")),
    ("2", gettext_lazy("Tue")),
    ("3", gettext_lazy("Wed")),
    ("4", gettext_lazy("Thu")),
    ("5", gettext_lazy("Fri")),
    ("6", gettext_lazy("Sat")),
    ("7", gettext_lazy("Sun")),
]
CHOSEN = ("template", "asset", "page", "topic")  # rows of other tables, read once for all steps


class SpanWidget(forms.MultiWidget):
    """A number and its unit, side by side."""

    use_fieldset = True

    def __init__(self) -> None:
        number = UnfoldAdminIntegerFieldWidget(attrs={"min": 0, "aria-label": _("how many")})
        super().__init__([number, UnfoldAdminSelectWidget(attrs={"aria-label": _("unit")}, choices=UNITS)])

    def render(self, *args: Any, **more: Any) -> SafeString:
        return format_html('<div class="span-widget">{}</div>', super().render(*args, **more))

    def decompress(self, value: int | None) -> list[int | None]:
        if not value:
            return [value, DAY]
        unit = next(unit for unit, _words in reversed(UNITS) if value % unit == 0)
        return [value // unit, unit]


class SpanField(forms.MultiValueField):
    """Hours, typed as hours, days or weeks. Empty is `empty`."""

    widget = SpanWidget

    def __init__(self, *, empty: int | None, **more: Any) -> None:
        self.empty = empty
        number = forms.IntegerField(min_value=0, max_value=5000, required=False)
        unit = forms.TypedChoiceField(choices=UNITS, coerce=int, required=False, empty_value="1")
        super().__init__([number, unit], required=False, require_all_fields=False, **more)

    def compress(self, data_list: list[Any]) -> int | None:
        number, unit = data_list if data_list else (None, None)
        return self.empty if number in (None, "") else int(number) * int(unit or 1)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """A unit without a number says nothing: a line nobody filled in stays one."""
        try:
            return self.clean(data) != (initial or self.empty)
        except ValidationError:
            return True


class DaysWidget(forms.CheckboxSelectMultiple):
    """Ticks in one row."""

    def render(self, *args: Any, **more: Any) -> SafeString:
        return format_html('<div class="days-widget">{}</div>', super().render(*args, **more))


class DaysField(forms.MultipleChoiceField):
    """Days of the week as ticks; the column keeps their digits."""

    def __init__(self, **more: Any) -> None:
        ticks = DaysWidget(attrs={"class": " ".join(CHECKBOX_CLASSES)})
        super().__init__(choices=DAYS, required=False, widget=ticks, **more)

    def prepare_value(self, value: Any) -> list[str]:
        return list(value or "")

    def clean(self, value: Any) -> str:
        chosen = super().clean(value)
        return "" if len(chosen) == len(DAYS) else "".join(sorted(chosen))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(initial or "") != set(data or "")


class StepForm(forms.ModelForm):
    """One step. What its kind has no use for is emptied, so that a step never keeps a word nobody sees."""

    delay_hours = SpanField(empty=0, label=gettext_lazy("after the step before"), initial=0)
    limit_hours = SpanField(
        empty=None,
        label=gettext_lazy("wait at most"),
        help_text=gettext_lazy("Whoever has not done it by then goes the other way."),
    )
    weekdays = DaysField(
        label=gettext_lazy("only on"), help_text=gettext_lazy("None ticked: any day of the week.")
    )
    order = forms.IntegerField(
        label=gettext_lazy("place"),
        required=False,
        min_value=0,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Steps are walked by this number. Empty: at the end."),
    )

    class Meta:
        widgets = {
            "at_time": forms.TimeInput(
                format="%H:%M", attrs={"type": "time", "class": " ".join(INPUT_CLASSES)}
            )
        }
        labels = {"looks_at": gettext_lazy("asks whether they"), "kind": gettext_lazy("this step")}
        help_texts = {
            "then": "",
            "rep_does": gettext_lazy("Stands in their day under this sign, with the note below."),
            "otherwise": gettext_lazy("Also where a wait leads that ran out."),
            "value": gettext_lazy(
                "Grade: B2. Lead status: nurturing. Sales stage: proposal. Several with commas. For a topic: yes or no."
            ),
            "at_time": gettext_lazy("In the person’s own zone. Empty: as soon as the time has passed."),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if "rep_does" in self.fields:  # not for whom may only look
            self.fields["rep_does"].required = False  # only follow-ups ask it

    def clean_rep_does(self) -> str:
        return self.cleaned_data["rep_does"] or StepRule.RepDoes.CALL

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        used = {"kind", *OF_KIND.get(data.get("kind", ""), ())}
        if used & {"looks_at"}:
            used -= set(ASKS) - {"looks_at", *OF_QUESTION.get(data.get("looks_at") or "", ())}
        for name in {name for names in OF_KIND.values() for name in names} - used:
            if name in data:
                data[name] = EMPTY.get(name, "" if isinstance(data[name], str) else None)
                self.errors.pop(name, None)
        return data


class StepLines(BaseInlineFormSet):
    """All steps of a sequence: jumps lead to later steps of the same sequence, and new ones go to the end."""

    @cached_property
    def steps(self) -> list[SequenceStep]:
        """As they are saved, in order."""
        if self.instance.pk is None:
            return []
        with_parts = SequenceStep.objects.select_related(*CHOSEN).prefetch_related("wordings__persona")
        return list(with_parts.filter(sequence=self.instance).order_by("order", "pk"))

    @cached_property
    def words(self) -> dict[int, step_words.StepWords]:
        return step_words.of_working(self.steps)

    @cached_property
    def _wordings(self) -> dict[int, list[str]]:
        """Step id → for whom it has other words."""
        return {
            step.pk: [str(one.persona) if one.persona else "B" for one in step.wordings.all()]
            for step in self.steps
        }

    @cached_property
    def _chosen(self) -> dict[str, list[tuple[Any, str]]]:
        """Column → what can be chosen there, read once for all steps."""
        return {name: [("", "–"), *((row.pk, str(row)) for row in _in_use(name))] for name in CHOSEN}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        self._offer_steps(form)
        for name in CHOSEN:
            if name in form.fields:
                form.fields[name].choices = self._with_own(name, form.instance)
        if form.instance.pk in self.words:
            form.instance.words = self.words[form.instance.pk]
            form.instance.other_words = self._wordings[form.instance.pk]

    def _with_own(self, name: str, step: SequenceStep) -> list[tuple[Any, str]]:
        """What this step has already stays, archived or not."""
        own = getattr(step, name)
        found = self._chosen[name]
        return found if own is None or own.pk in dict(found) else [*found, (own.pk, str(own))]

    def _offer_steps(self, form: Any) -> None:
        """The later ones; a new step stands at the end, so it cannot jump."""
        own = self.words.get(form.instance.pk)
        place = own.position if own else len(self.steps)
        later = [
            (pk, f"{words.position}. {words.what}")
            for pk, words in self.words.items()
            if words.position > place or form.is_bound
        ]
        for name, nowhere in (("then", _("the next step")), ("otherwise", _("the end"))):
            if name in form.fields:
                form.fields[name].queryset = _none_but(self.words)
                form.fields[name].choices = [("", nowhere), *later]

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if hasattr(form, "cleaned_data") and not _goes(self, form)]
        last = max((form.cleaned_data.get("order") or 0 for form in kept), default=0)
        for form in kept:
            if form.cleaned_data.get("order") is None:
                last += 1
                form.instance.order = form.cleaned_data["order"] = last
        places = {form.instance.pk: form.cleaned_data["order"] for form in kept if form.instance.pk}
        for form in kept:
            self._only_forward(form, places)

    def _only_forward(self, form: Any, places: dict[int, int]) -> None:
        for name in ("then", "otherwise"):
            target = form.cleaned_data.get(name)
            if target is None:
                continue
            if target.pk not in places:
                form.add_error(name, _("This step is being taken out. Choose another one."))
            elif places[target.pk] <= form.cleaned_data["order"]:
                form.add_error(
                    name, _("Steps lead forward only: this one stands before or is the step itself.")
                )


def _goes(lines: Any, form: Any) -> bool:
    return lines._should_delete_form(form) or not (form.instance.pk or form.has_changed())


def _in_use(name: str) -> QuerySet[Any]:
    model = SequenceStep._meta.get_field(name).related_model
    rows: QuerySet[Any] = model._default_manager.all()
    return rows.filter(archived_at=None) if issubclass(model, Archivable) else rows  # type: ignore[arg-type]


def _none_but(ids: Any) -> QuerySet[SequenceStep]:
    return SequenceStep.objects.filter(pk__in=list(ids))
