"""The other words of a mail step: one for a persona, or B of a test. Reached from the step; not a page of the menu."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.admin.base import PartTable, StaffAdmin
from campaigns.models import SequenceStep, StepWording


class WordingLines(BaseInlineFormSet):
    """One wording a persona, and one B; said beside the line, not as an error of the database."""

    def clean(self) -> None:
        super().clean()
        seen: set[Any] = set()
        for form in self.forms:
            line = getattr(form, "cleaned_data", {})
            if not line or line.get("DELETE") or not line.get("template"):
                continue
            if line.get("persona") in seen:
                form.add_error("persona", _("There is a wording for them already, on a line above."))
            seen.add(line.get("persona"))


class WordingTable(PartTable):
    model = StepWording
    formset = WordingLines
    extra = 1
    fields = ("persona", "template")
    autocomplete_fields = ("template",)
    verbose_name_plural = _("Other words, and for whom")


@admin.register(SequenceStep)
class StepWordingAdmin(StaffAdmin):
    """One mail step: its usual words, those for a persona, and the test of a second wording."""

    inlines = (WordingTable,)
    readonly_fields = ("sequence_link", "usual")
    fieldsets = (
        (
            None,
            {
                "fields": ("sequence_link", "usual"),
                "description": _(
                    "A reader whose persona has words of its own gets those. Everybody else gets the usual words, "
                    "or half of them wording B while a test runs. A reader keeps what they were given once."
                ),
            },
        ),
        (
            _("Test of two wordings"),
            {
                "fields": (("test_mails", "test_measure"),),
                "description": _(
                    "Needs a line below without a persona: that is B. The number of mails is fixed when the step "
                    "is published; before both have gone out so often the live view shows no winner, because who "
                    "looks every day and stops at a good moment finds winners that are none."
                ),
            },
        ),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("sequence", "template")

    @display(description=_("sequence"))
    def sequence_link(self, step: SequenceStep) -> SafeString:
        url = reverse("admin:campaigns_sequence_change", args=[step.sequence_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, step.sequence)

    @display(description=_("usual words"))
    def usual(self, step: SequenceStep) -> SafeString | str:
        if step.template is None:
            return str(_("None yet: choose a template in the step first."))
        url = reverse("admin:campaigns_emailtemplate_change", args=[step.template_id])
        return format_html(
            '<a class="text-link" href="{}">{}</a>: {}', url, step.template, step.template.subject
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:campaigns_sequence_changelist"))

    def response_post_save_change(self, request: HttpRequest, obj: SequenceStep) -> HttpResponse:
        """Back to the sequence, where one came from."""
        return HttpResponseRedirect(reverse("admin:campaigns_sequence_change", args=[obj.sequence_id]))
