"""Whom we write for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.admin.base import ArchiveAdmin, PartTable
from campaigns.models import IdealProfile, IdealValue, Persona, PersonaRule, TargetDomain, TargetList
from campaigns.profile_lines import line_faults
from campaigns.signals import audience_changed


class JudgesLeads(ArchiveAdmin):
    """A page by which leads are judged: after a change each of them is looked at again."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            audience_changed.send(sender=self.model)

    @transaction.atomic
    def archive(self, request: HttpRequest, chosen: Any) -> None:
        super().archive(request, chosen)
        audience_changed.send(sender=self.model)

    @transaction.atomic
    def bring_back(self, request: HttpRequest, chosen: Any) -> None:
        super().bring_back(request, chosen)
        audience_changed.send(sender=self.model)

    archive.__dict__.update(ArchiveAdmin.archive.__dict__)
    bring_back.__dict__.update(ArchiveAdmin.bring_back.__dict__)


class LineForm(forms.ModelForm):
    """One line that looks at what is known; a line that could hold for nobody, or for everybody, is refused."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        words, low, high = cleaned.get("words") or "", cleaned.get("minimum"), cleaned.get("maximum")
        fact_name = (cleaned.get("fact_name") or "") if "fact_name" in self.fields else None
        for column, wrong in line_faults(
            field=cleaned.get("field") or "", words=words, minimum=low, maximum=high, fact_name=fact_name
        ):
            self.add_error(column, wrong)
        if not self.errors and not words and low is high is None:
            self.add_error("words", _("Write values, or * for any that is known."))
        return cleaned


class PersonaRules(PartTable):
    model = PersonaRule
    form = LineForm
    fields = ("field", "fact_name", "words", "minimum", "maximum", "order")
    ordering_field = "order"
    hide_ordering_field = True
    verbose_name = _("rule")
    verbose_name_plural = _("Where the job title says nothing: the first rule that holds says who it is")


@admin.register(Persona)
class PersonaAdmin(JudgesLeads):
    list_display = ("name", "title_words", "archived_at")
    search_fields = ("name", "title_words")
    prepopulated_fields = {"slug": ["name"]}
    inlines = (PersonaRules,)
    fieldsets = (
        (None, {"fields": ("name", "slug", "description")}),
        (
            _("How a lead gets this persona"),
            {
                "fields": ("title_words",),
                "description": _(
                    "A colleague's word comes first, then the longest words found in the job title, then the rules "
                    "below, those of all personas in one order. Who fits none stays as they are, or unknown."
                ),
            },
        ),
        (
            _("For the call"),
            {
                "fields": ("talking_points",),
                "description": _("What a rep should have at hand when one of them picks up the phone."),
            },
        ),
    )


class IdealValueTable(PartTable):
    model = IdealValue
    fields = ("field", "wish", "words", "minimum", "maximum", "exclusion")
    verbose_name = _("wanted value")
    verbose_name_plural = _("What a company and a role should be like")


@admin.register(IdealProfile)
class IdealProfileAdmin(ArchiveAdmin):
    """Only looked at: it is edited in one place, where it is also seen whom it fits."""

    list_display = ("name", "is_active", "archived_at")
    search_fields = ("name",)
    inlines = (IdealValueTable,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "is_active"),
                "description": _("The active profile is edited on the staff page “Ideal profile”."),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest, *of: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *of: Any) -> bool:
        return False


class TargetDomainTable(PartTable):
    model = TargetDomain
    fields = ("domain",)


@admin.register(TargetList)
class TargetListAdmin(ArchiveAdmin):
    list_display = ("name", "archived_at")
    search_fields = ("name", "domains__domain")
    inlines = (TargetDomainTable,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name",),
                "description": _("Companies we want, before we know anybody there: one mail domain a line."),
            },
        ),
    )
