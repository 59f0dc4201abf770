"""Segments: lines of conditions, how many people they hold now, some names, and what they are used for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, PartTable
from leads import segments
from leads.models import EntryRule, Mailing, Segment, SegmentCondition


class ConditionForm(forms.ModelForm):
    """A value that nobody can have is refused with what would do."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("field") and said.get("value") and not self.errors:
            line = SegmentCondition(field=said["field"], value=said["value"])
            if problem := segments.problem_of(line):
                self.add_error("value", problem)
        return said


class ConditionTable(PartTable):
    model = SegmentCondition
    form = ConditionForm
    fields = ("field", "negate", "value")
    min_num = 1
    validate_min = True
    verbose_name = _("line")
    verbose_name_plural = _("Who is in it: all lines must hold")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_min=True, **kwargs)


@admin.register(Segment)
class SegmentAdmin(ArchiveAdmin):
    list_display = ("name", "owner", "stored", "evaluated_at", "archived_at")
    search_fields = ("name",)
    list_select_related = ("owner",)
    inlines = (ConditionTable,)
    readonly_fields = ("people_now", "some_of_them", "used_by")
    fieldsets = (
        (
            None,
            {
                "fields": ("name",),
                "description": _(
                    "Several values in one line are separated by commas: any of them will do. Status: new, "
                    "nurturing … · grade: B2 means B2 or better · persona, channel, campaign: their short names · "
                    "country: NL, DE · last touch: a number of days. Only leads are in a segment."
                ),
            },
        ),
        (_("As saved"), {"fields": ("people_now", "some_of_them", "used_by")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Segment | None = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        return super().get_queryset(request).prefetch_related("conditions")

    def save_model(self, request: HttpRequest, segment: Segment, form: Any, change: bool) -> None:
        if not change:
            segment.owner = request.user  # type: ignore[assignment]
        segment.evaluated_at = None  # what is stored was of the lines before
        super().save_model(request, segment, form, change)

    @display(description=_("people, when last stored"))
    def stored(self, segment: Segment) -> str:
        return number_format(segment.members.count()) if segment.evaluated_at else "–"

    @display(description=_("people now"))
    def people_now(self, segment: Segment) -> str:
        return number_format(segments.count(segment))

    @display(description=_("some of them"))
    def some_of_them(self, segment: Segment) -> SafeString | str:
        names = [(person.name,) for person in segments.sample(segment)]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", names)) if names else "–"

    @display(description=_("used by"))
    def used_by(self, segment: Segment) -> SafeString | str:
        rules = EntryRule.objects.filter(segment=segment).select_related("sequence")
        mailings = Mailing.objects.filter(segment=segment).select_related("sequence")
        lines = [(_("lets people into"), rule.sequence, "" if rule.is_on else _("(off)")) for rule in rules]
        lines += [(_("mailing"), mailing, _day(mailing)) for mailing in mailings[:20]]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} {} {}</li>", lines)) if lines else "–"


def _day(mailing: Mailing) -> str:
    return f"{localtime(mailing.started_at):%Y-%m-%d}" if mailing.started_at else ""
