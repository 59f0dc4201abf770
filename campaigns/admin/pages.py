"""Landing pages: their blocks, their form, and who may see them when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns import lifecycle, wording
from campaigns.admin.base import HistoryAdmin, PartStack, ask, asks_first
from campaigns.admin.form import FORM_GROUPS, FieldTable
from campaigns.admin.preview import WithPreview
from campaigns.models import LandingPage, PageBlock, PageState


class BlockStack(PartStack):
    model = PageBlock
    tab = True
    ordering_field = "order"
    hide_ordering_field = True
    collapsible = True
    fields = (("kind", "note"), "heading", "text", "order")
    verbose_name_plural = _("Blocks")


@admin.register(LandingPage)
class LandingPageAdmin(WithPreview, HistoryAdmin):
    list_display = ("title", "state_label", "campaign", "asset", "inquiry", "language")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("campaign", AutocompleteSelectFilter),
        ("inquiry", ChoicesDropdownFilter),
        "language",
    )
    search_fields = ("title", "slug", "lead_text")
    autocomplete_fields = (
        "asset",
        "campaign",
        "offer",
        "sequence",
        "consent_text",
        "tracking_text",
        "translation_of",
    )
    prepopulated_fields = {"slug": ["title"]}
    list_select_related = ("campaign", "asset")
    readonly_fields = ("state_word", "still_missing")
    inlines = (BlockStack, FieldTable)
    actions_detail = ("publish", "back_to_draft", "put_away")
    fieldsets = (
        (
            _("What a visitor reads first"),
            {
                "fields": ("title", "lead_text", ("kicker", "facts_line")),
                "description": _(
                    "The headline says what the reader gets. The rest of the page is under Blocks."
                ),
            },
        ),
        (
            _("What it gives, and for which campaign"),
            {"fields": ("campaign", "asset", "offer", ("slug", "language"), "translation_of")},
        ),
        (
            _("For search engines and social networks"),
            {
                "fields": ("search_text", "social_image"),
                "description": _(
                    "The check beside the preview says what they would find wanting. A picture is cut to 1200 × 630."
                ),
            },
        ),
        (
            _("Who may see it when"),
            {
                "fields": ("state_word", "still_missing", "publish_from", "publish_until"),
                "description": _(
                    "A page is published by its button, and seen inside these times if there are any. Before them "
                    "nobody finds it; after them visitors read that it has ended."
                ),
            },
        ),
        (
            _("The words of the form"),
            {
                "fields": (("form_title", "button"), "form_note", "small_print"),
                "description": _("Which fields it asks for is under Form fields. Short forms are filled in."),
            },
        ),
        *FORM_GROUPS,
        (
            _("What happens after it is sent"),
            {
                "fields": (
                    "inquiry",
                    "sequence",
                    "consent_text",
                    "tracking_text",
                    "double_opt_in",
                    "thanks_text",
                ),
                "description": _(
                    "An inquiry goes to sales within seconds. A sequence starts only with consent."
                ),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: LandingPage, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if wording.running_test(obj) and set(form.changed_data) & set(wording.WORDS):
            messages.warning(
                request,
                _(
                    "A test of two wordings runs on this page. Visitors before and after this change read other words."
                ),
            )

    def view_on_site(self, page: LandingPage) -> str | None:
        if page.state != PageState.PUBLISHED:
            return None
        try:
            return reverse("landing", args=[page.slug])
        except NoReverseMatch:
            return None

    @display(
        description=_("state"),
        ordering="state",
        label={PageState.DRAFT: "info", PageState.PUBLISHED: "success", PageState.ARCHIVED: "warning"},
    )
    def state_label(self, page: LandingPage) -> tuple[str, Any]:
        return page.state, lifecycle.standing(page, at=timezone.now())

    @display(description=_("state"))
    def state_word(self, page: LandingPage) -> str:
        return lifecycle.standing(page, at=timezone.now())

    @display(description=_("before it can be published"))
    def still_missing(self, page: LandingPage) -> str:
        if not page.pk:
            return str(_("Save it first."))
        return "; ".join(lifecycle.missing_for_publishing(page, at=timezone.now())) or str(
            _("Nothing is missing.")
        )

    def buttons_for(self, page: LandingPage) -> set[str]:
        return {
            PageState.DRAFT: {"publish", "put_away"},
            PageState.PUBLISHED: {"back_to_draft", "put_away"},
            PageState.ARCHIVED: {"publish", "back_to_draft"},
        }[PageState(page.state)]

    def _ask(self, request: HttpRequest, object_id: str, verb: Any, done: Any) -> HttpResponse:
        page = self.object_or_404(request, object_id)
        ask(request, lambda: verb(page=page, by=request.user, at=timezone.now()), done=done)
        return self.page_of(request, page)

    @action(
        description=_("Publish"),
        url_path="publish",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asks_first(
            _("Show this page to visitors?"),
            _("What is saved goes out; what you have typed since does not."),
            button=_("Publish"),
        ),
    )
    def publish(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, lifecycle.publish_page, _("The page is public."))

    @action(
        description=_("Back to draft"),
        url_path="draft",
        permissions=["change"],
        dialog=asks_first(
            _("Take this page back to draft?"),
            _("Links that are out there will find nothing."),
            button=_("Back to draft"),
        ),
    )
    def back_to_draft(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, lifecycle.unpublish_page, _("The page is a draft again."))

    @action(
        description=_("Archive"),
        url_path="put-away",
        permissions=["change"],
        dialog=asks_first(
            _("Put this page away?"), _("Reports keep its name and its figures."), button=_("Archive")
        ),
    )
    def put_away(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, lifecycle.archive_page, _("The page is archived."))
