"""What a form asks: its fields on the page of a landing page, custom fields, and the words people agree to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, PartTable, StaffAdmin
from campaigns.consent_texts import new_version, next_version, pages_with
from campaigns.models import ConsentText, CustomField, FormField

Maps = FormField.Maps


# Groups of a landing page's editor that are about its form.
FORM_GROUPS = (
    (
        _("How much it asks"),
        {
            "fields": (("most_asked", "phone_country"),),
            "description": _(
                "The fields are under Form fields. Who comes by their own link is asked only what is missing."
            ),
        },
    ),
    (
        _("Against junk"),
        {
            "fields": (("free_mailboxes", "throwaway_mailboxes"), "hourly_limit"),
            "description": _(
                "A trap field and a signed clock guard every form: what a machine sends waits in quarantine."
            ),
        },
    ),
)


class FieldLines(BaseInlineFormSet):
    """Lines that contradict each other are told at once, not only when the page is published."""

    def clean(self) -> None:
        super().clean()
        seen: set[Any] = set()
        for form in self.forms:
            line = form.cleaned_data if form.is_valid() else {}
            if not line or line.get("DELETE"):
                continue
            custom = line.get("custom_field")
            if (line["maps_to"] == Maps.CUSTOM) != (custom is not None):
                form.add_error(
                    "custom_field", _("Choose a custom field together with “a custom field”, or neither.")
                )
            key = custom.pk if custom else line["maps_to"]
            if key in seen:
                form.add_error("maps_to", _("The form asks this already, on a line above."))
            seen.add(key)


class FieldTable(PartTable):
    model = FormField
    formset = FieldLines
    tab = True
    ordering_field = "order"
    hide_ordering_field = True
    fields = ("maps_to", "custom_field", "label", "help_text", "required", "later", "choices", "order")
    verbose_name_plural = _("Form fields")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "custom_field":
            kwargs["queryset"] = CustomField.objects.in_use().filter(entity=CustomField.Entity.PERSON)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "choices" and field is not None:
            field.widget.attrs["rows"] = 2
        return field


class CustomFieldForm(forms.ModelForm):
    """A key is a word of forms, imports, mails and the API, so it must be one there too."""

    class Meta:
        model = CustomField
        fields = ("entity", "label", "key", "kind", "choices", "archived_at")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind") or self.instance.kind
        if kind == CustomField.Kind.CHOICE and not (data.get("choices") or "").strip():
            self.add_error("choices", _("A list needs its choices, one a line."))
        return data

    def clean_key(self) -> str:
        key = self.cleaned_data["key"].lower().replace("-", "_")
        if not key[:1].isalpha():
            raise ValidationError(_("A key begins with a letter, such as “plant_size”."))
        return key


@admin.register(CustomField)
class CustomFieldAdmin(ArchiveAdmin):
    form = CustomFieldForm
    list_display = ("label", "entity", "kind", "key", "archived_at")
    list_filter = ("entity", "kind")
    search_fields = ("label", "key")
    prepopulated_fields = {"key": ["label"]}
    fieldsets = (
        (
            None,
            {
                "fields": ("entity", "label", "key", "kind", "choices"),
                "description": _(
                    "Once saved, key and kind stay: answers are kept under the key, in the form of the kind. "
                    "In forms, imports, mails and the API its name is custom_ and the key."
                ),
            },
        ),
        (_("Put away"), {"fields": ("archived_at",), "classes": ["collapse"]}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("entity", "key", "kind") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields


@admin.register(ConsentText)
class ConsentTextAdmin(StaffAdmin):
    """Saving other words makes a new version and puts it on the pages; the old one stays as the evidence has it."""

    list_display = ("__str__", "purpose", "language", "version", "used_on", "created_at")
    list_filter = ("purpose", "language")
    search_fields = ("text",)
    readonly_fields = ("version", "where_used", "created_at")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        words = _(
            "The evidence of a consent points at the words of its day, so a saved text is never rewritten. "
            "Change the words here and save: that makes a new version and shows it on the same pages."
        )
        if obj is None:
            return ((None, {"fields": (("purpose", "language"), "text"), "description": words}),)
        shown = (("purpose", "language", "version"), "text", "where_used", "created_at")
        return ((None, {"fields": shown, "description": words}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "purpose", "language") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.version = next_version(purpose=obj.purpose, language=obj.language)
            super().save_model(request, obj, form, change)
        elif "text" in form.changed_data:
            self._next(request, obj, form)

    def _next(self, request: HttpRequest, obj: Any, form: Any) -> None:
        old = ConsentText.objects.get(pk=obj.pk)
        number = pages_with(old).count()
        new = new_version(text=old, words=obj.text, by=request.user, at=timezone.now())
        obj.pk, obj.version, obj.text = new.pk, new.version, new.text
        said = ngettext(
            "Version %(version)d is new and stands on %(number)d page.",
            "Version %(version)d is new and stands on %(number)d pages.",
            number,
        )
        messages.info(request, said % {"version": new.version, "number": number})

    @display(description=_("pages"))
    def used_on(self, text: ConsentText) -> int:
        return pages_with(text).count()

    @display(description=_("stands on"))
    def where_used(self, text: ConsentText) -> SafeString | str:
        pages = pages_with(text)
        links = (
            (reverse("admin:campaigns_landingpage_change", args=[page.pk]), page.title) for page in pages
        )
        listed = format_html_join("", '<li><a href="{}">{}</a></li>', links)
        return format_html("<ul>{}</ul>", listed) if listed else str(_("No page shows it now."))
