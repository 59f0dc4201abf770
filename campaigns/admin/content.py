"""What we publish: topics, kinds and assets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns import lifecycle
from campaigns.admin.base import ArchiveAdmin, OpenForDemand, ask
from campaigns.cover_files import cover_from_file, cover_from_upload
from campaigns.covers import DRAWINGS, PALETTES
from campaigns.models import Asset, AssetKind, Topic
from campaigns.signals import asset_reads_differently


@admin.register(Topic)
class TopicAdmin(ArchiveAdmin):
    list_display = ("name", "palette", "archived_at")
    search_fields = ("name",)
    ordering_field = "order"
    hide_ordering_field = True
    prepopulated_fields = {"slug": ["name"]}
    fields = ("name", "slug", "palette", "order")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "palette":
            names = [(name, name.removeprefix("cv-")) for name in sorted(PALETTES)]
            return forms.ChoiceField(
                choices=names,
                widget=UnfoldAdminSelectWidget,
                help_text=_("The colours of its covers in the library."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(AssetKind)
class AssetKindAdmin(ArchiveAdmin):
    list_display = ("name", "verb", "archived_at")
    search_fields = ("name",)
    ordering_field = "order"
    hide_ordering_field = True
    prepopulated_fields = {"slug": ["name"]}
    fields = ("name", "slug", "verb", "order")


@admin.register(Asset)
class AssetAdmin(ArchiveAdmin):
    form = OpenForDemand
    list_display = (
        "title",
        "kind",
        "topic",
        "gate",
        "journey_stage",
        "persona",
        "published_at",
        "where_used",
    )
    list_filter = (
        ("kind", AutocompleteSelectFilter),
        ("topic", AutocompleteSelectFilter),
        ("journey_stage", ChoicesDropdownFilter),
        "gated",
        "audience",
        "language",
    )
    search_fields = ("title", "summary")
    autocomplete_fields = ("kind", "topic", "persona")
    prepopulated_fields = {"slug": ["title"]}
    list_select_related = ("kind", "topic", "persona")
    readonly_fields = ("where_used",)
    actions_detail = ("publish", "put_away")
    fieldsets = (
        (
            _("What it is"),
            {
                "fields": (
                    "title",
                    "slug",
                    "summary",
                    ("kind", "topic"),
                    ("journey_stage", "persona"),
                    ("language", "length"),
                )
            },
        ),
        (
            _("Who gets it"),
            {
                "fields": (("audience", "gated"), "published_at", ("expires_on", "featured")),
                "description": _(
                    "A gated piece needs a landing page; without one the library does not list it. "
                    "An open piece is read in place."
                ),
            },
        ),
        (
            _("The piece itself"),
            {
                "fields": ("file", "link", "body"),
                "description": _(
                    "One of the three is enough. The file is never served without its own link."
                ),
            },
        ),
        (_("How it looks in the library"), {"fields": ("cover", "art")}),
        (_("Where it is used"), {"fields": ("where_used",)}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "link":
            kwargs["assume_scheme"] = "https"
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "art" and field:
            field.help_text = _(
                "Empty: the usual drawing of its kind. Else one of %(names)s; “figure −38 %%” draws the number."
            ) % {"names": ", ".join(sorted(DRAWINGS))}
        return field

    def view_on_site(self, asset: Asset) -> str | None:
        try:
            return reverse("asset", args=[asset.slug])
        except NoReverseMatch:
            return None

    def save_model(self, request: HttpRequest, obj: Asset, form: Any, change: bool) -> None:
        """The picture as it came is not kept: it is re-encoded in the sizes that pages ask for."""
        upload = form.cleaned_data.get("cover") if "cover" in form.changed_data else None
        if upload:
            obj.cover = Asset.objects.filter(pk=obj.pk).values_list("cover", flat=True).first() or ""
        super().save_model(request, obj, form, change)
        if change and {"kind", "journey_stage"} & set(form.changed_data):
            asset_reads_differently.send(sender=Asset, asset_id=obj.pk)
        if upload:
            ask(request, lambda: cover_from_upload(asset=obj, upload=upload))
        elif (
            ask(request, lambda: cover_from_file(asset=obj)) and obj.cover_of and "file" in form.changed_data
        ):
            messages.success(request, _("The cover is the first page of the PDF."))

    @display(description=_("gate"), label={"gated": "warning", "open": "success"}, ordering="gated")
    def gate(self, asset: Asset) -> tuple[str, Any]:
        return ("gated", _("gated")) if asset.gated else ("open", _("open"))

    @display(description=_("used on"))
    def where_used(self, asset: Asset) -> str:
        return ", ".join(page.title for page in asset.pages.all()) if asset.pk else "–"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("pages")

    @action(
        description=_("Publish"),
        url_path="publish",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("List it in the library?"),
            "description": _("Visitors see it from now on."),
            "form_class": None,
            "form_submit_text": _("Publish"),
        },
    )
    def publish(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        asset = self.object_or_404(request, object_id)
        ask(
            request,
            lambda: lifecycle.publish_asset(asset=asset, by=request.user, at=timezone.now()),
            done=_("It is in the library."),
        )
        return self.page_of(request, asset)

    @action(
        description=_("Archive"),
        url_path="put-away",
        permissions=["change"],
        dialog={
            "title": _("Take it out of the library?"),
            "description": _("Reports and the people who have it keep it."),
            "form_class": None,
            "form_submit_text": _("Archive"),
        },
    )
    def put_away(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        asset = self.object_or_404(request, object_id)
        ask(
            request,
            lambda: lifecycle.archive_asset(asset=asset, by=request.user, at=timezone.now()),
            done=_("Archived."),
        )
        return self.page_of(request, asset)
