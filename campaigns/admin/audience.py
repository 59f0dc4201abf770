"""Whom we write for."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns.admin.base import ArchiveAdmin, PartTable
from campaigns.models import IdealProfile, IdealValue, Persona, TargetDomain, TargetList


@admin.register(Persona)
class PersonaAdmin(ArchiveAdmin):
    list_display = ("name", "title_words", "archived_at")
    search_fields = ("name", "title_words")
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = (
        (None, {"fields": ("name", "slug", "description")}),
        (
            _("How a lead gets this persona"),
            {
                "fields": ("title_words",),
                "description": _("The first persona whose words stand in the job title wins."),
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
    list_display = ("name", "is_active", "archived_at")
    search_fields = ("name",)
    inlines = (IdealValueTable,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "is_active"),
                "description": _(
                    "One profile is active. Preferred values are shown beside a lead; an excluded value "
                    "keeps a lead from becoming marketing-qualified, whatever its score."
                ),
            },
        ),
    )


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
