"""The wording of mails."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, HistoryAdmin
from campaigns.mail.checks import check_template
from campaigns.models import EmailTemplate


@admin.register(EmailTemplate)
class EmailTemplateAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "subject", "language", "persona", "archived_at")
    list_filter = ("language", ("persona", AutocompleteSelectFilter))
    search_fields = ("name", "subject", "body")
    autocomplete_fields = ("persona",)
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ("problems",)
    fieldsets = (
        (_("For us"), {"fields": ("name", "slug", ("language", "persona"))}),
        (
            _("What the inbox shows"),
            {
                "fields": ("subject", "preheader"),
                "description": _("The preview line is what stands beside the subject, before it is opened."),
            },
        ),
        (
            _("The mail"),
            {
                "fields": ("body", "problems"),
                "description": _(
                    "Paragraphs, lists, links. {{ person.first_name }}, {{ person.company }} and "
                    "{{ owner.name }} are filled in; {{ person.first_name | default: 'there' }} says what "
                    "stands there when it is not known. A custom field is person.custom_ and its key. "
                    "The footer with the way out is added by itself."
                ),
            },
        ),
    )

    @display(description=_("what is wrong with it"))
    def problems(self, template: EmailTemplate) -> str:
        found = check_template(template.subject, template.body, template.preheader)
        return "; ".join(found) or str(_("Nothing found."))
